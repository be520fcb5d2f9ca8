import { createHmac } from 'node:crypto';
import { PAUSE_MOST, pauseAfter, verdictOn } from '../../model/hooks.js';
import { redactValue } from '../../model/redaction.js';
import type { Answered, Post } from '../hooks/post.js';
import type { DeliveryRecord, DeliveryStatus, HookRecord, Settled, Try } from '../store/hooks.js';
import type { Store } from '../store/store.js';
import { outsideMask, redactedText, redactionOf } from './redaction.js';
import type { Session } from './session.js';

/** So much of what a receiver answers is kept, of its body and of each header, in characters. */
const KEPT_OF = { body: 2000, header: 300 };

/** For how long calls that are over are kept, in milliseconds. */
const KEPT = 30 * 24 * 3_600_000;

/** A call whose time has come, with where it goes. */
export interface Due {
  readonly hook: HookRecord;
  readonly delivery: DeliveryRecord;
  readonly url: string;
  readonly secret: string;
}

/** The hooks with calls whose time has come; those that wait longest come first. */
export function hooksDue({ store, now }: Session): string[] {
  return store.hooks.due(...bounds(now()));
}

/** The next call of a hook; undefined if its time has not come, or the hook is gone. */
export function dueCall({ store, now }: Session, id: string): Due | undefined {
  const hook = store.hooks.find(id);
  const delivery = hook && store.hooks.next(id, ...bounds(now()));
  return hook && delivery && { hook, delivery, ...store.hooks.secretsOf(id) };
}

/** No pause is longer than the longest: what waits for a later time was told it by a clock that was wrong. */
function bounds(now: Date): [time: string, ahead: string] {
  return [now.toISOString(), new Date(now.getTime() + PAUSE_MOST + 60_000).toISOString()];
}

/** Forgets calls that were over long ago. */
export function forgetOldCalls({ store, now }: Session): void {
  const before = new Date(now().getTime() - KEPT).toISOString();
  store.db.transaction(() => store.hooks.forget(before));
}

/**
 * Calls a hook, and writes down what came of it: the call is over when the receiver took it, refused it, or was tried
 * too often. A process that is killed before that has it called again, with the same id.
 */
export async function deliverCall(
  session: Session,
  { hook, delivery, url, secret }: Due,
  post: Post,
  signal: AbortSignal,
): Promise<DeliveryStatus> {
  const { store, now } = session;
  const headers = headersOf(delivery, secret);
  const at = now();
  const begun = performance.now();
  const answered = await post({ url, headers, body: delivery.payload, reach: hook.reach }, signal);
  const duration = Math.round(performance.now() - begun);
  return store.db.transaction(() => {
    // Its app may be gone meanwhile, and what waits may have been given up.
    const current = store.hooks.delivery(delivery.id);
    if (current === undefined) return 'failed';
    const tries = [...current.tries, tryOf(store, answered, at, duration)];
    const { status, pause } = outcomeOf(answered, tries.length);
    const isOver = status !== 'pending' || current.nextAt === null;
    const settled: Settled = {
      status: isOver && status === 'pending' ? 'failed' : status,
      nextAt: isOver ? null : new Date(now().getTime() + pause).toISOString(),
      tries,
      answer: answerOf(store, hook, answered, { url, secret, headers }),
    };
    store.hooks.settle(delivery.id, settled, now().toISOString());
    if (isOver) store.hooks.forgetEnded();
    return settled.status;
  });
}

/** The headers of the Akkeris API, by both of its names, and a signature by a hash that nobody has broken. */
function headersOf({ id, event, payload }: DeliveryRecord, secret: string): Record<string, string> {
  const sha1 = `sha1=${createHmac('sha1', secret).update(payload).digest('hex')}`;
  return {
    'content-type': 'application/json',
    'user-agent': 'akkeris-hookshot',
    'x-akkeris-event': event,
    'x-akkeris-delivery': id,
    'x-akkeris-signature': sha1,
    'x-akkeris-signature-256': `sha256=${createHmac('sha256', secret).update(payload).digest('hex')}`,
    'x-appkit-event': event,
    'x-appkit-delivery': id,
    'x-appkit-signature': sha1,
  };
}

function tryOf(store: Store, { code, problem }: Answered, at: Date, duration: number): Try {
  const isRedirect = code !== null && code >= 300 && code <= 399;
  return {
    at: at.toISOString(),
    duration,
    code,
    problem: isRedirect
      ? 'It answered with a redirect, which is not followed.'
      : problem && redactedText(store, problem),
  };
}

function outcomeOf({ code }: Answered, tries: number): { status: DeliveryStatus; pause: number } {
  const verdict = code === null ? 'again' : verdictOn(code);
  const pause = pauseAfter(tries);
  if (verdict === 'taken') return { status: 'succeeded', pause: 0 };
  return verdict === 'again' && pause !== undefined
    ? { status: 'pending', pause }
    : { status: 'failed', pause: 0 };
}

/** What is kept of an answer, without what is secret: a receiver may say again what it was told, or keeps itself. */
function answerOf(
  store: Store,
  { app }: HookRecord,
  { headers, body }: Answered,
  sent: { readonly url: string; readonly secret: string; readonly headers: Readonly<Record<string, string>> },
): Settled['answer'] {
  const outside =
    store.apps.byId(app) === undefined
      ? (text: string) => redactedText(store, text)
      : outsideMask(store, app);
  // What is cut first may not be known for a secret any more.
  const mask = (text: string, most: number): string =>
    outside(text.replaceAll(sent.secret, '[redacted]')).slice(0, most);
  return {
    url: redactValue(sent.url, redactionOf(store)),
    request: sent.headers,
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, mask(value, KEPT_OF.header)]),
    ),
    body: mask(body, KEPT_OF.body),
  };
}
