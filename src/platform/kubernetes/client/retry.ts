import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds before retry `failures`: doubled each time up to `max`, with up to a third less so that clients spread. */
export function backoff(failures: number, { first = 200, max = 30_000 } = {}): number {
  const full = Math.min(max, first * 2 ** Math.min(failures, 20));
  return Math.round(full * (1 - Math.random() / 3));
}

/** Waits, or less if the signal comes. Never rejects. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => {});
}
