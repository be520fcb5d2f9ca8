import { notFound } from '../../contract/errors.js';
import { appKey } from '../../model/names.js';
import type { AppRecord } from '../store/apps.js';
import type { BuildRecord } from '../store/builds.js';
import type { Store } from '../store/store.js';

/** The build with this number or id. */
export function buildFor(store: Store, app: AppRecord, key: string): BuildRecord {
  const found = /^\d{1,9}$/.test(key)
    ? store.builds.byNumber(app.id, Number(key))
    : store.builds.byId(key.toLowerCase());
  if (found?.app === app.id) return found;
  const name = appKey(app.name, app.space);
  throw notFound('build', key, undefined, `The builds of ${name}: aka builds -a ${name}`);
}
