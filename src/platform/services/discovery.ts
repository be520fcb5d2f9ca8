import type { Discovery } from '../../contract/wire.js';
import { serviceAddress } from '../../model/addresses.js';
import { DISCOVERY_BYTES_MAX, discoveryVars, environmentBytes } from '../../model/discovery.js';
import type { SpaceName } from '../../model/names.js';
import type { AppRecord } from '../store/apps.js';
import type { SpaceRecord } from '../store/spaces.js';
import type { Store } from '../store/store.js';
import { webUrls } from './web-urls.js';

/** Where the other apps of its space reach an app. */
export function serviceOf(store: Store, { address }: AppRecord): { host: string; port: number } {
  return serviceAddress(address, store.meta.pool, store.meta.networkMode);
}

/** How the apps of a space find each other. */
export function discoveryOf(store: Store, space: SpaceRecord): Discovery {
  const { networkMode: mode } = store.meta;
  const urlOf = webUrls(store);
  const apps = store.apps.inSpace(space.name).map((app) => ({
    id: app.id,
    name: app.name,
    ...serviceOf(store, app),
    web_url: urlOf(app.name, space),
  }));
  return {
    space: { id: space.id, name: space.name },
    mode,
    apps,
    bytes: environmentBytes(discoveryVars(apps)),
    bytes_max: DISCOVERY_BYTES_MAX,
  };
}

/** What the discovery vars of a space take in a dyno's environment, in bytes. */
export function discoveryBytes(store: Store, space: SpaceName): number {
  const services = store.apps.inSpace(space).map((app) => ({ name: app.name, ...serviceOf(store, app) }));
  return environmentBytes(discoveryVars(services));
}
