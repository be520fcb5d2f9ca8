import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { AppsApiError, conflict } from '../../contract/errors.js';
import { isLoopback } from '../../model/addresses.js';
import { errorCode } from '../../model/error-code.js';
import { DAEMON } from '../caller.js';
import type { Platform } from '../platform.js';
import { consoleHost } from '../services/sessions.js';
import { answerTo, commonHeaders } from './answers.js';
import { Browsers } from './browsers.js';
import type { DaemonControl } from './daemon-control.js';
import { type Door, type Keys, routedAddress, tcpAddress, unixDoor, webDoor } from './doors.js';
import { type HttpServer, httpServer, LIMITS, type Limits } from './http-server.js';
import { listening } from './listening.js';
import { routes } from './routes.js';
import type { TokenCheck } from './tokens.js';
import { type Tunnels, upgrades } from './tunnels.js';
import { listenOnSocket } from './unix-socket.js';

/** Where to listen: on a unix socket, on TCP, or on both. */
export interface Where {
  /** A unix socket, for the user who starts the server and by whose name it goes in the audit log. */
  readonly socket?: { readonly path: string; readonly user: string };
  /** A loopback address, opened by tokens. Port 0 takes any free one. */
  readonly listen?: {
    readonly host: string;
    readonly port: number;
    readonly tokens: TokenCheck;
    /** Hears of everybody who was turned away, by their address. */
    readonly turnedAway?: (address: string) => void;
  };
  /** A unix socket on which the router hands on what is for the host of the console; opened by cookies and tokens. */
  readonly routed?: {
    readonly path: string;
    readonly tokens: TokenCheck;
    readonly turnedAway?: (address: string) => void;
  };
}

export interface ServeOptions {
  /** Takes the lines of the log; standard error unless told. */
  readonly log?: (line: string) => void;
  readonly limits?: Partial<Limits>;
  /** Of the process that serves; none if it is not a daemon. */
  readonly control?: DaemonControl;
  /** Connections to dynos; none unless told. */
  readonly tunnels?: Tunnels;
}

export interface Serving {
  /** For `--api`: `unix:PATH`, `http://HOST:PORT`. */
  readonly addresses: readonly string[];
  /** Accepts nothing more, finishes what is under way for a bounded time, and gives the addresses back. */
  close(): Promise<void>;
}

/**
 * Serves the Apps API of a platform over HTTP. It resolves when every address is listening; if one can't, none is,
 * and it throws an AppsApiError: 409 if a server is there already, 422 for an address that may not be used.
 *
 * Closing it does not close the platform.
 */
export async function serve(platform: Platform, where: Where, options: ServeOptions = {}): Promise<Serving> {
  const { log = (line) => process.stderr.write(`${line}\n`) } = options;
  if (where.socket === undefined && where.listen === undefined) {
    throw refused('no_address', 'There is no address to listen on.', 'Name a socket or an address.');
  }
  const app = routes(platform, log, options.control);
  const limits = { ...LIMITS, ...options.limits };
  const closing = new AbortController();
  const { signOfLife, eventComment, slowest } = limits;
  const streaming = { closing: closing.signal, signOfLife, eventComment, slowest };
  const { tunnels } = options;
  const behind = (door: () => Door): HttpServer => {
    const http = httpServer({
      fetch: (request, env) => app.fetch(request, { ...env, door: door(), streaming }),
      headers: () => commonHeaders(randomUUID()),
      limits,
      onDefect: (error) => answerTo(error, randomUUID(), log),
    });
    if (tunnels !== undefined) http.server.on('upgrade', upgrades(door, tunnels, log));
    return http;
  };
  const data = platform.session(DAEMON);
  const hostOfConsole = (): string => consoleHost(data.store);
  const keysOf = ({ tokens, turnedAway }: Pick<Keys, 'tokens' | 'turnedAway'>): Keys => ({
    tokens,
    turnedAway,
    browsers: new Browsers(data, tokens),
  });
  const open: HttpServer[] = [];
  const addresses: string[] = [];
  const close = async (): Promise<void> => {
    closing.abort();
    await Promise.all(open.map((each) => each.close()));
  };
  try {
    if (where.listen !== undefined) {
      const { host, port } = where.listen;
      const keys = keysOf(where.listen);
      if (!isLoopback(host)) throw notLoopback(host);
      let door: Door | undefined;
      const http = behind(
        () => (door ??= webDoor(tcpAddress({ host, port: portOf(http) }, hostOfConsole), keys)),
      );
      await listenOnTcp(http, host, port);
      open.push(http);
      addresses.push(`http://${host.includes(':') ? `[${host}]` : host}:${portOf(http)}`);
    }
    if (where.socket !== undefined) {
      const { path, user } = where.socket;
      const door = unixDoor(user);
      const http = behind(() => door);
      await listenOnSocket(http.server, path);
      open.push(http);
      addresses.push(`unix:${path}`);
    }
    if (where.routed !== undefined) {
      const door = webDoor(routedAddress(hostOfConsole), keysOf(where.routed));
      const http = behind(() => door);
      // A connection that a session opened ends with it, and takes no request of another one along.
      http.server.maxRequestsPerSocket = 1;
      await listenOnSocket(http.server, where.routed.path);
      open.push(http);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { addresses, close };
}

async function listenOnTcp({ server }: HttpServer, host: string, port: number): Promise<void> {
  // `localhost` is what the hosts file makes of it; loopback it must be.
  const address = host === 'localhost' ? '127.0.0.1' : host;
  try {
    await listening(server, () => server.listen(port, address));
  } catch (error) {
    const code = errorCode(error);
    const at = `${host}:${port}`;
    if (code === 'EADDRINUSE')
      throw conflict('address_in_use', `Another program listens on ${at}.`, 'Use another port.');
    if (code === 'EACCES')
      throw refused('address_not_allowed', `This user may not listen on ${at}.`, 'Use a port above 1023.');
    if (code === 'EADDRNOTAVAIL' || code === 'EINVAL')
      throw refused('no_such_address', `This machine has no address ${host}.`);
    throw error;
  }
}

function portOf({ server }: HttpServer): number {
  return (server.address() as AddressInfo).port;
}

/** What is answered to who wants it on an address that others can reach. */
export function notLoopback(host: string): AppsApiError {
  return refused(
    'needs_tls',
    `${host} can be reached from other machines, and this server has no TLS: tokens would travel in clear.`,
    'Listen on 127.0.0.1, and let others in through an SSH tunnel.',
  );
}

function refused(id: string, message: string, hint?: string): AppsApiError {
  return new AppsApiError({ id, status: 422, message, hint });
}
