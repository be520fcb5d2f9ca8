import { connect, type Socket } from 'node:net';
import { CONSOLE_LABEL } from '../../contract/console.js';
import type { Route, Routes } from '../router/routes.js';
import { consoleHost } from '../services/sessions.js';
import { consoleSocketOf, type Store } from '../store/store.js';

/** What the router knows the process by that serves the console: no dyno has such a name. */
const SERVER = 'console';

const ROUTE: Route = {
  app: CONSOLE_LABEL,
  space: '',
  key: CONSOLE_LABEL,
  internal: false,
  local: true,
  maintenance: false,
  upstreams: [{ dyno: SERVER, port: 0 }],
};

/** The routes of apps, and that of the console. An app that had its domain before it was reserved keeps it. */
export function withConsole(routes: Routes, store: Store): Routes {
  return { find: (host) => routes.find(host) ?? (host === consoleHost(store) ? ROUTE : undefined) };
}

/** A connection to what serves the console; undefined for a dyno. */
export function dialConsole(dyno: string, dataDir: string): Promise<Socket> | undefined {
  if (dyno !== SERVER) return undefined;
  return new Promise((resolve, reject) => {
    const socket = connect(consoleSocketOf(dataDir), () => {
      socket.off('error', reject);
      resolve(socket);
    });
    socket.once('error', reject);
  });
}
