import { appDomain, webUrl } from '../../model/domains.js';
import type { SpaceRecord } from '../store/spaces.js';
import type { Store } from '../store/store.js';
import { stackFor } from './catalog.js';
import { remembered } from './remembered.js';

/** The domains of apps, looking up each stack only once. Within a snapshot. */
export function appDomains(store: Store): (app: string, space: SpaceRecord) => string {
  const stackOf = remembered((name) => stackFor(store, name));
  return (app, space) => {
    const { name: stack, base } = stackOf(space.stack);
    return appDomain(app, space, { stack, base });
  };
}

/** Where apps are reached: those of an internal space on the router's internal port. Within a snapshot. */
export function webUrls(store: Store): (app: string, space: SpaceRecord) => string {
  const domainOf = appDomains(store);
  const { router_port: port, internal_port: internalPort } = store.settings.all();
  return (app, space) =>
    webUrl(domainOf(app, space), space.compliance.includes('internal') ? internalPort : port);
}
