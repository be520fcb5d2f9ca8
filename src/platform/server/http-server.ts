import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Socket } from 'node:net';
import { getRequestListener, type HttpBindings, RequestError } from '@hono/node-server';
import { JSON_TYPE } from './answers.js';
import { isHttp1, parserCode, UNKNOWN_VERSION } from './http-version.js';

/** How long a client may take, in milliseconds, and how many there may be at once. */
export interface Limits {
  /** From the first byte of a request to the end of its headers. */
  readonly headers: number;
  /** To the end of its body; with PUT, which sends much, until more of it comes. */
  readonly request: number;
  /** Between two requests on one connection. */
  readonly idle: number;
  /** How often whoever waits for lines is told that somebody is still there. */
  readonly signOfLife: number;
  /** How often whoever waits for events is sent a comment. */
  readonly eventComment: number;
  /** How long who follows events may take to read one. */
  readonly slowest: number;
  /** What is under way when the server is closed may go on for so long. */
  readonly closing: number;
  readonly connections: number;
  /** Requests on one connection that have no answer yet. */
  readonly pipelined: number;
}

export const LIMITS: Limits = {
  headers: 10_000,
  request: 30_000,
  idle: 60_000,
  signOfLife: 10_000,
  eventComment: 15_000,
  slowest: 30_000,
  closing: 10_000,
  connections: 1000,
  pipelined: 16,
};

export interface HttpServer {
  readonly server: Server;
  /** Accepts no more, lets what is under way finish as long as the limits allow, and ends the rest. */
  close(): Promise<void>;
}

export interface HttpServerOptions {
  readonly fetch: (request: Request, env: HttpBindings) => Promise<Response> | Response;
  /** On the answers to what never becomes a request. */
  readonly headers: () => Record<string, string>;
  readonly limits: Limits;
  /** Takes an exception that ended one exchange: a defect of the server. It must not throw. */
  readonly onDefect: (error: unknown) => void;
}

/**
 * Makes an HTTP server round a fetch function, which bounds how long clients may take and answers in JSON also what
 * is no HTTP. Whatever one exchange throws ends that exchange, and nothing else.
 */
export function httpServer({ fetch, headers, limits, onDefect }: HttpServerOptions): HttpServer {
  const connections = new Set<Socket>();
  const underWay = new Set<Exchange>();
  /** How many answers each connection waits for. */
  const waiting = new WeakMap<Socket, number>();
  let closing = false;
  const listener = getRequestListener((request, env) => fetch(request, env as HttpBindings), {
    overrideGlobalObjects: false,
    errorHandler(error) {
      // Only a target or Host that is no URL never becomes a request.
      const isRequest = !(error instanceof RequestError);
      if (isRequest) onDefect(error);
      const [status, id, message] = isRequest ? DEFECT : NO_HTTP;
      return new Response(problem(id, message), {
        status,
        headers: { ...headers(), 'Content-Type': JSON_TYPE },
      });
    },
  });
  const server = createServer({
    headersTimeout: limits.headers,
    // Every request would have as long; see `bodyInTime`.
    requestTimeout: 0,
    keepAliveTimeout: limits.idle,
    connectionsCheckingInterval: Math.ceil(Math.min(4000, limits.headers, limits.request) / 4),
    requireHostHeader: false,
  });
  server.maxConnections = limits.connections;
  // Node would drop the headers above a number without a word; their bytes are bounded all the same.
  server.maxHeadersCount = 0;
  server.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  // That of node:http, which closing calls, spares connections that have not asked for anything yet, and cuts off
  // answers that are not read to their end.
  server.closeIdleConnections = (): void => {
    for (const socket of connections) if (!waiting.get(socket)) socket.destroySoon();
  };
  const refuse = (code: string, { socket }: IncomingMessage): void => {
    server.emit('clientError', Object.assign(new Error(code), { code }), socket);
  };
  server.on('request', (request, response) => {
    if (!isHttp1(request)) return refuse(UNKNOWN_VERSION, request);
    // Requests sent in a heap, with nobody reading the answers, would fill the memory.
    const ahead = waiting.get(request.socket) ?? 0;
    if (ahead >= limits.pipelined) return request.socket.destroy();
    waiting.set(request.socket, ahead + 1);
    const exchange = { request, response };
    underWay.add(exchange);
    response.once('close', () => {
      underWay.delete(exchange);
      waiting.set(request.socket, (waiting.get(request.socket) ?? 1) - 1);
      if (closing) server.closeIdleConnections();
    });
    response.shouldKeepAlive &&= !closing;
    bodyInTime(exchange, limits.request, () => refuse(LATE, request));
    // Writing behind the end of a response is an error of the response, which would have no other listener.
    response.on('error', onDefect);
    listener(request, response).catch((error: unknown) => {
      onDefect(error);
      response.destroy();
    });
  });
  // Left to Node, any number of such requests could wait for their responses.
  server.on('checkExpectation', (request) => refuse(UNKNOWN_EXPECTATION, request));
  server.on('clientError', (error, socket) => {
    const here = [...underWay].filter(({ request }) => request.socket === socket);
    const whole = here.findLast(({ request }) => request.complete)?.response;
    if (whole !== undefined) {
      // Requests that came before the mistake get their answers first.
      whole.shouldKeepAlive = false;
      whole.once('close', () => socket.destroy());
    } else if (!socket.writable || here.some(({ response }) => response.headersSent)) {
      socket.destroy();
    } else {
      const [status, id, message] = mistakeOf(parserCode(error));
      socket.once('finish', () => socket.destroy());
      socket.end(rawAnswer(status, headers(), problem(id, message)));
    }
  });
  return {
    server,
    close() {
      closing = true;
      for (const { response } of underWay) response.shouldKeepAlive = false;
      return new Promise((resolve) => {
        const last = setTimeout(() => server.closeAllConnections(), limits.closing);
        server.close(() => {
          clearTimeout(last);
          resolve();
        });
      });
    },
  };
}

/** Calls `late` if the body of a request takes too long. */
function bodyInTime({ request, response }: Exchange, limit: number, late: () => void): void {
  const { socket } = request;
  let timer: NodeJS.Timeout | undefined;
  const wait = (before: number): void => {
    timer = setTimeout(() => {
      if (request.complete) return;
      if (request.method === 'PUT' && socket.bytesRead > before) wait(socket.bytesRead);
      else late();
    }, limit);
  };
  wait(socket.bytesRead);
  for (const end of [request, response]) end.once('close', () => clearTimeout(timer));
}

/** The code of Node's own error for a request that takes too long. */
const LATE = 'ERR_HTTP_REQUEST_TIMEOUT';
const UNKNOWN_EXPECTATION = 'AKA_UNKNOWN_EXPECTATION';

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

type Mistake = readonly [status: number, id: string, message: string];

const NO_HTTP: Mistake = [400, 'bad_request', 'This is not a request of HTTP.'];
const DEFECT: Mistake = [500, 'defect', 'The platform failed.'];

function mistakeOf(code: string | undefined): Mistake {
  if (code === LATE) return [408, 'request_timeout', 'The request took too long to arrive.'];
  if (code === 'HPE_HEADER_OVERFLOW')
    return [431, 'headers_too_large', 'The headers of the request are too large.'];
  if (code === UNKNOWN_EXPECTATION) return [417, 'unknown_expectation', 'Only 100-continue can be expected.'];
  if (code === UNKNOWN_VERSION) return [505, 'version_not_supported', 'Use HTTP/1.1.'];
  return NO_HTTP;
}

function problem(id: string, message: string): string {
  return JSON.stringify({ id, message });
}

/** An answer as it is on the wire, for what is no exchange of node:http; the connection ends with it. */
export function rawAnswer(status: number, headers: Record<string, string>, body: string): string {
  const all = {
    ...headers,
    'Content-Type': JSON_TYPE,
    'Content-Length': String(Buffer.byteLength(body)),
    Connection: 'close',
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines, '', body].join('\r\n');
}
