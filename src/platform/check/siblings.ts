import { WEB } from '../../model/formation.js';
import { serviceOf } from '../services/discovery.js';
import { appDomains } from '../services/web-urls.js';
import type { AppRecord } from '../store/apps.js';
import type { SpaceRecord } from '../store/spaces.js';
import type { Store } from '../store/store.js';

/** Apps of a space that are tried. */
const APPS_MOST = 50;

/** An app, and where the others of its space find it. */
export interface Sibling {
  readonly app: AppRecord;
  /** HOST:PORT. */
  readonly at: string;
  readonly domain: string;
}

/** What there is to be tried in a space. Within a snapshot. */
export function siblingsOf(
  store: Store,
  space: SpaceRecord,
): {
  /** The apps that have a web dyno that is up. */
  readonly siblings: readonly Sibling[];
  /** Of all apps, running or not. */
  readonly domains: readonly string[];
  /** How many apps are among neither. */
  readonly leftOut: number;
} {
  const domainOf = appDomains(store);
  const apps = store.apps.inSpace(space.name, '', APPS_MOST);
  const all = apps.map((app): Sibling => {
    const { host, port } = serviceOf(store, app);
    return { app, at: `${host}:${port}`, domain: domainOf(app.name, space) };
  });
  return {
    siblings: all.filter(({ app }) =>
      store.dynos.of(app.id).some(({ type, state }) => type === WEB && state === 'up'),
    ),
    domains: all.map(({ domain }) => domain),
    leftOut: store.apps.countIn(space.name) - apps.length,
  };
}
