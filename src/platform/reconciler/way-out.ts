import type { Socket } from 'node:net';
import type { EgressProxy } from '../engine/egress.js';
import { type DynoRef, EGRESS_PORT, GATEWAY_HOST } from '../engine/engine.js';
import { serviceOf } from '../services/discovery.js';
import type { AppRecord } from '../store/apps.js';
import type { Store } from '../store/store.js';

/** What never goes through the proxy: the dyno itself, and every domain below `localhost`. */
const NEAR = ['localhost', '.localhost', '127.0.0.1', '::1', GATEWAY_HOST];

/**
 * The vars that tell programs in a space where the way out is; none if the platform is sealed, or if dynos are in the
 * machine's own network anyway. Names and addresses of the space itself are left out of it. Within a snapshot.
 */
export function egressVars(store: Store, space: AppRecord['space']): Readonly<Record<string, string>> {
  if (store.meta.networkMode !== 'subnet' || store.settings.all().egress === 'sealed') return {};
  const proxy = `http://${GATEWAY_HOST}:${EGRESS_PORT}`;
  const domains = store.catalog.stacks().map(({ base }) => `.${base}`);
  const siblings = store.apps.inSpace(space).map((app) => serviceOf(store, app).host);
  const services = store.allowedHosts.of(space).map(({ name }) => name);
  const near = [...new Set([...NEAR, ...domains, ...services, ...siblings])].join(',');
  // Some programs know only the one spelling, some only the other.
  return {
    HTTP_PROXY: proxy,
    HTTPS_PROXY: proxy,
    NO_PROXY: near,
    http_proxy: proxy,
    https_proxy: proxy,
    no_proxy: near,
  };
}

/**
 * The door between dynos and the machines outside: open or sealed, as administrators set it. It looks at the setting
 * for every connection, and `look` ends those that a change of it left behind.
 */
export class WayOut {
  readonly #open = new Set<Socket>();

  constructor(
    private readonly store: Store,
    private readonly proxy: Pick<EgressProxy, 'serve'>,
  ) {}

  /** Takes a connection that a dyno made to the proxy. */
  serve(from: DynoRef, socket: Socket): void {
    if (this.#isSealed) {
      refuse(socket);
      return;
    }
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    this.proxy.serve(from, socket);
  }

  /** To be called when the settings may have changed. */
  look(): void {
    if (this.#isSealed) this.close();
  }

  /** Ends every connection. */
  close(): void {
    for (const socket of this.#open) socket.destroy();
  }

  get #isSealed(): boolean {
    return this.store.settings.all().egress === 'sealed';
  }
}

const SEALED = 'This platform is sealed: nothing gets out of its spaces.\n';

/** Answers the request that is to come; it would be lost if it came after the end. */
function refuse(socket: Socket): void {
  socket.on('error', () => socket.destroy());
  socket.setTimeout(REFUSING, () => socket.destroy());
  socket.once('data', () => {
    socket.end(
      `HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nContent-Length: ${SEALED.length}\r\nConnection: close\r\n\r\n${SEALED}`,
    );
    socket.resume();
  });
  socket.once('end', () => socket.destroySoon());
}

/** How long a program may take to say what it wanted and to go, in milliseconds. */
const REFUSING = 10_000;
