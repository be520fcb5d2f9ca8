import type { Discovery, StaleVars } from '../../contract/wire.js';
import { serviceAddress } from '../../model/addresses.js';
import { DISCOVERY_BYTES_MAX, discoveryVars, environmentBytes } from '../../model/discovery.js';
import { dynoName } from '../../model/formation.js';
import { type AppName, appKey, type SpaceName } from '../../model/names.js';
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
    stale: staleVars(store, space.name),
  };
}

/** Destroyed apps of a space that dynos still have the discovery vars of, by name, with these dynos. */
export function staleVars(store: Store, space: SpaceName): StaleVars[] {
  const found = new Map<string, StaleVars>();
  for (const { app, address, by, type, number } of store.leftAddresses.holders(space)) {
    const { host } = serviceAddress(address, store.meta.pool, store.meta.networkMode);
    const stale = found.get(app) ?? { name: app, host, held_by: [] };
    found.set(app, stale);
    stale.held_by.push({ app: appKey(by as AppName, space), dyno: dynoName(type, number) });
  }
  return [...found.values()];
}

/** What the discovery vars of a space take in a dyno's environment, in bytes. */
export function discoveryBytes(store: Store, space: SpaceName): number {
  const services = store.apps.inSpace(space).map((app) => ({ name: app.name, ...serviceOf(store, app) }));
  return environmentBytes(discoveryVars(services));
}
