import { AppsApiError } from '../../contract/errors.js';
import type { Session } from './session.js';

/** So many refusals of somebody are recorded at once. */
const AT_ONCE = 300;
/** And one more after each such time, in milliseconds: 14,400 a day. */
const EVERY = 6_000;

interface Account {
  /** For how long refusals may still be recorded, each of which takes some of it, in milliseconds. */
  readonly left: number;
  /** When that was so. */
  readonly at: number;
  /** Those since the last record that were answered without one. */
  readonly unrecorded: number;
}

const ACCOUNTS = new WeakMap<Session['store'], Map<string, Account>>();

/**
 * Holds refusals to what the audit log can take: each is a record, and whoever is refused what they like as often as they
 * like would fill the disk with them, until nobody could change anything. It is for who comes in by a token that is no
 * administrator's. Answers how many were not recorded since the last one that was.
 *
 * Throws an AppsApiError (429) for one too many: that is all they are told, and nothing is recorded.
 */
export function countRefusal({ store, caller, now }: Session): number {
  if (caller.role === 'admin' || !caller.origin.startsWith('tcp ')) return 0;
  const accounts = ACCOUNTS.get(store) ?? new Map<string, Account>();
  ACCOUNTS.set(store, accounts);
  const at = now().getTime();
  const before = accounts.get(caller.name) ?? { left: AT_ONCE * EVERY, at, unrecorded: 0 };
  const left = Math.min(AT_ONCE * EVERY, before.left + Math.max(0, at - before.at));
  if (left >= EVERY) {
    accounts.set(caller.name, { left: left - EVERY, at, unrecorded: 0 });
    return before.unrecorded;
  }
  accounts.set(caller.name, { left, at, unrecorded: before.unrecorded + 1 });
  throw new AppsApiError({
    id: 'too_many_refusals',
    status: 429,
    message: `${caller.name} was refused too often within a short time: for now they hear no more of what they may not.`,
    hint: 'Ask for what you may; in some seconds, more is answered.',
  });
}
