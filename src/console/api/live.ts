import { reachable } from './call.js';
import { Observable } from './observable.js';

/** A change of the platform that the caller may see: what of it is shown anew, nothing more. */
export interface Change {
  readonly seq: number;
  readonly action: string;
  readonly space: string | null;
  readonly app: string | null;
  readonly at: string;
}

/** What pages hear of: a change, that anything may have changed, or that it is time to look. */
export type News = Change | 'anything' | 'poll';

type Listener = (news: News) => void;

const POLL_MS = 5000;
/** How long to poll before the feed is tried again. */
const RETRY_MS = 60_000;

/** How pages hear of changes: `live` by the feed of the platform, or by `polling` where it has none. */
export const liveState = new Observable<'connecting' | 'live' | 'polling'>('connecting');

const listeners = new Set<Listener>();

/** Calls `listener` for every change from now on; returns what ends that. */
export function onChange(listener: Listener): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

/** Tells pages that something changed: what this page did itself is shown without waiting for the feed. */
export function announce(news: News = 'anything'): void {
  for (const listener of listeners) listener(news);
}

/** Follows the changes of the platform until what it returns is called. */
export function followChanges(): () => void {
  let source: EventSource | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let ended = false;
  let isConnectedBefore = false;

  const connect = (): void => {
    source = new EventSource('/events');
    source.addEventListener('hello', () => {
      // What happened between two connections may not be repeated.
      if (isConnectedBefore) announce();
      isConnectedBefore = true;
      reachable.set(true);
      liveState.set('live');
    });
    source.addEventListener('change', (event) => {
      const change = changeIn(event);
      if (change !== undefined) announce(change);
    });
    source.addEventListener('error', () => {
      // While it connects again by itself there is nothing to do; a status other than 200 closes it.
      if (source?.readyState !== EventSource.CLOSED) return liveState.set('connecting');
      liveState.set('polling');
      if (!ended) retry = setTimeout(connect, RETRY_MS);
    });
  };
  const poll = setInterval(() => {
    if (liveState.value !== 'live' && document.visibilityState === 'visible') announce('poll');
  }, POLL_MS);
  // A page in the background polls nothing; it catches up when somebody looks at it.
  document.addEventListener('visibilitychange', lookAgain);
  connect();
  return () => {
    ended = true;
    source?.close();
    clearTimeout(retry);
    clearInterval(poll);
    document.removeEventListener('visibilitychange', lookAgain);
    liveState.set('connecting');
  };
}

function lookAgain(): void {
  if (document.visibilityState === 'visible') announce();
}

function changeIn(event: Event): Change | undefined {
  const { seq, action, space, app, at } = dataOf(event) ?? {};
  if (typeof seq !== 'number') return undefined;
  return { seq, action: textOf(action) ?? '', space: textOf(space), app: textOf(app), at: textOf(at) ?? '' };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function dataOf(event: Event): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse((event as MessageEvent<string>).data);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
