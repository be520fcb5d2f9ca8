import type { Socket } from 'node:net';
import { isLoopback } from '../../model/addresses.js';

/** A healthy web dyno and the port that it serves. */
export interface Upstream {
  readonly dyno: string;
  readonly port: number;
}

/** What a host name leads to, as it is now. */
export interface Route {
  readonly app: string;
  readonly space: string;
  /** `app-space`. */
  readonly key: string;
  /** Whether its space is internal: then only the internal listener and dynos of that space know it. */
  readonly internal: boolean;
  /** Whether only programs of this machine that are no dynos know it, on the public listener. */
  readonly local?: true;
  readonly maintenance: boolean;
  readonly upstreams: readonly Upstream[];
}

/** Asked for every request, so it must be quick; what it answers may change from one request to the next. */
export interface Routes {
  /** The route of a host name in lower case, without a port. */
  find(host: string): Route | undefined;
}

/** Connects to a port of a dyno; rejects when the connection is refused. */
export type Dial = (dyno: string, port: number) => Promise<Socket>;

/** Where a connection came from, which decides what it can see. `address` and `port` go into X-Forwarded-*. */
export type Origin =
  | { readonly door: 'public'; readonly address: string; readonly port: number }
  | { readonly door: 'internal'; readonly address: string; readonly port: number; readonly allowed: boolean }
  | { readonly door: 'dyno'; readonly address: string; readonly port: number; readonly space: string };

/**
 * The route that a host name has for a connection. One that it must not see is as unknown to it as a name that
 * nobody has.
 */
export function visibleRoute(routes: Routes, host: string, origin: Origin): Route | undefined {
  const route = routes.find(host);
  return route !== undefined && isVisible(route, origin) ? route : undefined;
}

function isVisible(route: Route, origin: Origin): boolean {
  if (route.local === true) return origin.door === 'public' && isLoopback(origin.address);
  switch (origin.door) {
    case 'public':
      return !route.internal;
    case 'internal':
      return route.internal && origin.allowed;
    case 'dyno':
      // Public apps are reached as from anywhere; nothing else passes between spaces.
      return !route.internal || route.space === origin.space;
  }
}
