import { conflict } from '../../contract/errors.js';
import { appKey } from '../../model/names.js';
import type { AppRecord } from '../store/apps.js';
import type { Store } from '../store/store.js';
import { spaceFor } from './spaces.js';

/**
 * Refuses to release in a socs space what never passed its checks there. What runs, or is being released, may go on as
 * when its config changes: it may be from before there were checks.
 */
export function checkPassed(store: Store, app: AppRecord, slug: string): void {
  if (!spaceFor(store, app.space).compliance.includes('socs')) return;
  if (store.buildChecks.hasPassed(app.id, slug)) return;
  const goesOn = [store.releases.newest(app.id), store.releases.newest(app.id, 'succeeded')];
  if (goesOn.some((release) => release?.slug === slug)) return;
  const key = appKey(app.name, app.space);
  throw conflict(
    'never_checked',
    `What that release of ${key} runs never passed the checks of a socs space.`,
    `Build it there: aka deploy -a ${key}`,
  );
}
