import { type IncomingMessage, ServerResponse } from 'node:http';
import {
  createServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type Http2Session,
  type ServerHttp2Session,
} from 'node:http2';
import { createServer as createHttpsServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { callbackify } from 'node:util';
import type { Certificates } from './certificates.js';
import { endWithProblem, type Request, type Response } from './client.js';
import { type Clients, clientAddress } from './clients.js';
import type { Upgrade } from './exchange.js';
import { linesOf } from './headers.js';
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
  /** Takes an exception that ended one connection: a defect of the router. */
  readonly onDefect: (error: unknown) => void;
}

/**
 * Makes a server that speaks what a client and it agree on in the TLS handshake. `server.close()` stops it from
 * taking new connections.
 */
export function openFront(options: FrontOptions): Front {
  const { certificates, limits, clients, originOf, handle, onDefect } = options;
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
    // What Node answers itself does not count as a response that the connection waits for: see `waiting`.
    requireHostHeader: false,
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

  /** A listener of a connection: an exception in it ends that connection alone. */
  const alone =
    <Given extends [{ destroy(): unknown }, ...unknown[]]>(work: (...given: Given) => void) =>
    (...given: Given): void => {
      try {
        work(...given);
      } catch (error) {
        onDefect(error);
        given[0].destroy();
      }
    };

  // Node's own listener serves HTTP/1.1; HTTP/2 goes to a server of its own.
  const [serveHttp1] = server.listeners('secureConnection');
  server.removeAllListeners('secureConnection');
  const onSecure = alone((socket: TLSSocket) => {
    if (!origins.has(socket)) origins.set(socket, originOf(clientAddress(socket)));
    socket.on('error', () => socket.destroy());
    if (socket.alpnProtocol === 'h2') return void http2.emit('connection', socket);
    waiting.set(socket, 0);
    socket.once('close', () => waiting.delete(socket));
    serveHttp1?.call(server, socket);
  });
  server.on('secureConnection', onSecure);
  server.prependListener('connection', (socket: Socket) => {
    clients.admit(socket, clientAddress(socket));
    // Also for those who ask for no name, whom no callback renews it for.
    certificates.contextFor(undefined).catch(() => {});
  });
  server.on('tlsClientError', (_, socket) => socket.destroy());

  const originOfSocket = (socket: Duplex): Origin => origins.get(socket) ?? originOf('');
  const onRequest = alone((request: IncomingMessage, response: ServerResponse) => {
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
  server.on('request', onRequest);
  server.on('checkExpectation', onRequest);
  const onUpgrade = alone((client: Socket, request: IncomingMessage, surplus: Buffer) => {
    // Behind a request that is still being answered, the connection can't be handed over.
    if ((waiting.get(client) ?? 0) > 0) return void client.destroy();
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') {
      // A server may ignore what it doesn't switch to (RFC 9110, 7.8). Node has stopped reading: it begins again.
      client.unshift(Buffer.concat([headWithoutUpgrade(request), surplus]));
      return void serveHttp1?.call(server, client);
    }
    const response = new ServerResponse(request);
    response.assignSocket(client);
    response.shouldKeepAlive = false;
    response.once('finish', () => client.end());
    client.on('error', () => client.destroy());
    waiting.delete(client);
    handle(request, response, originOfSocket(client), { client, version: 1, surplus });
  });
  server.on('upgrade', (request, client: Socket, surplus) => onUpgrade(client, request, surplus));
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
  const onStream = alone((request: Http2ServerRequest, response: Http2ServerResponse) =>
    handle(request, response, originOfStream(request.stream.session)),
  );
  http2.on('request', onStream);
  http2.on('checkExpectation', onStream);
  const onConnect = alone((request: Http2ServerRequest, response: Http2ServerResponse) => {
    const client = request.stream;
    handle(request, response, originOfStream(client.session), {
      client,
      version: 2,
      surplus: Buffer.alloc(0),
    });
  });
  http2.on('connect', onConnect);
  http2.on('sessionError', () => {});

  return {
    server,
    accept: alone((socket: Socket, origin: Origin) => {
      // A server of its own, for only that tells the connection it makes from all others.
      const one = createTlsServer(tls(), (secured) => {
        origins.set(secured, origin);
        server.emit('secureConnection', secured);
      });
      one.on('tlsClientError', (_, failed) => failed.destroy());
      one.emit('connection', socket);
    }),
    drain() {
      // That of node:http spares connections that have not asked for anything yet.
      for (const [socket, answers] of waiting) if (answers === 0) socket.destroy();
      for (const session of sessions.keys()) session.close();
    },
  };
}

/** The head of a request as it came, without the wish to switch to another protocol. */
function headWithoutUpgrade({ method = '', url = '', httpVersion, rawHeaders }: IncomingMessage): Buffer {
  const kept = rawHeaders.filter((_, at) => rawHeaders[at & ~1]?.toLowerCase() !== 'upgrade');
  return Buffer.from(`${method} ${url} HTTP/${httpVersion}\r\n${linesOf(kept)}\r\n`, 'latin1');
}
