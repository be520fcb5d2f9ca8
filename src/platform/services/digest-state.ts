import type { Space } from '../../contract/wire.js';
import { isMailReady } from '../../model/mail.js';
import type { Caller } from '../caller.js';
import type { SpaceRecord } from '../store/spaces.js';
import type { Store } from '../store/store.js';

/** Has digests made of a space that is just created, if it is socs: from its first record on. */
export function beginDigests({ digests, audit }: Store, space: SpaceRecord): void {
  if (!space.compliance.includes('socs')) return;
  digests.begin({
    spaceId: space.id,
    space: space.name,
    since: space.createdAt,
    after: audit.last()?.seq ?? 0,
  });
}

/**
 * How the digests of a space fare; undefined for one that isn't socs. What the mail server says, which names addresses,
 * is told to administrators only. Reads only once what spaces have in common.
 */
export function digestStates(
  store: Store,
  { role }: Pick<Caller, 'role'>,
): (space: SpaceRecord) => Space['digests'] {
  const settings = store.settings.all();
  return (space) => {
    const mark = store.digests.mark(space.id);
    if (mark === undefined) return undefined;
    const { waiting, since, answer } = store.digests.outbox(space.id);
    return {
      mailed: isMailReady(settings),
      period_hours: settings.mail_period_hours,
      recipients: settings.mail_to.length,
      next_at: nextAt(mark.since, settings.mail_period_hours),
      last_sent_at: store.digests.lastSentAt(space.id),
      waiting,
      waiting_since: since,
      answer:
        role === 'admin' || answer === null ? answer : 'administrators are told what the mail server said',
    };
  };
}

function nextAt(since: string, hours: number): string {
  return new Date(Date.parse(since) + hours * HOUR).toISOString();
}

/** In milliseconds. */
export const HOUR = 60 * 60 * 1000;
