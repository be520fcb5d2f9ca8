import { lookup as resolve } from 'node:dns/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { BlockList, connect, isIP, isIPv6, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { DynoRef } from './engine.js';
import { splice } from './splice.js';

export interface EgressOptions {
  /** Addresses that nobody gets through to; {@link isInside} unless said otherwise. */
  readonly refuses?: (address: string) => boolean;
  readonly lookup?: (host: string) => Promise<readonly string[]>;
  /** Connections of one dyno at a time. */
  readonly perDyno?: number;
}

const CONNECT_MS = 10_000;
const PER_DYNO = 512;

/**
 * The way out of a space where the kernel offers none: an HTTP proxy that does CONNECT only, for programs that honour
 * HTTPS_PROXY. It refuses this machine and every private network, looking at the address it connects to rather than at
 * the name, so that a name that resolves twice to different things gains nothing.
 */
export class EgressProxy {
  private readonly server: Server;
  private readonly open = new Map<string, number>();
  private readonly refuses: (address: string) => boolean;
  private readonly lookup: (host: string) => Promise<readonly string[]>;
  private readonly perDyno: number;

  constructor({ refuses = isInside, lookup = addressesOf, perDyno = PER_DYNO }: EgressOptions = {}) {
    this.refuses = refuses;
    this.lookup = lookup;
    this.perDyno = perDyno;
    this.server = createServer(
      { requestTimeout: CONNECT_MS, headersTimeout: CONNECT_MS },
      (_request, response) => {
        response.writeHead(405, { 'content-type': 'text/plain', allow: 'CONNECT' });
        response.end('Only CONNECT is possible here: use HTTPS_PROXY, not HTTP_PROXY.\n');
      },
    );
    this.server.on('connect', (request, socket, head) => void this.connect(request, socket as Socket, head));
    this.server.on('clientError', (_error, socket) => socket.destroy());
  }

  /** Takes a connection that a dyno made to the proxy. */
  serve(from: DynoRef, socket: Socket): void {
    // A program may be done with sending and still wait for the answer.
    socket.allowHalfOpen = true;
    const count = this.open.get(from.id) ?? 0;
    if (count >= this.perDyno) {
      socket.end('HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
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
      refuse(client, '400 Bad Request', 'The target must read HOST:PORT.');
      return;
    }
    let addresses: readonly string[];
    try {
      addresses = isIP(target.host) === 0 ? await this.lookup(target.host) : [target.host];
    } catch {
      refuse(client, '502 Bad Gateway', 'There is no such host.');
      return;
    }
    const outside = addresses.filter((address) => !this.refuses(address));
    if (outside.length === 0) {
      refuse(client, '403 Forbidden', 'This machine and private networks are not reachable from a space.');
      return;
    }
    for (const address of outside) {
      if (client.destroyed) return;
      const socket = await reach(address, target.port);
      if (socket === undefined) continue;
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      if (head.length > 0) socket.write(head);
      splice(client, socket);
      return;
    }
    refuse(client, '504 Gateway Timeout', 'The host does not answer.');
  }
}

/** Whether an address belongs to this machine, a private network or nobody. What can't be read does. */
export function isInside(address: string): boolean {
  const plain = address.split('%')[0] ?? '';
  const family = isIP(plain);
  if (family === 0) return true;
  if (INSIDE.check(plain, family === 4 ? 'ipv4' : 'ipv6')) return true;
  const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return own.some((one) => one.address.split('%')[0] === plain);
}

/**
 * Not to be reached from the internet (RFC 6890 and its registries), or a way to write an address that is not. An IPv4
 * address written as IPv6 (`::ffff:`) is looked up as what it is.
 */
const INSIDE = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const) {
  INSIDE.addSubnet(net, bits, isIPv6(net) ? 'ipv6' : 'ipv4');
}

function parseTarget(text: string): { host: string; port: number } | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]{1,253})):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  const host = match?.[1] ?? match?.[2];
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port };
}

async function addressesOf(host: string): Promise<string[]> {
  return (await resolve(host, { all: true })).map(({ address }) => address);
}

function reach(address: string, port: number): Promise<Socket | undefined> {
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

function refuse(client: Socket, status: string, why: string): void {
  const body = `${why}\n`;
  client.end(
    `HTTP/1.1 ${status}\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );
}
