import type { AppsApi } from '../contract/apps-api.js';
import type { PromotionTarget, Release } from '../contract/wire.js';
import { untilReleased } from './dynos-up.js';
import { Waiting } from './waiting.js';

/** Waits until what was promoted runs at every target; answers the releases. Throws a CommandError if one fails. */
export async function untilPromoted(
  api: AppsApi,
  targets: readonly PromotionTarget[],
  seconds: number,
): Promise<Release[]> {
  const released: Release[] = [];
  const waiting = new Waiting(seconds, { says: 'The promotion goes on.' });
  try {
    for (const { app, release } of targets) {
      if (release === null) continue;
      waiting.now({
        says: `Release v${release.version} of ${app.name} goes on.`,
        hint: `See what becomes of it: aka releases -a ${app.name}`,
      });
      released.push(await untilReleased(api, { app: app.name, release: release.id }, waiting));
    }
    return released;
  } finally {
    waiting.over();
  }
}
