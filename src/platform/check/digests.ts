import type { Space, SpacePromise } from '../../contract/wire.js';
import { mailPeriodText, SET_UP_MAIL } from '../../model/mail.js';
import { digestStates } from '../services/digest-state.js';
import type { Session } from '../services/session.js';
import type { SpaceRecord } from '../store/spaces.js';
import { broken, kept } from './verdict.js';

/** How late a digest may be, in milliseconds: mail servers are down now and then. */
const LATE = 24 * 60 * 60 * 1000;

/** That the digests of a socs space reach administrators. Other spaces promise nothing. */
export function tryDigests({ store, caller, now }: Session, space: SpaceRecord): SpacePromise[] {
  const state = digestStates(store, caller)(space);
  return state === undefined ? [] : [reaching(state, now())];
}

function reaching(state: NonNullable<Space['digests']>, now: Date): SpacePromise {
  if (!state.mailed) {
    return broken('digests', 'no mail server, sender and administrators are set', SET_UP_MAIL);
  }
  const isLate = (since: string): boolean => now.getTime() - Date.parse(since) > LATE;
  if (state.waiting_since !== null && isLate(state.waiting_since)) {
    return broken(
      'digests',
      // Whoever may have the space checked reads it; what the mail server said is in spaces:info, for administrators.
      `${state.waiting} in the outbox since ${state.waiting_since}`,
      'aka platform:configure --smtp-test',
    );
  }
  if (isLate(state.next_at)) {
    return broken('digests', `the one of ${state.next_at} was not made`, 'aka platform:logs');
  }
  const last = state.last_sent_at === null ? `first at ${state.next_at}` : `last at ${state.last_sent_at}`;
  const to = `${state.recipients} ${state.recipients === 1 ? 'address' : 'addresses'}`;
  return kept('digests', `every ${mailPeriodText(state.period_hours)} to ${to}, ${last}`);
}
