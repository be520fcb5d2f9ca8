import type { AppsApi } from '../contract/apps-api.js';
import type { Build, PromotionTarget, Release } from '../contract/wire.js';
import { untilReleased } from './dynos-up.js';
import { buildRefused, missingChecks, unfinishedChecks } from './status-view.js';
import { Waiting } from './waiting.js';

/**
 * Waits until what was promoted runs at every target, where checks come first also for those; answers the releases.
 * Throws a CommandError if one of them fails.
 */
export async function untilPromoted(
  api: AppsApi,
  targets: readonly PromotionTarget[],
  seconds: number,
): Promise<Release[]> {
  const released: Release[] = [];
  const waiting = new Waiting(seconds, { says: 'The promotion goes on.' });
  try {
    for (const { app, release, build } of targets) {
      const made =
        release ?? (build === null ? undefined : await untilPassed(api, app.name, build.id, waiting));
      if (made == null) continue;
      waiting.now({
        says: `What was promoted to ${app.name} is being released.`,
        hint: `See what becomes of it: aka releases -a ${app.name}`,
      });
      released.push(await untilReleased(api, { app: app.name, release: made.id }, waiting));
    }
    return released;
  } finally {
    waiting.over();
  }
}

/** Waits for the checks of a build that has nothing else to wait for; answers its release. */
async function untilPassed(
  api: AppsApi,
  app: string,
  build: string,
  waiting: Waiting,
): Promise<Build['release']> {
  const over = await waiting.until(async () => {
    const it = await api.builds.get({ app, build });
    if (missingChecks(it).length === 0 && it.status !== 'pending') return it;
    waiting.now(unfinishedChecks(it));
    return undefined;
  });
  if (over.status === 'failed') throw buildRefused(over);
  return over.release;
}
