import { lookup as resolve } from 'node:dns/promises';
import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import { connect, isIP, type Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { splice } from '../../contract/splice.js';
import { isInside } from '../machine/inside.js';
import type { DynoRef } from './engine.js';
import { connectThrough, type UpstreamProxy } from './upstream-proxy.js';

export interface EgressOptions {
  /** Addresses that nobody gets through to; {@link isInside} unless said otherwise. */
  readonly refuses?: (address: string) => boolean;
  /** Hosts, as programs name them, that are reachable on this port wherever they are. */
  readonly allows?: (host: string, port: number) => boolean;
  /** The machine's own HTTP proxy for a host, if it takes one to get out. */
  readonly upstream?: (host: string, port: number) => UpstreamProxy | undefined;
  readonly lookup?: (host: string) => Promise<readonly string[]>;
  /** Connections of one dyno at a time. */
  readonly perDyno?: number;
}

const CONNECT_MS = 10_000;
const PER_DYNO = 512;
/** How long a program that is refused may take to read why. */
const REFUSING_MS = 1000;
const TOO_MANY = 'HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';

/**
 * The way out of a space where the kernel offers none: an HTTP proxy, for programs that honour HTTPS_PROXY and
 * HTTP_PROXY. It refuses this machine and every private network, looking at the address it connects to rather than at
 * the name, so that a name that resolves twice to different things gains nothing.
 */
export class EgressProxy {
  private readonly server: Server;
  private readonly open = new Map<string, number>();
  private readonly refuses: (address: string) => boolean;
  private readonly allows: (host: string, port: number) => boolean;
  private readonly upstream: (host: string, port: number) => UpstreamProxy | undefined;
  private readonly lookup: (host: string) => Promise<readonly string[]>;
  private readonly perDyno: number;

  constructor({
    refuses = isInside,
    allows = () => false,
    upstream = () => undefined,
    lookup = addressesOf,
    perDyno = PER_DYNO,
  }: EgressOptions = {}) {
    this.refuses = refuses;
    this.allows = allows;
    this.upstream = upstream;
    this.lookup = lookup;
    this.perDyno = perDyno;
    this.server = createServer(
      // What is sent after the headers may take as long as it does through CONNECT.
      { requestTimeout: 0, headersTimeout: CONNECT_MS },
      // An exception in one exchange ends that exchange alone.
      (request, response) => void this.pass(request, response).catch(() => response.destroy()),
    );
    this.server.on(
      'connect',
      (request, socket, head) =>
        void this.connect(request, socket as Socket, head).catch(() => socket.destroy()),
    );
    this.server.on('clientError', (_error, socket) => socket.destroy());
  }

  /** Takes a connection that a dyno made to the proxy. */
  serve(from: DynoRef, socket: Socket): void {
    // A program may be done with sending and still wait for the answer.
    socket.allowHalfOpen = true;
    const count = this.open.get(from.id) ?? 0;
    if (count >= this.perDyno) {
      // Not for as long as the program likes, as it isn't counted.
      socket.on('error', () => undefined).resume();
      socket.end(TOO_MANY, () => setTimeout(() => socket.destroy(), REFUSING_MS).unref());
      return;
    }
    this.open.set(from.id, count + 1);
    socket.once('close', () => {
      const left = (this.open.get(from.id) ?? 1) - 1;
      if (left > 0) this.open.set(from.id, left);
      else this.open.delete(from.id);
    });
    socket.on('error', () => socket.destroy());
    this.server.emit('connection', socket);
  }

  private async connect(request: IncomingMessage, client: Socket, head: Buffer): Promise<void> {
    const target = parseTarget(request.url ?? '');
    if (target === undefined) {
      refuse(client, { status: 400, why: 'The target must read HOST:PORT.' });
      return;
    }
    const way = await this.reach(target, client);
    if (!('socket' in way)) {
      refuse(client, way);
      return;
    }
    client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    if (head.length > 0) way.socket.write(head);
    splice(client, way.socket);
  }

  /** Passes on a request for an http URL, and its answer. */
  private async pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const deny = ({ status, why }: Refused, more: Record<string, string> = {}): void => {
      if (response.headersSent) {
        response.destroy();
        return;
      }
      response.writeHead(status, { 'content-type': 'text/plain', connection: 'close', ...more });
      response.end(`${why}\n`);
    };
    const target = httpTarget(request.url ?? '');
    if (target === undefined) {
      deny({ status: 405, why: 'This is a proxy: it takes CONNECT, and requests for http URLs.' }, ALLOWED);
      return;
    }
    const way = await this.reach(target, request.socket);
    if (!('socket' in way)) {
      deny(way);
      return;
    }
    const { method, headers } = request;
    const outgoing = httpRequest({
      createConnection: () => way.socket,
      ...(method === undefined ? {} : { method }),
      path: target.path,
      headers: {
        ...endToEnd(headers),
        ...(headers['transfer-encoding'] !== undefined && { 'transfer-encoding': 'chunked' }),
        host: target.authority,
        connection: 'close',
      },
    });
    outgoing.on('response', (answer) => {
      try {
        response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
      } catch {
        // Such as the status 099, which Node reads and does not write.
        way.socket.destroy();
        deny({ status: 502, why: 'The response of the host is not HTTP.' });
        return;
      }
      pipeline(answer, response, () => way.socket.destroy());
    });
    response.once('close', () => way.socket.destroy());
    outgoing.on('error', () => deny({ status: 502, why: 'The host broke the connection off.' }));
    request.pipe(outgoing);
  }

  /** Connects to the first address of a host that is outside and answers, as long as `client` waits for it. */
  private async reach(
    { host, port }: Target,
    client: Pick<Socket, 'destroyed'>,
  ): Promise<{ socket: Socket } | Refused> {
    const upstream = this.upstream(host, port);
    let addresses: readonly string[];
    try {
      addresses = isIP(host) === 0 ? await this.lookup(host) : [host];
    } catch {
      // Behind a proxy, names of the internet often can't be resolved.
      if (upstream === undefined) return { status: 502, why: 'There is no such host.' };
      addresses = [];
    }
    const outside = this.allows(host, port)
      ? addresses
      : addresses.filter((address) => !this.refuses(address));
    if (outside.length === 0 && (upstream === undefined || addresses.length > 0)) {
      return { status: 403, why: 'This machine and private networks are not reachable from a space.' };
    }
    if (upstream !== undefined) {
      const socket = await connectThrough(upstream, outside[0] ?? host, port, CONNECT_MS);
      return socket === undefined
        ? { status: 504, why: 'The proxy of the machine did not connect.' }
        : { socket };
    }
    for (const address of outside) {
      if (client.destroyed) break;
      const socket = await connectTo(address, port);
      if (socket !== undefined) return { socket };
    }
    return { status: 504, why: 'The host does not answer.' };
  }
}

interface Target {
  readonly host: string;
  readonly port: number;
}

/** Why there is no way to a host. */
interface Refused {
  readonly status: number;
  readonly why: string;
}

const ALLOWED = { allow: 'CONNECT' };

/** What is between two neighbours only (RFC 9110, 7.6.1). */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const named = (headers.connection ?? '').toLowerCase().split(/\s*,\s*/);
  const rest = Object.entries(headers).filter(
    ([name]) => !HOP_BY_HOP.includes(name) && !named.includes(name),
  );
  return Object.fromEntries(rest);
}

/** Takes `http://HOST[:PORT]/PATH` apart, as requests to a proxy name what they want. */
function httpTarget(text: string): (Target & { path: string; authority: string }) | undefined {
  const match = /^http:\/\/([^/?#@]+)([/?][^#]*)?$/i.exec(text);
  const authority = match?.[1] ?? '';
  const target = parseTarget(/:\d+$/.test(authority) ? authority : `${authority}:80`);
  const path = match?.[2] ?? '/';
  return target === undefined ? undefined : { ...target, authority, path: path.replace(/^\?/, '/?') };
}

function parseTarget(text: string): Target | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]{1,253})):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  const host = match?.[1] ?? match?.[2];
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port };
}

async function addressesOf(host: string): Promise<string[]> {
  return (await resolve(host, { all: true })).map(({ address }) => address);
}

function connectTo(address: string, port: number): Promise<Socket | undefined> {
  return new Promise((settle) => {
    const socket = connect({ host: address, port, noDelay: true, allowHalfOpen: true });
    const giveUp = (): void => {
      socket.destroy();
      settle(undefined);
    };
    socket.setTimeout(CONNECT_MS, giveUp);
    socket.once('error', giveUp);
    socket.once('connect', () => {
      socket.setTimeout(0);
      socket.removeListener('error', giveUp);
      settle(socket);
    });
  });
}

function refuse(client: Socket, { status, why }: Refused): void {
  const body = `${why}\n`;
  client.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );
}
