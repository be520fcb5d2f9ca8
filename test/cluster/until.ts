import { setTimeout as delay } from 'node:timers/promises';

/** Resolves when something holds. Rejects after `ms`, naming what did not come to hold. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what: string,
  ms = 30_000,
): Promise<void> {
  const end = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`Not within ${ms / 1000} s: ${what}`);
    await delay(20);
  }
}
