import { type Compliance, orderCompliance } from './compliance.js';
import { checkVarForm } from './config-vars.js';
import { isId } from './names.js';
import { redactText } from './redaction.js';
import { quote, Refusal, RuleError } from './rule.js';

/** The one addon service that is built in: vars with secret values, kept in one place for several apps. */
export const CREDENTIALS = {
  id: '5a5ac3a1-6e2c-4d0b-9f0a-6d1f0f5c1e01',
  name: 'credentials',
  title: 'Shared credentials',
  summary: 'vars with secret values that several apps share',
  /** When this service was first offered. */
  since: '2026-11-23T00:00:00.000Z',
} as const;

/** How a credential may be used, as people name it. */
export const LEVELS = ['production', 'general'] as const;
export type Level = (typeof LEVELS)[number];

/** What an addon service offers; an addon keeps its plan for life. */
export interface Plan {
  readonly id: string;
  /** `service:plan`. */
  readonly name: string;
  readonly level: Level;
  readonly summary: string;
  /** What a space must have for its apps to get an addon of this plan. */
  readonly compliance: readonly Compliance[];
}

export const PLANS: readonly Plan[] = [
  {
    id: '5a5ac3a1-6e2c-4d0b-9f0a-6d1f0f5c1e02',
    name: `${CREDENTIALS.name}:production`,
    level: 'production',
    summary: 'for apps in prod spaces only',
    compliance: ['prod'],
  },
  {
    id: '5a5ac3a1-6e2c-4d0b-9f0a-6d1f0f5c1e03',
    name: `${CREDENTIALS.name}:general`,
    level: 'general',
    summary: 'for apps in any space, unless it belongs to an app in a prod or socs space',
    compliance: [],
  },
];

/** The plan with this name or id; undefined if there is none. */
export function planNamed(key: string): Plan | undefined {
  return PLANS.find(({ id, name }) => key === id || key === name);
}

/** The name of the plan for a level. */
export function planOf(level: Level): string {
  return `${CREDENTIALS.name}:${level}`;
}

/** What of the compliance of its owner's space an addon takes to wherever it is attached. */
const CARRIED: readonly Compliance[] = ['socs', 'prod'];

/**
 * What a space must have for its apps to get an addon: what its plan requires, and what makes the space of its owner
 * a prod or socs space. One that belongs to no app (`owner` undefined) requires what its plan does. It is settled when
 * the addon is created, for neither its plan nor the compliance of a space ever changes.
 */
export function requiredBy(
  plan: readonly Compliance[],
  owner: readonly Compliance[] | undefined,
): Compliance[] {
  return orderCompliance([...plan, ...CARRIED.filter((each) => owner?.includes(each))]);
}

/** What of the required compliance a space lacks, in the stored order. */
export function lackingIn(space: readonly string[], required: readonly Compliance[]): Compliance[] {
  return orderCompliance(required.filter((each) => !space.includes(each)));
}

const CREDENTIAL_NAME_LENGTH = { min: 2, max: 40 } as const;
const CREDENTIAL_NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/** Parses the name of a credential that is to be created; upper case is folded. Throws a {@link RuleError}. */
export function parseCredentialName(input: string): string {
  const name = input.toLowerCase();
  const { min, max } = CREDENTIAL_NAME_LENGTH;
  // What looks like an id would be found as one.
  if (CREDENTIAL_NAME.test(name) && name.length >= min && name.length <= max && !isId(name)) return name;
  throw new RuleError(
    'invalid_credential_name',
    `${quote(input)} is not a name for a credential.`,
    `It begins with a letter, has letters, digits and single dashes, and ${min} to ${max} of them: payments, mail-relay.`,
  );
}

/** So many vars a credential. */
const KEYS_MAX = 100;
const PREFIX_MAX = 60;

/** Throws a {@link RuleError} if a credential can't have vars of these names. */
export function checkCredentialKeys(keys: readonly string[]): void {
  if (keys.length === 0) {
    throw new RuleError(
      'no_vars',
      'A credential needs a var at least.',
      'Write KEY=VALUE, or KEY=- to be asked for the value.',
    );
  }
  if (keys.length > KEYS_MAX) {
    throw new Refusal(
      'too_many_vars',
      `A credential can have ${KEYS_MAX} vars; these are ${keys.length}.`,
      'Keep what belongs to something else in a credential of its own.',
    );
  }
  // Names that are taken are no matter here: with a prefix, PORT is one like any other.
  for (const key of keys) checkVarForm(key);
}

/** What the vars of a credential begin with in an app, unless told. */
export function prefixOf(credential: string): string {
  return credential.toUpperCase().replaceAll('-', '_');
}

/** Throws a {@link RuleError} if names of vars can't begin like this. */
export function checkPrefix(prefix: string): void {
  // A token has the form of a name, too; there it would be shown to everybody.
  const isPlain = redactText(prefix) === prefix;
  if (isPlain && /^[A-Za-z_][A-Za-z0-9_]*$/.test(prefix) && prefix.length <= PREFIX_MAX) return;
  throw new RuleError(
    'invalid_prefix',
    `${quote(redactText(prefix))} is not what the names of vars can begin with.`,
    `Letters, digits and underscores are allowed, no digit first, at most ${PREFIX_MAX} characters: DB, PAYMENTS.`,
  );
}

/** The name that a var of a credential has in an app. */
export function varOf(prefix: string, key: string): string {
  return `${prefix}_${key}`;
}
