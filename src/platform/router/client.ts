import { IncomingMessage, ServerResponse, STATUS_CODES } from 'node:http';
import { constants, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { Duplex } from 'node:stream';
import { isHttp1, parserCode, UNKNOWN_VERSION } from '../server/http-version.js';
import { byName, isFieldValue, isToken, type RawHeaders, single, trailersOf } from './headers.js';
import { PROBLEMS, type Problem, rawPage } from './pages.js';

export type Request = IncomingMessage | Http2ServerRequest;
export type Response = ServerResponse | Http2ServerResponse;

/** A request as every version of HTTP has it, checked so that it can't become two on the way to a dyno. */
export interface Ask {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** As the client wrote it, with its port. */
  readonly host: string;
  readonly headers: RawHeaders;
  /** The bytes of the body; null if only its end will tell. */
  readonly length: number | null;
}

const TARGET = /^(?:\/[\x21-\x7e\x80-\xff]*|\*)$/;
const ABSOLUTE = /^https?:\/\/([^/?]+)(.*)$/i;
const HOST = /^[\w.:[\]-]{0,259}$/;
/** Bytes that are cheaper to copy than to send apart. */
const SMALL = 16_384;
/** As Node has it, which answers such an expectation itself. */
const CONTINUE = /(?:^|\W)100-continue(?:$|\W)/i;
const LENGTH = /^\d{1,15}$/;

/** Whether a request came in a stream of HTTP/2. Its version can't tell: a line of HTTP/1 may claim `HTTP/2.0`. */
export function isHttp2(request: Request): request is Http2ServerRequest {
  return !(request instanceof IncomingMessage);
}

/** Reads a request. Returns why it is refused instead, if it is. */
export function askOf(
  request: Request,
): Ask | 'malformed' | 'unknown coding' | 'unknown version' | 'unknown expectation' {
  const { method = '', rawHeaders: headers } = request;
  if (!isHttp2(request) && !isHttp1(request)) return 'unknown version';
  const { expect } = request.headers;
  if (expect !== undefined && !CONTINUE.test(expect)) return 'unknown expectation';
  const { target, authority } = isHttp2(request)
    ? { target: request.url, authority: undefined }
    : originForm(request.url ?? '', method);
  const said = hostOf(request);
  // HTTP/1.0 may name the host in the target only.
  const host = said === '' ? (authority ?? '') : said;
  if (host === undefined || !HOST.test(host)) return 'malformed';
  if (authority !== undefined && hostName(authority) !== hostName(host)) return 'malformed';
  if (!TARGET.test(target) || (target === '*' && method !== 'OPTIONS') || !isToken(method))
    return 'malformed';
  // Node's parser of HTTP/1 has looked at every one already.
  if (isHttp2(request) && !areSound(headers)) return 'malformed';
  const coding = single(headers, 'transfer-encoding');
  const length = single(headers, 'content-length');
  if (length === null || (length !== undefined && !LENGTH.test(length))) return 'malformed';
  if (coding !== undefined) {
    if (length !== undefined || isHttp2(request)) return 'malformed';
    return coding?.toLowerCase() === 'chunked'
      ? { method, target, host, headers, length: null }
      : 'unknown coding';
  }
  if (length !== undefined) return { method, target, host, headers, length: Number(length) };
  const isOpen = isHttp2(request) && !request.stream.endAfterHeaders;
  return { method, target, host, headers, length: isOpen ? null : 0 };
}

/** The path and query of a target, and the host of one in absolute form (RFC 9112, 3.2.2), as a proxy's clients send it. */
export function originForm(
  target: string,
  method: string,
): { readonly target: string; readonly authority?: string } {
  const [, authority, rest = ''] = ABSOLUTE.exec(target) ?? [];
  if (authority === undefined) return { target };
  if (rest === '' && method === 'OPTIONS') return { target: '*', authority };
  return { target: rest.startsWith('/') ? rest : `/${rest}`, authority };
}

/** The one host of a request: an empty one if HTTP/1.0 has none, undefined if there are several or HTTP/1.1 has none. */
function hostOf(request: Request): string | undefined {
  const host = single(request.rawHeaders, 'host');
  if (host === null) return undefined;
  if (!isHttp2(request)) return host ?? (request.httpVersion === '1.0' ? '' : undefined);
  const { authority } = request;
  if (authority === undefined || authority === '') return host ?? '';
  return host === undefined || host === authority ? authority : undefined;
}

function areSound(headers: RawHeaders): boolean {
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? '';
    if (!isToken(name.startsWith(':') ? name.slice(1) : name) || !isFieldValue(headers[at + 1] ?? ''))
      return false;
  }
  return true;
}

/** A host in lower case without its port, for {@link Routes}. */
export function hostName(host: string): string {
  const colon = host.indexOf(':');
  const name = (colon < 0 ? host : host.slice(0, colon)).toLowerCase();
  // A name may be written with the dot of the root.
  return name.endsWith('.') ? name.slice(0, -1) : name;
}

/**
 * Starts a response. Throws if a header can't be sent in this version of HTTP; then nothing was sent, and another head
 * can be.
 */
export function writeHead(response: Response, status: number, message: string, headers: string[]): void {
  if (response instanceof ServerResponse) {
    response.writeHead(status, message || STATUS_CODES[status], headers);
    return;
  }
  const { stream } = response;
  if (stream.destroyed || stream.closed) return;
  // Not by the response's own writeHead: what that refuses stays in it, and spoils the head of the error page, too.
  stream.respond({ ...byName(headers), ':status': status }, { waitForTrailers: true });
}

/** Passes early hints on (RFC 8297), to who can take them: links only, as nothing else is of use before the answer. */
export function writeHints(request: Request, response: Response, headers: RawHeaders): void {
  if (response.headersSent || (!isHttp2(request) && request.httpVersion === '1.0')) return;
  const link = headers.flatMap((name, at) =>
    at % 2 === 0 && name.toLowerCase() === 'link' ? (headers[at + 1] ?? '').split(/,\s*(?=<)/) : [],
  );
  try {
    if (response instanceof ServerResponse) response.writeEarlyHints({ link });
    else response.writeEarlyHints({ link });
  } catch {
    // Node refuses links of other forms, and nobody relies on hints.
  }
}

/** Has the start of an answer sent before there is any body. */
export function flushHead(response: Response): void {
  // HTTP/2 sends it at once.
  if (response instanceof ServerResponse) response.flushHeaders();
}

/** Sends a piece of the body; false asks to wait for `drain`. */
export function writeBody(response: Response, piece: Buffer): boolean {
  return response instanceof ServerResponse ? response.write(piece) : response.write(piece);
}

/** Sends the last piece of the body, if there is one, and the trailers. */
export function endAnswer(
  response: Response,
  piece: Buffer | string | undefined,
  trailers: RawHeaders,
): void {
  const passed = trailers.length === 0 ? [] : trailersOf(trailers);
  if (passed.length > 0) addTrailers(response, passed);
  if (piece === undefined) response.end();
  // Node sends a string together with the head, in one piece and one record of TLS.
  else if (piece instanceof Buffer && piece.length <= SMALL && response instanceof ServerResponse)
    response.end(piece.toString('latin1'), 'latin1');
  else response.end(piece);
}

function addTrailers(response: Response, trailers: string[]): void {
  if (response instanceof ServerResponse) {
    response.addTrailers(byName(trailers));
    return;
  }
  const { stream } = response;
  // The response would send them from a listener of its own, where nobody can catch what they are refused with.
  stream.removeAllListeners('wantTrailers');
  stream.once('wantTrailers', () => {
    try {
      stream.sendTrailers(byName(trailers));
    } catch {
      breakOff(response);
    }
  });
}

/** Breaks an answer off, so that the client sees that it is not whole. */
export function breakOff(response: Response): void {
  if (response instanceof ServerResponse) response.destroy();
  else response.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
}

/** Ends a connection on which Node's parser of HTTP/1 found no request, with a page that says why. */
export function endWithProblem(error: unknown, socket: Duplex): void {
  const code = parserCode(error);
  if (code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const problem = (code !== undefined && PARSER_PROBLEMS.get(code)) || PROBLEMS.badRequest;
  socket.end(rawPage(problem), () => socket.destroy());
}

const PARSER_PROBLEMS: ReadonlyMap<string, Problem> = new Map([
  ['ERR_HTTP_REQUEST_TIMEOUT', PROBLEMS.requestTimeout],
  ['HPE_HEADER_OVERFLOW', PROBLEMS.headersTooLarge],
  [UNKNOWN_VERSION, PROBLEMS.versionNotSupported],
]);

/** Joins two connections until either ends, or nothing passes for too long. */
export function splice(
  client: Duplex,
  dyno: Duplex & { setTimeout(ms: number): unknown },
  idle: number,
): void {
  const end = (): void => {
    client.destroy();
    dyno.destroy();
  };
  dyno.setTimeout(idle);
  for (const side of [client, dyno]) {
    side.on('error', end);
    side.on('close', end);
    side.on('timeout', end);
  }
  client.pipe(dyno);
  dyno.pipe(client);
}
