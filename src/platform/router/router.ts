import { type AddressInfo, BlockList, isIPv6, type Server, type Socket } from 'node:net';
import { AppsApiError, conflict } from '../../contract/errors.js';
import { errorCode } from '../../model/error-code.js';
import { shown } from '../../model/rule.js';
import { listening } from '../server/listening.js';
import type { Authority } from './authority.js';
import { openCertificates, type StackDomain } from './certificates.js';
import { Clients, clientAddress } from './clients.js';
import { Dynos } from './dynos.js';
import { Exchange, type Exchanges, type RequestRecord } from './exchange.js';
import { type Front, type FrontOptions, openFront } from './front.js';
import { LIMITS, type Limits } from './limits.js';
import { redirectServer } from './redirect.js';
import type { Dial, Origin, Routes } from './routes.js';

/** Where clients look for plain HTTP that name no port. */
export const HTTP_PORT = 80;

/** An address to listen on. Port 0 takes any free one. */
export interface Listen {
  readonly host: string;
  readonly port: number;
  /** A port of plain HTTP on the same address, which sends clients to https. */
  readonly redirectPort?: number | undefined;
}

export interface RouterOptions {
  readonly routes: Routes;
  readonly dial: Dial;
  readonly authority: Authority;
  /** The stacks, as they are at the moment, whose certificates it serves; clients that name none get that of the first one. */
  readonly stacks: () => readonly StackDomain[];
  readonly listeners: {
    readonly public: Listen;
    /** For apps of internal spaces: clients outside of these networks (CIDR) find none there. */
    readonly internal?: (Listen & { readonly allow: readonly string[] }) | undefined;
  };
  readonly limits?: Partial<Limits>;
  /** Is told of every request when it is over. It must not throw. */
  readonly onRequest?: (record: RequestRecord) => void;
  /** Takes an exception that ended one exchange: a defect of the router. It must not throw. */
  readonly onDefect?: (error: unknown) => void;
  readonly now?: () => Date;
}

/** Who made a connection inside of a space. */
export interface DynoClient {
  readonly space: string;
  /** The address of the dyno in its space, for X-Forwarded-For. */
  readonly address: string;
  /** The port that it connected to; 443 unless told. */
  readonly port?: number;
}

/** Where a router listens, as host and port. */
export interface RouterAddresses {
  readonly public: Bound;
  readonly internal: Bound | null;
  readonly redirects: readonly Bound[];
}

export interface Bound {
  readonly host: string;
  readonly port: number;
}

export interface Router {
  readonly addresses: RouterAddresses;
  /**
   * Takes a raw connection that a dyno made. TLS is spoken on it, and it finds public apps, and internal ones of its
   * own space; at port 80 and the redirect port it is plain HTTP, which sends the dyno to https.
   */
  accept(socket: Socket, from: DynoClient): void;
  /** Requests and WebSockets that a dyno works on. */
  busy(dyno: string): number;
  /**
   * Waits until a dyno that is no upstream any more has no request, at most so many milliseconds, closes the
   * connections that were kept to it, and says whether nothing is left under way.
   */
  idle(dyno: string, withinMs: number): Promise<boolean>;
  /** Takes no more connections, finishes what is under way for a bounded time, and cuts off the rest. */
  close(): Promise<void>;
}

/**
 * Opens the ingress of a platform: HTTPS for public apps, and for internal ones on a listener of their own. It
 * resolves when every address is listening; if one can't, none is, and it throws an AppsApiError: 409 if another
 * program listens there, 422 for an address or network that can't be used.
 */
export async function openRouter(options: RouterOptions): Promise<Router> {
  const {
    routes,
    authority,
    stacks,
    listeners,
    onRequest = () => {},
    onDefect = () => {},
    now = () => new Date(),
  } = options;
  const limits = { ...LIMITS, ...options.limits };
  const dynos = new Dynos(options.dial, limits);
  const clients = new Clients(limits);
  const allowed = networks(listeners.internal?.allow ?? []);
  const servers: Server[] = [];
  const fronts: Front[] = [];
  const underWay = new Set<Exchange>();
  let closing: (() => void) | undefined;
  const shared: Exchanges = {
    routes,
    dynos,
    limits,
    onRequest,
    onDefect,
    underWay,
    isClosing: () => closing !== undefined,
    onOver: () => closing?.(),
  };
  const certificates = await openCertificates(authority, stacks, now, (pair) => {
    for (const { server } of fronts) server.setSecureContext({ ...pair, minVersion: 'TLSv1.2' });
  });
  const front = (originOf: FrontOptions['originOf']): Front => {
    const opened = openFront({
      certificates,
      limits,
      clients,
      originOf,
      onDefect,
      handle: (request, response, origin, upgrade) =>
        new Exchange(shared, request, response, { origin, upgrade }).start(),
    });
    fronts.push(opened);
    return opened;
  };

  async function bind(server: Server, host: string, port: number): Promise<Bound> {
    await listenAt(server, host, port);
    servers.push(server);
    return { host, port: portOf(server) };
  }

  const redirects: Bound[] = [];
  async function open({ host, port, redirectPort }: Listen, opened: Front): Promise<Bound> {
    const bound = await bind(opened.server, host, port);
    if (redirectPort !== undefined)
      redirects.push(
        await bind(
          redirectServer(limits, () => bound.port).on('connection', (socket: Socket) =>
            clients.admit(socket, clientAddress(socket)),
          ),
          host,
          redirectPort,
        ),
      );
    return bound;
  }

  // Of dynos, which are admitted before.
  const redirectInside = redirectServer(limits, () => portOf(outside.server));
  const outside = front((address) => ({ door: 'public', address, port: portOf(outside.server) }));
  let addresses: RouterAddresses;
  try {
    const bound = await open(listeners.public, outside);
    let internal: Bound | null = null;
    if (listeners.internal !== undefined) {
      const inside = front((address) => ({
        door: 'internal',
        address,
        port: portOf(inside.server),
        allowed: isAllowed(allowed, address),
      }));
      internal = await open(listeners.internal, inside);
    }
    addresses = { public: bound, internal, redirects };
  } catch (error) {
    await Promise.all(servers.map(closed));
    throw error;
  }

  return {
    addresses,
    busy: (dyno) => dynos.busy(dyno),
    idle: (dyno, withinMs) => dynos.idle(dyno, withinMs),
    accept(socket, { space, address, port = 443 }) {
      const origin: Origin = { door: 'dyno', space, address, port };
      if (closing !== undefined) socket.destroy();
      else if (!clients.admit(socket, `${space} ${address}`)) return;
      else if (port === HTTP_PORT || redirects.some((each) => each.port === port))
        redirectInside.emit('connection', socket);
      else outside.accept(socket, origin);
    },
    async close() {
      const ended = Promise.all(servers.map(closed));
      await new Promise<void>((resolve) => {
        const last = setTimeout(resolve, limits.closing);
        closing = () => {
          for (const each of fronts) each.drain();
          // WebSockets have no end that could be waited for.
          if ([...underWay].some((each) => !each.isTunnel)) return;
          clearTimeout(last);
          resolve();
        };
        for (const each of underWay) each.closeAfter();
        closing();
      });
      for (const each of underWay) each.destroy();
      // What was answered last is on its way still: what is closed in order gets it there.
      for (const each of fronts) each.drain();
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 500).unref())]);
      clients.destroy();
      dynos.close();
      await ended;
    },
  };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo | null)?.port ?? 0;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

async function listenAt(server: Server, host: string, port: number): Promise<void> {
  try {
    await listening(server, () => server.listen(port, host));
  } catch (error) {
    const code = errorCode(error);
    const at = `${shown(host)}:${port}`;
    if (code === 'EADDRINUSE')
      throw conflict(
        'address_in_use',
        `Another program listens on ${at}.`,
        'Use another port for the router.',
      );
    if (code === 'EACCES')
      throw refused('address_not_allowed', `This user may not listen on ${at}.`, 'Use a port above 1023.');
    if (code === 'EADDRNOTAVAIL' || code === 'EINVAL' || code === 'ENOTFOUND')
      throw refused('no_such_address', `This machine has no address ${shown(host)}.`);
    throw error;
  }
}

/** Networks in CIDR form, such as `10.0.0.0/8` or `::1/128`. */
function networks(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [network = '', bits = '', ...rest] = cidr.split('/');
    try {
      if (!/^\d{1,3}$/.test(bits) || rest.length > 0) throw new RangeError('no prefix');
      list.addSubnet(network, Number(bits), isIPv6(network) ? 'ipv6' : 'ipv4');
    } catch {
      throw refused(
        'invalid_network',
        `${shown(cidr)} is not a network: it does not read ADDRESS/BITS.`,
        'Like 10.0.0.0/8 or fd00::/8.',
      );
    }
  }
  return list;
}

function isAllowed(allowed: BlockList, address: string): boolean {
  return address !== '' && allowed.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

function refused(id: string, message: string, hint?: string): AppsApiError {
  return new AppsApiError({ id, status: 422, message, hint });
}
