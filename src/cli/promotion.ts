import type { AppsApi } from '../contract/apps-api.js';
import type { Build, PromotionTarget, Release } from '../contract/wire.js';
import { untilReleased } from './dynos-up.js';
import { buildRefused, missingText, unfinishedChecks } from './status-view.js';
import { Waiting } from './waiting.js';

/**
 * Waits until what was promoted runs at every target, where checks come first also for those; answers the releases.
 * Throws a CommandError if one of them fails.
 */
export async function untilPromoted(
  api: AppsApi,
  targets: readonly PromotionTarget[],
  { seconds, say }: { readonly seconds: number; readonly say: (what: string) => void },
): Promise<Release[]> {
  const released: Release[] = [];
  const waiting = new Waiting(seconds, { says: 'The promotion goes on.' });
  try {
    for (const { app, release, build } of targets) {
      const made =
        release ??
        (build === null
          ? undefined
          : await untilPassed(api, { app: app.name, build: build.id }, waiting, say));
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
  key: { readonly app: string; readonly build: string },
  waiting: Waiting,
  say: (what: string) => void,
): Promise<Build['release']> {
  let said = '';
  const over = await waiting.until(async () => {
    const it = await api.builds.get(key);
    const missing = missingText(it);
    if (missing === '' && it.status !== 'pending') return it;
    if (missing !== said) say(`${key.app} waits for ${missing}`);
    said = missing;
    waiting.now(unfinishedChecks(it));
    return undefined;
  });
  if (over.status === 'failed') throw buildRefused(over);
  return over.release;
}
