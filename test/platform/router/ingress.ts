import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterAll } from '@jest/globals';
import { type Authority, openAuthority } from '../../../src/platform/router/authority.js';
import type { RequestRecord } from '../../../src/platform/router/exchange.js';
import { openRouter, type Router, type RouterOptions } from '../../../src/platform/router/router.js';
import type { Route, Upstream } from '../../../src/platform/router/routes.js';
import { temporaryFolder } from '../store/temporary.js';

const STACKS = [
  { stack: 'local', base: 'localhost' },
  { stack: 'edge', base: 'localhost' },
];
export const HOST = 'web-shop.local.localhost';

const closing: (() => Promise<void> | void)[] = [];
afterAll(async () => {
  for (const close of closing.toReversed()) await close();
});

/** An authority of its own in a new folder. */
export function newAuthority(now?: () => Date): Promise<Authority> {
  const folder = join(temporaryFolder(), 'authority');
  return openAuthority({ folder, bases: ['localhost'], ...(now && { now }) });
}

/** Dynos by name, each a small HTTP server. */
export class Dynos {
  readonly servers = new Map<string, Server>();
  /** How many connections were made to each. */
  readonly dials = new Map<string, number>();
  readonly #sockets = new Set<Socket>();

  async start(
    dyno: string,
    handler: (request: IncomingMessage, response: ServerResponse) => void,
    set: (server: Server) => void = () => {},
  ): Promise<Upstream> {
    const server = createServer(handler);
    set(server);
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.servers.set(dyno, server);
    closing.push(() => this.stop(dyno));
    return { dyno, port: (server.address() as AddressInfo).port };
  }

  /** A dyno that answers with bytes, whatever it is asked. */
  async startRaw(dyno: string, answer: (socket: Socket) => void): Promise<Upstream> {
    return this.start(
      dyno,
      () => {},
      (server) => {
        server.removeAllListeners('connection');
        server.on('connection', (socket: Socket) => {
          socket.on('error', () => {});
          socket.once('data', () => answer(socket));
        });
      },
    );
  }

  async stop(dyno: string): Promise<void> {
    const server = this.servers.get(dyno);
    this.servers.delete(dyno);
    if (server === undefined) return;
    const { port } = server.address() as AddressInfo;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of this.#sockets) if (socket.localPort === port) socket.destroy();
    });
  }

  readonly dial = (dyno: string, port: number): Promise<Socket> => {
    this.dials.set(dyno, (this.dials.get(dyno) ?? 0) + 1);
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.off('error', reject);
        resolve(socket);
      });
      socket.once('error', reject);
    });
  };
}

export interface Ingress {
  readonly router: Router;
  readonly authority: Authority;
  readonly dynos: Dynos;
  readonly records: RequestRecord[];
  readonly port: number;
  readonly internalPort: number;
  route(host: string, upstreams: readonly Upstream[], more?: Partial<Route>): void;
}

export async function startIngress(options: Partial<RouterOptions> = {}): Promise<Ingress> {
  const authority = options.authority ?? (await newAuthority());
  const dynos = new Dynos();
  const table = new Map<string, Route>();
  const records: RequestRecord[] = [];
  const router = await openRouter({
    routes: {
      find(host) {
        const route = table.get(host);
        // As in a platform, where every look makes them anew.
        return route && { ...route, upstreams: route.upstreams.map((each) => ({ ...each })) };
      },
    },
    dial: dynos.dial,
    authority,
    stacks: () => STACKS,
    listeners: {
      public: { host: '127.0.0.1', port: 0, redirectPort: 0 },
      internal: { host: '127.0.0.1', port: 0, allow: ['127.0.0.1/32'] },
    },
    onRequest: (record) => records.push(record),
    ...options,
  });
  closing.push(() => router.close());
  return {
    router,
    authority,
    dynos,
    records,
    port: router.addresses.public.port,
    internalPort: router.addresses.internal?.port ?? 0,
    route(host, upstreams, more = {}) {
      const space = host.split('.')[0]?.split('-')[1] ?? 'shop';
      table.set(host, {
        app: 'web',
        space,
        key: `web-${space}`,
        internal: false,
        maintenance: false,
        upstreams,
        ...more,
      });
    },
  };
}

export interface Got {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly trailers: IncomingMessage['trailers'];
}

export interface Ask {
  readonly host?: string;
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly port?: number;
}

/** One request over HTTP/1.1 on a connection of its own, with the certificate verified. */
export function get(ingress: Ingress, ask: Ask = {}): Promise<Got> {
  const { host = HOST, path = '/', method = 'GET', headers = {}, body, port = ingress.port } = ask;
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      {
        host: '127.0.0.1',
        port,
        path,
        method,
        servername: host,
        ca: ingress.authority.certificate,
        agent: false,
        headers: { Host: `${host}:${port}`, ...headers },
      },
      (response) => resolve(whole(response)),
    );
    request.on('error', reject);
    request.end(body);
  });
}

/** A request of plain HTTP. */
export function getPlain(port: number, headers: Record<string, string>, path = '/'): Promise<Got> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, path, headers, agent: false }, (response) =>
      resolve(whole(response)),
    );
    request.on('error', reject);
    request.end();
  });
}

async function whole(response: IncomingMessage): Promise<Got> {
  let body = '';
  response.setEncoding('utf8');
  for await (const piece of response) body += piece;
  return { status: response.statusCode ?? 0, headers: response.headers, body, trailers: response.trailers };
}

/** A TLS connection with which anything can be sent. */
export function secure(ingress: Ingress, host = HOST, port = ingress.port): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connectTls(
      {
        host: '127.0.0.1',
        port,
        servername: host,
        ca: ingress.authority.certificate,
        ALPNProtocols: ['http/1.1'],
      },
      () => {
        socket.off('error', reject);
        socket.on('error', () => {});
        resolve(socket);
      },
    );
    socket.once('error', reject);
  });
}

/** Sends bytes and takes all that comes until the connection ends. */
export async function exchangeBytes(
  ingress: Ingress,
  bytes: string,
  host = HOST,
  port = ingress.port,
): Promise<string> {
  const socket = await secure(ingress, host, port);
  const ended = new Promise<string>((resolve) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    socket.once('close', () => resolve(text));
  });
  socket.write(bytes, 'latin1');
  return ended;
}

/** Resolves when what came so far holds some text. */
export function until(socket: Socket, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let came = '';
    const take = (chunk: Buffer): void => {
      came += chunk.toString('latin1');
      if (!came.includes(text)) return;
      socket.off('data', take);
      resolve(came);
    };
    socket.on('data', take);
    socket.once('close', () => reject(new Error(`It closed after ${JSON.stringify(came)}`)));
  });
}

/** A session of HTTP/2. */
export function session(ingress: Ingress, host = HOST): ClientHttp2Session {
  const opened = connectHttp2(`https://${host}:${ingress.port}`, {
    ca: ingress.authority.certificate,
    servername: host,
    createConnection: () =>
      connectTls({
        host: '127.0.0.1',
        port: ingress.port,
        servername: host,
        ca: ingress.authority.certificate,
        ALPNProtocols: ['h2'],
      }),
  });
  opened.on('error', () => {});
  return opened;
}

/** Waits until something holds. */
export async function holds(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}
