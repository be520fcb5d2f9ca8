import { discoveryVarApp, utf8Length } from './discovery.js';
import { holdsRedacted, REDACTED } from './redaction.js';
import { quote, Refusal, RuleError } from './rule.js';

/** A var that the platform sets. */
export interface PlatformVar {
  /** What gets it: every dyno, or every build and nothing that runs later. */
  readonly when: 'dyno' | 'build';
  /** What it holds, as in "it is ...". */
  readonly is: string;
}

/** Vars the platform sets; nobody else may. */
export const PLATFORM_VARS: Readonly<Record<string, PlatformVar>> = {
  PORT: { when: 'dyno', is: 'the port on which the app must answer http requests' },
  AKKERIS_APPLICATION: { when: 'dyno', is: 'the name of the app with its space, app-space' },
  AKKERIS_DEPLOYMENT: { when: 'dyno', is: 'the name of the app without its space' },
  AKKERIS_SPACE: { when: 'dyno', is: 'the space the app runs in' },
  AKKERIS_GIT_SHA1: { when: 'build', is: 'the commit that is built' },
  AKKERIS_GIT_BRANCH: { when: 'build', is: 'the branch that is built' },
  AKKERIS_GIT_REPO: { when: 'build', is: 'the repository that is built' },
};

export const CONFIG_NAME_MAX = 128;
/** A single string of a Linux environment, name and value, in bytes (MAX_ARG_STRLEN, execve(2)). */
export const CONFIG_VALUE_MAX = 128 * 1024 - CONFIG_NAME_MAX - 2;

/** Who sets a config var of an app. */
export type ConfigVarOwner = 'platform' | 'discovery' | 'user';

/** The value of a var; undefined if it isn't set. It may be called `constructor`, which every object answers to. */
export function valueOf(vars: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(vars, name) ? vars[name] : undefined;
}

/** What the platform sets under this name; undefined if nothing. */
export function platformVar(name: string): PlatformVar | undefined {
  return Object.hasOwn(PLATFORM_VARS, name) ? PLATFORM_VARS[name] : undefined;
}

/** Who sets a var of this name, whether or not it could be set: any other name is the users'. */
export function configVarOwner(name: string): ConfigVarOwner {
  if (platformVar(name) !== undefined) return 'platform';
  return discoveryVarApp(name) === undefined ? 'user' : 'discovery';
}

/** Throws a {@link RuleError} if no var can have this name, whoever sets it. */
export function checkVarForm(name: string): void {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || name.length > CONFIG_NAME_MAX) {
    throw new RuleError(
      'invalid_config_name',
      // What has other characters may be a value in the wrong place.
      `${/^[A-Za-z_.-]{1,32}$/.test(name) ? quote(name) : 'One of the names'} is not a name for a config var.`,
      `Letters, digits and underscores are allowed, no digit first, at most ${CONFIG_NAME_MAX} characters.`,
    );
  }
}

/** Throws a {@link RuleError} if users can't set a config var of this name, and says who does. */
export function checkConfigName(name: string): void {
  checkVarForm(name);
  const facts = platformVar(name);
  if (facts !== undefined) {
    throw new Refusal(
      'reserved_config_var',
      `${name} is set by the platform and can't be changed.`,
      `It is ${facts.is}.`,
    );
  }
  const app = discoveryVarApp(name);
  if (app !== undefined) {
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
