import { type IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttp2Server, type Http2Session, type ServerHttp2Session } from 'node:http2';
import { createServer as createHttpsServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { callbackify } from 'node:util';
import type { Certificates } from './certificates.js';
import { endWithProblem, type Request, type Response } from './client.js';
import { type Clients, clientAddress } from './clients.js';
import type { Upgrade } from './exchange.js';
import type { Limits } from './limits.js';
import { checkingInterval } from './redirect.js';
import type { Origin } from './routes.js';

/** Takes a request, from whichever version of HTTP. */
export type Handle = (request: Request, response: Response, from: Origin, upgrade?: Upgrade) => void;

/** A server of HTTP/1.1 and HTTP/2 over TLS. */
export interface Front {
  /** To be bound to an address. */
  readonly server: Server;
  /** Takes a raw connection that came in elsewhere. */
  accept(socket: Socket, origin: Origin): void;
  /** Has connections without requests closed, and others told that no more are taken. */
  drain(): void;
}

export interface FrontOptions {
  readonly certificates: Certificates;
  readonly limits: Limits;
  readonly clients: Clients;
  /** Where a connection comes from that the server itself accepted. */
  readonly originOf: (address: string) => Origin;
  readonly handle: Handle;
}

/**
 * Makes a server that speaks what a client and it agree on in the TLS handshake. `server.close()` stops it from
 * taking new connections.
 */
export function openFront({ certificates, limits, clients, originOf, handle }: FrontOptions): Front {
  /** By connection: where it came from. */
  const origins = new WeakMap<Duplex, Origin>();
  const sessions = new Map<Http2Session, Origin>();
  /** Connections of HTTP/1.1, and how many answers each waits for. */
  const waiting = new Map<Duplex, number>();

  const tls = (): TlsOptions => ({
    ...certificates.fallback(),
    ALPNProtocols: ['h2', 'http/1.1'],
    minVersion: 'TLSv1.2',
    handshakeTimeout: limits.handshake,
    SNICallback: callbackify((name: string) => certificates.contextFor(name)),
  });

  const server = createHttpsServer({
    ...tls(),
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headers,
    // Long uploads are fine as long as they get on: idle connections are what is bounded.
    requestTimeout: 0,
    keepAliveTimeout: limits.keepAlive,
    connectionsCheckingInterval: checkingInterval(limits),
    noDelay: true,
  });
  server.timeout = limits.idle;
  // Node would drop the headers above a number without a word: the exchange refuses the request instead.
  server.maxHeadersCount = 0;

  const http2 = createHttp2Server({
    settings: {
      enableConnectProtocol: true,
      maxConcurrentStreams: limits.streams,
      maxHeaderListSize: limits.headerBytes,
    },
    maxSessionMemory: 10,
    maxHeaderListPairs: limits.headerCount,
  });

  // Node's own listener serves HTTP/1.1; HTTP/2 goes to a server of its own.
  const [serveHttp1] = server.listeners('secureConnection');
  server.removeAllListeners('secureConnection');
  server.on('secureConnection', (socket) => {
    if (!origins.has(socket)) origins.set(socket, originOf(clientAddress(socket)));
    socket.on('error', () => socket.destroy());
    if (socket.alpnProtocol === 'h2') return void http2.emit('connection', socket);
    waiting.set(socket, 0);
    socket.once('close', () => waiting.delete(socket));
    serveHttp1?.call(server, socket);
  });
  server.prependListener('connection', (socket: Socket) => {
    clients.admit(socket, clientAddress(socket));
    // Also for those who ask for no name, whom no callback renews it for.
    certificates.contextFor(undefined).catch(() => {});
  });
  server.on('tlsClientError', (_, socket) => socket.destroy());

  const originOfSocket = (socket: Duplex): Origin => origins.get(socket) ?? originOf('');
  server.on('request', (request, response) => {
    const { socket } = request;
    const ahead = waiting.get(socket) ?? 0;
    // Requests sent in a heap, with nobody reading the answers, would fill the memory.
    if (ahead >= limits.pipelined) return void socket.destroy();
    waiting.set(socket, ahead + 1);
    response.on('close', () => {
      if (waiting.has(socket)) waiting.set(socket, (waiting.get(socket) ?? 1) - 1);
    });
    handle(request, response, originOfSocket(socket));
  });
  server.on('upgrade', (request: IncomingMessage, client: Socket, surplus: Buffer) => {
    const response = new ServerResponse(request);
    try {
      response.assignSocket(client);
    } catch {
      // The response to an earlier request is still on its way, be it Node's own to an unknown Expect.
      return void client.destroy();
    }
    response.shouldKeepAlive = false;
    response.once('finish', () => client.end());
    client.on('error', () => client.destroy());
    waiting.delete(client);
    handle(request, response, originOfSocket(client), { client, version: 1, surplus });
  });
  server.on('clientError', endWithProblem);

  http2.on('session', (session: ServerHttp2Session) => {
    // Before its socket is hidden behind a proxy.
    const socket = connecting;
    sessions.set(session, socket === undefined ? originOf('') : originOfSocket(socket));
    session.once('close', () => sessions.delete(session));
    session.setTimeout(limits.idle, () => session.destroy());
    session.on('error', () => session.destroy());
  });
  let connecting: TLSSocket | undefined;
  http2.prependListener('connection', (socket: TLSSocket) => {
    connecting = socket;
  });
  const originOfStream = (session: Http2Session | undefined): Origin =>
    (session && sessions.get(session)) ?? originOf('');
  http2.on('request', (request, response) =>
    handle(request, response, originOfStream(request.stream.session)),
  );
  http2.on('connect', (request, response) => {
    const client = request.stream;
    handle(request, response, originOfStream(client.session), {
      client,
      version: 2,
      surplus: Buffer.alloc(0),
    });
  });
  http2.on('sessionError', () => {});

  return {
    server,
    accept(socket, origin) {
      // A server of its own, for only that tells the connection it makes from all others.
      const one = createTlsServer(tls(), (secured) => {
        origins.set(secured, origin);
        server.emit('secureConnection', secured);
      });
      one.on('tlsClientError', (_, failed) => failed.destroy());
      one.emit('connection', socket);
    },
    drain() {
      // That of node:http spares connections that have not asked for anything yet.
      for (const [socket, answers] of waiting) if (answers === 0) socket.destroy();
      for (const session of sessions.keys()) session.close();
    },
  };
}
