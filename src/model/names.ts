import { quote, Refusal, RuleError, shown } from './rule.js';

/** A space's name that follows the rules; made by {@link parseSpaceName} only. */
export type SpaceName = string & { readonly __rule: 'SpaceName' };
/** An app's name within its space; made by {@link parseAppName} only. */
export type AppName = string & { readonly __rule: 'AppName' };
/** An app's name in the whole platform, `app-space`. */
export type AppKey = string & { readonly __rule: 'AppKey' };

export const SPACE_NAME_LENGTH = { min: 2, max: 40 } as const;
/** `app-space` is one DNS label (RFC 1035, 2.3.4). */
export const APP_KEY_MAX = 63;
/** Akkeris installations allow this much for `app-space`. */
export const AKKERIS_APP_KEY_MAX = 24;
/** The one space that is there from the start, and the only one that is left out of domains. */
export const DEFAULT_SPACE = 'default';

/** Names of the systems that Akkeris runs on, and words that a flag's value would be taken for. */
const RESERVED_SPACES: ReadonlySet<string> = new Set([
  'akkeris',
  'akkeris-system',
  'brokers',
  'cert-manager',
  'istio-system',
  'k2-poc',
  'kube-node-lease',
  'kube-public',
  'kube-system',
  'kubernetes',
  'localhost',
  'platform',
  'internal',
  'prod',
  'socs',
]);

/**
 * Parses the name of a space that is to be created; upper case is folded.
 *
 * The rule: a letter first, then letters, digits and single dashes, no dash at the end, 2 to 40 characters, and not
 * a reserved word. Throws a {@link RuleError} that says which part is broken.
 */
export function parseSpaceName(input: string): SpaceName {
  const name = input.toLowerCase();
  const fault = malformation(input);
  if (fault !== undefined) {
    const suggestion = suggestSpaceName(name);
    throw new RuleError(
      'invalid_space_name',
      `${quote(input)} is not a name for a space: ${fault}.`,
      suggestion === undefined ? SPACE_RULE : `${SPACE_RULE} Try ${suggestion}.`,
    );
  }
  if (isReservedSpace(name)) {
    throw new Refusal(
      'reserved_space_name',
      `${quote(name)} is reserved.`,
      'Choose another name for the space.',
    );
  }
  return name as SpaceName;
}

/** Why {@link parseSpaceName} would refuse a name, in a few words; undefined if it wouldn't. */
export function spaceNameFault(input: string): string | undefined {
  return malformation(input) ?? (isReservedSpace(input.toLowerCase()) ? 'it is reserved' : undefined);
}

function malformation(input: string): string | undefined {
  const name = input.toLowerCase();
  const { min, max } = SPACE_NAME_LENGTH;
  if (name === '') return 'it is empty';
  if (/[^A-Za-z0-9-]/.test(input)) return 'only letters, digits and dashes are allowed';
  if (!/^[a-z]/.test(name)) return 'it must begin with a letter';
  if (name.endsWith('-')) return 'it must not end with a dash';
  if (name.includes('--')) return 'two dashes in a row are not allowed';
  if (name.length < min) return `it is shorter than ${min} characters`;
  if (name.length > max) return `it has ${name.length} characters, ${name.length - max} too many`;
  return undefined;
}

const SPACE_RULE = 'A space is named with 2 to 40 letters, digits and single dashes, a letter first.';

/** Whether no space may have this name because a system or a flag's value has it. */
export function isReservedSpace(name: string): boolean {
  return RESERVED_SPACES.has(name) || name.startsWith('kube-');
}

/** The nearest legal name, if there is one worth proposing. */
function suggestSpaceName(name: string): string | undefined {
  const folded = name
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, SPACE_NAME_LENGTH.max)
    .replace(/-+$/, '');
  return folded.length >= SPACE_NAME_LENGTH.min && folded !== name && !isReservedSpace(folded)
    ? folded
    : undefined;
}

/**
 * Parses the name of an app that is to be created in `space`; upper case is folded.
 *
 * The rule: a letter, then letters and digits - no dash, so that `app-space` splits one way and the discovery vars
 * are legal names in a shell - and `app-space` at most `keyMax` characters (63; 24 on Akkeris).
 * Throws a {@link RuleError}; for a length it says how much is left.
 */
export function parseAppName(input: string, space: string, keyMax = APP_KEY_MAX): AppName {
  const name = input.toLowerCase();
  if (name === 'internal' && space === DEFAULT_SPACE) {
    throw new Refusal(
      'reserved_app_name',
      `An app named ${name} in space ${space} would have the domain below which all internal apps are.`,
      'Choose another name, or another space.',
    );
  }
  if (name === 'console' && space === DEFAULT_SPACE) {
    throw new Refusal(
      'reserved_app_name',
      `An app named ${name} in space ${space} would have the domain of the web console.`,
      'Choose another name, or another space.',
    );
  }
  const left = keyMax - space.length - 1;
  const bad = (why: string, hint: string): RuleError =>
    new RuleError('invalid_app_name', `${quote(input)} is not a name for an app: ${why}.`, hint);
  if (!/^[A-Za-z][A-Za-z0-9]*$/.test(input)) {
    const folded = name
      .replace(/[^a-z0-9]/g, '')
      .replace(/^[0-9]+/, '')
      .slice(0, Math.max(0, left));
    throw bad(
      'only letters and digits are allowed, a letter first',
      `The name becomes part of a config var (${(folded || 'web').toUpperCase()}_SERVICE_HOST), so it has no dash.${
        folded === '' ? '' : ` Try ${folded}.`
      }`,
    );
  }
  if (name.length > left) {
    throw bad(
      `${shown(`${name}-${space}`)} has ${name.length + 1 + space.length} characters, the limit is ${keyMax}`,
      left > 0
        ? `In space ${shown(space)}, ${left} characters are left for an app's name.`
        : `The name of space ${shown(space)} leaves no room for apps here; use a shorter space name.`,
    );
  }
  return name as AppName;
}

/** How many characters the name of a space leaves for those of its apps; 0 if it can hold none at all. */
export function roomForApps(space: string, keyMax: number): number {
  return Math.max(0, keyMax - space.length - 1);
}

/** Throws a {@link RuleError} if a space of this name could hold no app on a platform where keys have so many characters. */
export function checkRoomForApps(space: string, keyMax: number): void {
  if (roomForApps(space, keyMax) > 0) return;
  throw new RuleError(
    'invalid_space_name',
    `${shown(space)} leaves no room for apps: on this platform app and space together have at most ${keyMax} characters with the dash between them, and this has ${space.length} of them.`,
    `Choose a name of at most ${keyMax - 2} characters; shorter ones leave more for its apps.`,
  );
}

/** The platform-wide name of an app. */
export function appKey(app: AppName, space: SpaceName): AppKey {
  return `${app}-${space}` as AppKey;
}

/**
 * Splits `app-space` at its first dash: an app's name has none. Answers undefined for text that is no key.
 * Lenient about the space's name, which another platform may have allowed.
 */
export function splitAppKey(key: string): { app: string; space: string } | undefined {
  const dash = key.indexOf('-');
  return dash > 0 && dash < key.length - 1
    ? { app: key.slice(0, dash), space: key.slice(dash + 1) }
    : undefined;
}

/** Whether this is an id, by which whatever has a name can be named as well. */
export function isId(key: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(key);
}
