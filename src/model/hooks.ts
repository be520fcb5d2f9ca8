import { isLoopback } from './addresses.js';
import { nearest } from './nearest.js';
import { holdsRedacted, REDACTED } from './redaction.js';
import { Refusal, RuleError, shown } from './rule.js';

/** Something that can happen to an app, which hooks can be called for. */
export interface HookEvent {
  readonly type: HookEventType;
  readonly description: string;
  /** Whether it happens on this platform. */
  readonly happens: boolean;
}

/** What hooks are called for, by the names of the Akkeris API. */
export const HOOK_EVENTS = [
  {
    type: 'addon_change',
    description: 'A credential of the app is created or destroyed; not when one is attached or detached.',
    happens: true,
  },
  {
    type: 'build',
    description: 'A build is asked for (pending), and again when it has succeeded or failed.',
    happens: true,
  },
  {
    type: 'config_change',
    description: 'Config vars are created, updated or deleted; what is secret of their values is not told.',
    happens: true,
  },
  {
    type: 'crashed',
    description: 'A dyno ended so often in a row that it is not started again.',
    happens: true,
  },
  { type: 'destroy', description: 'The app is destroyed, for good.', happens: true },
  { type: 'feature_change', description: 'A feature of the app is switched on or off.', happens: false },
  {
    type: 'formation_change',
    description: 'A process type is created, changed, scaled or removed.',
    happens: true,
  },
  { type: 'logdrain_change', description: 'A log drain is added or removed.', happens: false },
  {
    type: 'pipeline_promotion',
    description: 'Something is promoted to the app from another app of its pipeline.',
    happens: true,
  },
  { type: 'preview', description: 'A preview of the app is created.', happens: false },
  { type: 'preview-released', description: 'A preview of the app is released.', happens: false },
  {
    type: 'release',
    description: 'A release begins, whatever made it; and again, as failed, if its dynos do not get well.',
    happens: true,
  },
  {
    type: 'released',
    description: 'The dynos of a release are well and get the requests; once for each process type.',
    happens: true,
  },
  {
    type: 'security_scan',
    description: 'An external scanner has something to report of the app.',
    happens: false,
  },
  { type: 'updated', description: 'Description, labels or maintenance of the app change.', happens: true },
] as const satisfies readonly {
  readonly type: string;
  readonly description: string;
  readonly happens: boolean;
}[];

export type HookEventType = (typeof HOOK_EVENTS)[number]['type'];

/** What a hook is called for when somebody tries it; nobody need ask for it. */
export const PING = 'ping';

/** Which events a change is, by the action of its audit record; whether it is one depends on what the record says. */
const EVENTS_OF: Readonly<Record<string, readonly HookEventType[]>> = {
  'app.update': ['updated'],
  'app.destroy': ['destroy'],
  'config.change': ['config_change', 'release'],
  'formation.create': ['formation_change'],
  'formation.update': ['formation_change'],
  'formation.destroy': ['formation_change'],
  'credential.create': ['addon_change', 'release'],
  'credential.destroy': ['addon_change', 'release'],
  'credential.attach': ['release'],
  'credential.detach': ['release'],
  'credential.rotate': ['release'],
  'build.create': ['build'],
  'build.stop': ['build'],
  'build.finish': ['build', 'release'],
  'build.status': ['build', 'release'],
  'build.refuse': ['build'],
  'build.overrule': ['build', 'release'],
  'release.create': ['release'],
  'release.finish': ['release', 'released'],
  'dyno.crash': ['crashed'],
  'pipeline.promote': ['pipeline_promotion', 'build', 'release'],
};

/** The events that a change may be, in the order in which they are told. */
export function eventsOf(action: string): readonly HookEventType[] {
  return Object.hasOwn(EVENTS_OF, action) ? (EVENTS_OF[action] as readonly HookEventType[]) : [];
}

/** Longer ones are no address of anything. In characters. */
const URL_MAX = 2048;

/** How long a secret may be, in characters. */
const SECRET_MAX = 1024;

/** Takes the names of events, each once and in the order of the list. Throws a {@link RuleError} for one that is none. */
export function parseHookEvents(names: readonly string[]): HookEventType[] {
  const types: readonly string[] = HOOK_EVENTS.map(({ type }) => type);
  const wanted = names.map((name) => name.trim().toLowerCase());
  const unknown = wanted.find((name) => !types.includes(name));
  if (unknown !== undefined) {
    const near = nearest(unknown, types);
    throw new RuleError(
      'unknown_event',
      `${shown(unknown) || 'Nothing'} is no event that a hook can be called for.`,
      `${near === undefined ? '' : `Did you mean ${near}? `}All of them: aka hooks:events`,
    );
  }
  if (wanted.length === 0) {
    throw new RuleError(
      'no_event',
      'A hook is called for one event at least.',
      'All of them: aka hooks:events',
    );
  }
  return HOOK_EVENTS.map(({ type }) => type).filter((type) => wanted.includes(type));
}

/** Those of some events that never happen on this platform. */
export function silentEvents(events: readonly string[]): string[] {
  return HOOK_EVENTS.filter(({ type, happens }) => !happens && events.includes(type)).map(({ type }) => type);
}

/**
 * Takes the URL of a hook. Throws a {@link RuleError} for one that would be called in the clear over a network, holds a
 * user or a password, or could not be a URL at all; it shows nothing of it, for what is secret may be anywhere.
 */
export function parseHookUrl(text: string): URL {
  if (holdsRedacted(text)) {
    throw new Refusal(
      'redacted_value',
      `The URL of a hook can't hold ${REDACTED}: that is what is shown in place of a secret.`,
      'Write the real one, or leave it as it is.',
    );
  }
  // What is shown must be what is called: of these, parsing a URL leaves out some, wherever they stand.
  const isPlain = text.length <= URL_MAX && !/[\s\p{Cc}\p{Cf}]/u.test(text);
  const url = isPlain && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) {
    throw invalidUrl(`The URL of a hook must be one, of at most ${URL_MAX} characters and without blanks.`);
  }
  const isConfidential = url.protocol === 'https:' || (url.protocol === 'http:' && isThisMachine(url));
  if (!isConfidential) {
    throw invalidUrl(
      'The URL of a hook must begin with https://; with http:// it may be one of this machine only.',
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw invalidUrl(
      'The URL of a hook must not hold a user or a password.',
      'Who is called knows by the signature who calls: give it a secret.',
    );
  }
  return url;
}

/** The host of a URL as it is looked up: without the brackets of an IPv6 address, and without a dot at its end. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}

/** Whether a URL is of this machine by its name, as all names below `localhost` are (RFC 6761, 6.3). */
export function isThisMachine(url: URL): boolean {
  const host = hostOf(url);
  return isLoopback(host) || host.endsWith('.localhost');
}

/** Throws a {@link RuleError} if nothing can be signed with a secret; never shows it. */
export function checkHookSecret(secret: string): void {
  if (secret !== '' && secret.length <= SECRET_MAX && !holdsRedacted(secret) && !secret.includes('\0'))
    return;
  throw new RuleError(
    'invalid_secret',
    `The secret of a hook has 1 to ${SECRET_MAX} characters, none of them a NUL, and is not ${REDACTED}.`,
    'One is made with: openssl rand -hex 32',
  );
}

/** How often a call is tried before it is given up: for about a day. */
export const TRIES_MAX = 13;

/** Between two tries, in milliseconds: three times as long each time, up to a bound. */
const PAUSE = { first: 10_000, most: 4 * 3_600_000 };

/** How long after so many tries the next one comes, in milliseconds; undefined if none does. */
export function pauseAfter(tries: number): number | undefined {
  return tries >= TRIES_MAX ? undefined : Math.min(PAUSE.most, PAUSE.first * 3 ** (tries - 1));
}

/** The longest pause. */
export const PAUSE_MOST = PAUSE.most;

/**
 * What an answer comes to: taken, to be tried again (the receiver is overloaded, or failed), or refused for good. A
 * redirect is not followed, so it is a refusal.
 */
export function verdictOn(code: number): 'taken' | 'again' | 'refused' {
  if (code >= 200 && code <= 299) return 'taken';
  return code >= 500 || [408, 425, 429].includes(code) ? 'again' : 'refused';
}

function invalidUrl(message: string, hint?: string): RuleError {
  return new RuleError('invalid_hook_url', message, hint);
}
