import type { Post, Posted } from '../mail/smtp.js';
import type { Attempt, DigestRecord } from '../store/digests.js';
import { change } from './change.js';
import { digestMessage } from './digest-message.js';
import { HOUR } from './digest-state.js';
import { mailServer } from './mail.js';
import type { Session } from './session.js';

/** How long nobody else tries to mail a digest that somebody tries to, in milliseconds: longer than an attempt takes. */
const LEASE = 3 * 60_000;
/** Between two attempts at a digest, in milliseconds: twice as long each time, up to a bound. */
const PAUSE = { first: 60_000, most: 4 * HOUR };

/** What came of looking into the outbox. */
export type Delivered =
  /** There is nothing to mail now, or no way to. */
  | 'nothing'
  | 'sent'
  /** The mail server was there and didn't take it for everybody. */
  | 'refused'
  /** It wasn't there. */
  | 'unreachable';

/**
 * Mails a digest of the outbox: that named, or the one that waits the longest. It leaves the outbox only when the mail
 * server took it for every administrator; a process that is killed before that has it sent again, as the same mail.
 */
export async function deliver(
  session: Session,
  post: Post,
  { messageId, signal }: { readonly messageId?: string; readonly signal?: AbortSignal } = {},
): Promise<Delivered> {
  const { store, now } = session;
  const server = mailServer(store);
  if (server === undefined) return 'nothing';
  const from = now();
  const after = (ms: number): string => new Date(from.getTime() + ms).toISOString();
  // No pause is longer: what waits for a later time was told it by a clock that was wrong.
  const bounds = { leasedUntil: after(LEASE), ahead: after(PAUSE.most + LEASE) };
  const digest = store.db.transaction(() => store.digests.take(from.toISOString(), bounds, messageId));
  if (digest === undefined) return 'nothing';
  const to = server.settings.mail_to.filter((address) => !digest.reached.includes(address));
  const message = store.db.snapshot(() => digestMessage(store, digest));
  const posted =
    to.length === 0
      ? { reached: [], answered: true, answer: digest.answer ?? 'everybody has it' }
      : await post(server, message, to, signal);
  settle(session, digest, posted, posted.reached.length === to.length, signal?.aborted === true);
  if (posted.reached.length === to.length) return 'sent';
  return posted.answered ? 'refused' : 'unreachable';
}

/** Writes down what came of an attempt; what was sent is recorded, too. */
function settle(
  session: Session,
  { messageId, space, reached, attempts }: DigestRecord,
  posted: Posted,
  isDone: boolean,
  isStopped: boolean,
): void {
  const { store, now } = session;
  const at = now();
  const all = [...reached, ...posted.reached];
  const pause = isStopped ? 0 : pauseAfter(attempts);
  const attempt: Attempt = {
    reached: all,
    answer: posted.answer,
    nextAt: new Date(at.getTime() + pause).toISOString(),
    sentAt: isDone ? at.toISOString() : null,
  };
  if (!isDone) return store.db.transaction(() => store.digests.settle(messageId, attempt));
  change(session, { action: 'digest.deliver', input: {}, about: { space } }, (draft) => {
    store.digests.settle(messageId, attempt);
    draft.details = { message_id: messageId, recipients: all.length, attempts };
  });
}

/** How long after so many attempts the next one comes, in milliseconds. */
export function pauseAfter(attempts: number): number {
  return Math.min(PAUSE.most, PAUSE.first * 2 ** Math.min(attempts - 1, 20));
}
