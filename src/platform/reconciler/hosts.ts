import type { SpaceName } from '../../model/names.js';
import { GATEWAY_HOST, type HostsEntry } from '../engine/engine.js';
import { spaceFor } from '../services/spaces.js';
import { appDomains } from '../services/web-urls.js';
import type { Store } from '../store/store.js';

/** Where a program finds the platform's router: its own loopback address, which leads there. */
const ROUTER_HOST = '127.0.0.1';

/**
 * The domains of the apps of a space, as programs in it find them. `*.localhost` needs this: curl and browsers take it
 * for the machine itself without asking, but resolvers know no such name.
 */
export function domainHosts(store: Store, name: SpaceName): HostsEntry[] {
  const space = spaceFor(store, name);
  const domainOf = appDomains(store);
  const names = store.apps.inSpace(name).map((app) => domainOf(app.name, space));
  return names.length === 0 ? [] : [{ host: ROUTER_HOST, names }];
}

/** The services of this machine that the dynos of a space may reach, by the names they have there. */
export function allowedHosts(store: Store, name: SpaceName): HostsEntry[] {
  const names = [...new Set(store.allowedHosts.of(name).map((each) => each.name))];
  return names.length === 0 ? [] : [{ host: GATEWAY_HOST, names }];
}
