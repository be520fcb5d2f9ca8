import { appKey } from '../../model/names.js';
import type { Route } from '../router/routes.js';
import { appDomains } from '../services/web-urls.js';
import type { AppRecord } from '../store/apps.js';
import type { Store } from '../store/store.js';
import type { Dyno } from './dyno.js';

/** Where requests for a host go; its dynos are named as the engine names their programs. */
export interface AppRoute extends Route {
  /** Of the app. */
  readonly id: string;
}

/** So many names that lead nowhere are remembered. */
const KNOWN_MOST = 10_000;

/** Which app a host name is, and which dynos answer for it now. What is found is remembered until something changes. */
export class RouteTable {
  readonly #answering = new Map<string, readonly Dyno[]>();
  readonly #found = new Map<string, { readonly app: AppRecord; readonly internal: boolean } | undefined>();

  constructor(private readonly store: Store) {}

  /** Says which dynos answer for an app. */
  answer(app: string, dynos: readonly Dyno[]): void {
    this.#answering.set(app, dynos);
  }

  remove(app: string): void {
    this.#answering.delete(app);
    this.forget();
  }

  /** Something may have changed about apps. */
  forget(): void {
    this.#found.clear();
  }

  /** By a host in lower case, without a port. */
  find(host: string): AppRoute | undefined {
    if (!this.#found.has(host)) {
      if (this.#found.size >= KNOWN_MOST) this.#found.clear();
      this.#found.set(host, this.look(host));
    }
    const found = this.#found.get(host);
    if (found === undefined) return undefined;
    const { app, internal } = found;
    return {
      id: app.id,
      app: app.name,
      space: app.space,
      key: appKey(app.name, app.space),
      internal,
      maintenance: app.maintenance,
      upstreams: (this.#answering.get(app.id) ?? []).map((dyno) => ({
        dyno: dyno.program,
        port: dyno.seat.port,
      })),
    };
  }

  private look(host: string): { app: AppRecord; internal: boolean } | undefined {
    const { store } = this;
    const label = host.split('.', 1)[0] ?? '';
    const [name = '', ...rest] = label.split('-');
    const spaceName = rest.length === 0 ? 'default' : rest.join('-');
    const space = store.spaces.find(spaceName);
    const app = space && store.apps.byName(name, space.name);
    if (space === undefined || app === undefined) return undefined;
    // A name that only looks like it, such as one under another base, is none.
    const isIt = appDomains(store)(app.name, space) === host;
    return isIt ? { app, internal: space.compliance.includes('internal') } : undefined;
  }
}
