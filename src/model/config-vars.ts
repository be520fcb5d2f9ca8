import { discoveryVarApp, utf8Length } from './discovery.js';
import { holdsRedacted, REDACTED } from './redaction.js';
import { quote, Refusal, RuleError } from './rule.js';

/** Vars the platform sets for every dyno or build; nobody else may. */
export const PLATFORM_VARS = {
  PORT: 'the port on which the app must answer http requests',
  AKKERIS_APPLICATION: 'the name of the app with its space, app-space',
  AKKERIS_DEPLOYMENT: 'the name of the app without its space',
  AKKERIS_SPACE: 'the space the app runs in',
  AKKERIS_GIT_SHA1: 'the commit of a build, while it builds',
  AKKERIS_GIT_BRANCH: 'the branch of a build, while it builds',
  AKKERIS_GIT_REPO: 'the repository of a build, while it builds',
} as const;

export const CONFIG_NAME_MAX = 128;
/** A single string of a Linux environment, name and value, in bytes (MAX_ARG_STRLEN, execve(2)). */
export const CONFIG_VALUE_MAX = 128 * 1024 - CONFIG_NAME_MAX - 2;

/** Who sets a config var of an app. */
export type ConfigVarOwner = 'platform' | 'discovery' | 'user';

export function configVarOwner(name: string): ConfigVarOwner {
  if (Object.hasOwn(PLATFORM_VARS, name)) return 'platform';
  return discoveryVarApp(name) === undefined ? 'user' : 'discovery';
}

/** Throws a {@link RuleError} if users can't set a config var of this name, and says who does. */
export function checkConfigName(name: string): void {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || name.length > CONFIG_NAME_MAX) {
    throw new RuleError(
      'invalid_config_name',
      // What has other characters may be a value in the wrong place.
      `${/^[A-Za-z_.-]{1,32}$/.test(name) ? quote(name) : 'One of the names'} is not a name for a config var.`,
      `Letters, digits and underscores are allowed, no digit first, at most ${CONFIG_NAME_MAX} characters.`,
    );
  }
  const owner = configVarOwner(name);
  if (owner === 'platform') {
    throw new Refusal(
      'reserved_config_var',
      `${name} is set by the platform and can't be changed.`,
      `It is ${PLATFORM_VARS[name as keyof typeof PLATFORM_VARS]}.`,
    );
  }
  if (owner === 'discovery') {
    const app = discoveryVarApp(name);
    throw new Refusal(
      'shadows_discovery',
      `${name} is how an app named ${app} is found in its space, so it can't be set by hand.`,
      'Choose another name; the discovery vars of a space are shown by: aka spaces:env SPACE',
    );
  }
}

/** Throws a {@link RuleError} if a value can't be stored; never shows the value. */
export function checkConfigValue(name: string, value: string): void {
  if (holdsRedacted(value)) {
    throw new Refusal(
      'redacted_value',
      `${name} can't be set to a value that holds ${REDACTED}: that is what is shown in place of a secret.`,
      'Write the real value, or leave the var as it is.',
    );
  }
  if (value.includes('\0') || /\p{Surrogate}/u.test(value)) {
    throw new RuleError(
      'invalid_config_value',
      `The value of ${name} holds a NUL or half a character, which no environment can.`,
    );
  }
  if (utf8Length(value) > CONFIG_VALUE_MAX) {
    throw new RuleError(
      'invalid_config_value',
      `The value of ${name} is longer than the ${CONFIG_VALUE_MAX} bytes that fit into an environment.`,
      'Put large content into a file or a store, and its address into the config var.',
    );
  }
}
