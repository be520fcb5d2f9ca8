import { createHash, randomBytes } from 'node:crypto';
import { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { printable } from '../../model/rule.js';
import type { AnswerHead } from './answer-parser.js';
import {
  type Ask,
  askOf,
  breakOff,
  endAnswer,
  flushHead,
  hostName,
  isHttp2,
  type Request,
  type Response,
  splice,
  writeBody,
  writeHead,
  writeHints,
} from './client.js';
import type { AnswerSink, DynoConnection, Failure } from './dyno-connection.js';
import { DialTimeout, type Dynos, type Lease } from './dynos.js';
import {
  answerHeaders,
  linesOf,
  type RawHeaders,
  requestIdOf,
  requestLines,
  single,
  trailersOf,
} from './headers.js';
import type { Limits } from './limits.js';
import { PROBLEMS, type Problem, pageOf } from './pages.js';
import { type Origin, type Route, type Routes, visibleRoute } from './routes.js';

/** A request that is over, for the log of its app. */
export interface RequestRecord {
  /** `app-space`; null if the request led to no app. */
  readonly app: string | null;
  readonly method: string;
  readonly host: string;
  /** Without the query, which may hold secrets; safe to print. */
  readonly path: string;
  readonly protocol: 'HTTP/1.0' | 'HTTP/1.1' | 'HTTP/2';
  /** What the client got; 499 if it left before. */
  readonly status: number;
  /** Milliseconds from the request's headers to the end of the answer. */
  readonly ms: number;
  /** Bytes of the answer's body; for WebSockets 0. */
  readonly bytes: number;
  readonly dyno: string | null;
  readonly requestId: string;
  /** The address of the client. */
  readonly from: string;
}

/** What all exchanges of a router share. */
export interface Exchanges {
  readonly routes: Routes;
  readonly dynos: Dynos;
  readonly limits: Limits;
  readonly onRequest: (record: RequestRecord) => void;
  /** Takes an exception that ended one exchange: a defect of the router. */
  readonly onDefect: (error: unknown) => void;
  readonly underWay: Set<Exchange>;
  /** Whether the router is being closed. */
  isClosing(): boolean;
  /** An exchange is over. */
  onOver(): void;
}

/** The connection of a client that asks for a WebSocket over HTTP/1.1, or the stream that does over HTTP/2. */
export interface Upgrade {
  readonly client: Duplex;
  readonly version: 1 | 2;
  /** What the client sent after its request. */
  readonly surplus: Buffer;
}

/** Methods that mean the same when they are sent twice (RFC 9110, 9.2.2). */
const REPEATABLE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

const REFUSALS = {
  malformed: PROBLEMS.badRequest,
  'unknown coding': PROBLEMS.notImplemented,
  'unknown version': PROBLEMS.versionNotSupported,
  'unknown expectation': PROBLEMS.expectationFailed,
} as const;

const FAILURES: Readonly<Record<Failure, Problem>> = {
  closed: PROBLEMS.broken,
  timeout: PROBLEMS.timeout,
  invalid: PROBLEMS.broken,
  'other protocol': PROBLEMS.otherProtocol,
};

/** RFC 6455, 1.3. */
const WEBSOCKET_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** One request on its way to a dyno, and the answer on its way back. */
export class Exchange implements AnswerSink {
  readonly #shared: Exchanges;
  readonly #request: Request;
  readonly #response: Response;
  readonly #origin: Origin;
  readonly #upgrade: Upgrade | undefined;
  readonly #requestId: string;
  readonly #started = performance.now();
  #ask: Ask = { method: '', target: '', host: '', headers: [], length: 0 };
  #hostName = '';
  #route: Route | undefined;
  /** Dynos, by name: each look for the route has upstreams of its own. */
  readonly #tried: string[] = [];
  /** Why the dyno that was tried last could not be connected to. */
  #problem: Problem | undefined;
  #lease: Lease | undefined;
  #connection: DynoConnection | undefined;
  /** Whether the connection was used before, so that it may have been closed in the meantime. */
  #isKept = false;
  /** Whether a byte of the body was taken from the client: then nothing can be sent again. */
  #isBodyTaken = false;
  /** Whether there is more of the body to come. */
  #isSending = false;
  #status = 0;
  #bytes = 0;
  #piece: Buffer | undefined;
  #isFlushed = false;
  #isOver = false;
  #websocketKey = '';
  #tunnel: Socket | undefined;

  constructor(
    shared: Exchanges,
    request: Request,
    response: Response,
    { origin, upgrade }: { origin: Origin; upgrade?: Upgrade | undefined },
  ) {
    this.#shared = shared;
    this.#request = request;
    this.#response = response;
    this.#origin = origin;
    this.#upgrade = upgrade;
    this.#requestId = requestIdOf(request.headers['x-request-id']);
  }

  /** Whether it has become a WebSocket, which nobody can wait for. */
  get isTunnel(): boolean {
    return this.#tunnel !== undefined;
  }

  start(): void {
    this.#shared.underWay.add(this);
    // Closed is what a connection with an error becomes, too. `on`, for `once` costs more, and there is only one end.
    this.#response.on(
      'close',
      this.#step(() => this.#clientLeft()),
    );
    this.#response.on('error', ignore);
    this.#request.on('error', ignore);
    this.#step(() => this.#begin())();
  }

  #begin(): void {
    const { routes } = this.#shared;
    if (this.#shared.isClosing()) this.closeAfter();
    if (this.#request.rawHeaders.length / 2 > this.#shared.limits.headerCount)
      return this.#refuse(PROBLEMS.headersTooLarge);
    const ask = askOf(this.#request);
    if (typeof ask === 'string') {
      // Where the next request would start is as unclear.
      this.closeAfter();
      return this.#refuse(REFUSALS[ask]);
    }
    this.#ask = ask;
    this.#hostName = hostName(ask.host);
    const route = visibleRoute(routes, this.#hostName, this.#origin);
    if (route === undefined) return this.#refuse(PROBLEMS.unknownHost);
    this.#route = route;
    if (route.maintenance) return this.#refuse(PROBLEMS.maintenance);
    if (this.#upgrade !== undefined && !this.#isWebSocket(this.#upgrade))
      return this.#refuse(PROBLEMS.noUpgrade);
    this.#tryNext(route);
  }

  /** Has the connection closed with this answer. */
  closeAfter(): void {
    if (this.#response instanceof ServerResponse) this.#response.shouldKeepAlive = false;
  }

  /** Ends this exchange, and nothing else, because of an exception. */
  defect(error: unknown): void {
    this.#shared.onDefect(error);
    if (this.#isOver) return;
    this.#connection?.destroy();
    this.#connection = undefined;
    try {
      if (this.#tunnel === undefined && !this.#response.headersSent) return this.#refuse(PROBLEMS.broken);
    } catch {
      // Not even the error page can be sent.
    }
    this.destroy();
  }

  /** Gives up. */
  destroy(): void {
    this.#tunnel?.destroy();
    this.#connection?.destroy();
    breakOff(this.#response);
    this.#over(this.#status);
  }

  hints(headers: RawHeaders): void {
    if (this.#isOver || this.#upgrade !== undefined) return;
    writeHints(this.#request, this.#response, headers);
  }

  head({ status, message, headers }: AnswerHead): void {
    this.#status = status;
    if (status === 101) return this.#switch(headers);
    const passed = answerHeaders(headers, this.#requestId);
    if (status === 204 || status === 205) dropLength(passed);
    // It has no content, whatever the dyno sends (RFC 9110, 15.3.6), and says so: a client would wait for some.
    if (status === 205) passed.push('Content-Length', '0');
    try {
      writeHead(this.#response, status, message, passed);
    } catch {
      // HTTP/2 refuses what HTTP/1 lets pass, such as two content types.
      this.#connection?.destroy();
      this.#refuse(PROBLEMS.broken);
    }
  }

  body(chunk: Buffer): void {
    if (this.#isOver || this.#status === 205) return;
    this.#bytes += chunk.length;
    // The last piece goes out together with the end.
    if (this.#piece !== undefined) this.#pass(this.#piece);
    this.#piece = chunk;
  }

  settle(): void {
    if (this.#isOver || this.#status === 0) return;
    if (this.#piece !== undefined) {
      this.#pass(this.#piece);
      this.#piece = undefined;
    } else if (!this.#isFlushed) {
      // A client that waits for events wants to know at once that they will come.
      this.#isFlushed = true;
      flushHead(this.#response);
    }
  }

  end(trailers: RawHeaders): void {
    if (this.#isOver) return;
    if (this.#isSending) {
      // An answer before the end of the request: what is left of that has no reader any more.
      this.#connection?.destroy();
      this.#request.resume();
    }
    endAnswer(this.#response, this.#piece, trailers);
    this.#over(this.#status);
  }

  upgraded(dyno: Socket, surplus: Buffer): void {
    const upgrade = this.#upgrade;
    if (upgrade === undefined || this.#isOver) return void dyno.destroy();
    this.#connection = undefined;
    this.#tunnel = dyno;
    if (upgrade.surplus.length > 0) dyno.write(upgrade.surplus);
    if (surplus.length > 0) upgrade.client.write(surplus);
    dyno.once('close', () => this.#over(this.#status));
    splice(upgrade.client, dyno, this.#shared.limits.idle);
  }

  failed(failure: Failure, begun: boolean): void {
    if (this.#isOver) return;
    this.#connection = undefined;
    // A kept connection that was closed before anything came back never carried the request: it is sent again.
    if (failure === 'closed' && this.#isKept && !begun && !this.#isBodyTaken) return this.#sendFresh();
    if (this.#response.headersSent) {
      breakOff(this.#response);
      return this.#over(this.#status);
    }
    this.#refuse(FAILURES[failure]);
  }

  /** A step that an event takes this exchange: an exception in it ends this exchange alone. */
  #step<Given extends unknown[]>(work: (...given: Given) => void): (...given: Given) => void {
    return (...given) => {
      try {
        work(...given);
      } catch (error) {
        this.defect(error);
      }
    };
  }

  #tryNext(route: Route): void {
    this.#lease?.release();
    this.#lease = this.#shared.dynos.lease(route.upstreams, this.#tried);
    if (this.#lease === undefined) {
      if (this.#problem !== undefined) return this.#refuse(this.#problem);
      return this.#refuse(route.upstreams.length === 0 ? PROBLEMS.noDyno : PROBLEMS.busy);
    }
    this.#tried.push(this.#lease.upstream.dyno);
    const { method, length } = this.#ask;
    // What can't be sent twice never goes over a connection that may be closed already.
    const kept = REPEATABLE.has(method) && length === 0 ? this.#lease.kept() : undefined;
    if (kept === undefined) return this.#sendFresh();
    this.#isKept = true;
    this.#send(kept);
  }

  #sendFresh(): void {
    this.#isKept = false;
    this.#lease?.fresh().then(
      this.#step((connection) => {
        if (this.#isOver) connection.destroy();
        else this.#send(connection);
      }),
      this.#step((error) => this.#notConnected(error)),
    );
  }

  /** Nothing was sent, so another dyno can have it, if one is left now. */
  #notConnected(error: unknown): void {
    if (this.#isOver) return;
    // A dyno that does not get to accepting connections has too much to do.
    this.#problem = error instanceof DialTimeout ? PROBLEMS.busy : PROBLEMS.refused;
    const route = this.#route && visibleRoute(this.#shared.routes, this.#hostName, this.#origin);
    if (route === undefined) this.#refuse(this.#problem);
    else this.#tryNext(route);
  }

  #send(connection: DynoConnection): void {
    this.#connection = connection;
    const { method, target, host, headers, length } = this.#ask;
    const lines = requestLines(headers, { host, origin: this.#origin, requestId: this.#requestId });
    if (this.#upgrade !== undefined) {
      connection.send(
        `GET ${target} HTTP/1.1\r\n${lines}${this.#upgradeLines(this.#upgrade)}\r\n`,
        { method: 'GET', upgrade: true },
        this,
        true,
      );
      return;
    }
    const framing =
      length === null
        ? 'Transfer-Encoding: chunked\r\n'
        : length > 0 || single(headers, 'content-length') !== undefined
          ? `Content-Length: ${length}\r\n`
          : '';
    connection.send(
      `${method} ${target} HTTP/1.1\r\n${lines}${framing}\r\n`,
      { method, upgrade: false },
      this,
      length === 0,
    );
    if (length !== 0) this.#sendBody(connection, length === null);
  }

  #sendBody(connection: DynoConnection, isChunked: boolean): void {
    const body = this.#request;
    this.#isBodyTaken = true;
    this.#isSending = true;
    connection.onDrain(() => body.resume());
    const pass = (piece: Buffer): void => {
      if (this.#isOver) return;
      if (isChunked) connection.write(`${piece.length.toString(16)}\r\n`);
      let goesOn = connection.write(piece);
      if (isChunked) goesOn = connection.write('\r\n');
      if (!goesOn) body.pause();
    };
    const finish = (): void => {
      this.#isSending = false;
      if (isChunked) connection.write(`0\r\n${linesOf(trailersOf(body.rawTrailers))}\r\n`);
      connection.sent();
    };
    body.on('data', this.#step(pass));
    body.once('end', this.#step(finish));
  }

  #pass(piece: Buffer): void {
    this.#isFlushed = true;
    if (writeBody(this.#response, piece)) return;
    const connection = this.#connection;
    connection?.pause();
    this.#response.once('drain', () => connection?.resume());
  }

  #isWebSocket({ version }: Upgrade): boolean {
    const { headers, method } = this.#request;
    if (version === 2) return headers[':protocol'] === 'websocket';
    return method === 'GET' && this.#ask.length === 0 && headers.upgrade?.toLowerCase() === 'websocket';
  }

  /** HTTP/2 has no key: there the router makes one and checks the answer to it itself (RFC 8441, 5). */
  #upgradeLines({ version }: Upgrade): string {
    const lines = 'Connection: Upgrade\r\nUpgrade: websocket\r\n';
    if (version === 1) return lines;
    this.#websocketKey = randomBytes(16).toString('base64');
    return `${lines}Sec-WebSocket-Key: ${this.#websocketKey}\r\n`;
  }

  #switch(headers: RawHeaders): void {
    const passed = answerHeaders(headers, this.#requestId);
    if (this.#upgrade?.version === 1) {
      this.#isFlushed = true;
      const pairs = [...passed, 'Connection', 'Upgrade', 'Upgrade', 'websocket'];
      const response = this.#response as ServerResponse;
      response.detachSocket(this.#upgrade.client as Socket);
      this.#upgrade.client.write(`HTTP/1.1 101 Switching Protocols\r\n${linesOf(pairs)}\r\n`, 'latin1');
      return;
    }
    const accept = createHash('sha1').update(`${this.#websocketKey}${WEBSOCKET_GUID}`).digest('base64');
    if (single(headers, 'sec-websocket-accept') !== accept) {
      this.#connection?.destroy();
      return this.#refuse(PROBLEMS.broken);
    }
    this.#status = 200;
    writeHead(
      this.#response,
      200,
      '',
      passed.filter((_, at) => passed[at & ~1]?.toLowerCase() !== 'sec-websocket-accept'),
    );
    flushHead(this.#response);
  }

  #refuse(problem: Problem): void {
    if (this.#isOver) return;
    const { headers, body } = pageOf(problem, this.#request.headers.accept, this.#requestId);
    // Nobody wants the rest of its body.
    if (this.#ask.length !== 0) this.closeAfter();
    this.#request.resume();
    const isHead = this.#request.method === 'HEAD';
    writeHead(this.#response, problem.status, '', headers);
    this.#bytes = isHead ? 0 : Buffer.byteLength(body);
    endAnswer(this.#response, isHead ? undefined : body, []);
    this.#over(problem.status);
  }

  #clientLeft(): void {
    if (this.#isOver || this.#tunnel !== undefined) return;
    this.#connection?.destroy();
    this.#over(499);
  }

  #over(status: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#lease?.release();
    this.#shared.underWay.delete(this);
    const { method = '', httpVersion } = this.#request;
    const { target } = this.#ask;
    const query = target.indexOf('?');
    this.#report({
      app: this.#route?.key ?? null,
      method,
      host: this.#hostName,
      path: printable(query < 0 ? target : target.slice(0, query)),
      protocol: isHttp2(this.#request) ? 'HTTP/2' : httpVersion === '1.0' ? 'HTTP/1.0' : 'HTTP/1.1',
      status,
      ms: performance.now() - this.#started,
      bytes: this.#bytes,
      dyno: this.#lease?.upstream.dyno ?? null,
      requestId: this.#requestId,
      from: this.#origin.address,
    });
    this.#shared.onOver();
  }

  #report(record: RequestRecord): void {
    try {
      this.#shared.onRequest(record);
    } catch (error) {
      this.#shared.onDefect(error);
    }
  }
}

function ignore(): void {}

function dropLength(headers: string[]): void {
  const at = headers.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === 'content-length');
  if (at >= 0) headers.splice(at, 2);
}
