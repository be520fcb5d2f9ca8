import { randomUUID } from 'node:crypto';
import type { Origin } from './routes.js';

/** Headers as they came: name, value, name, value. */
export type RawHeaders = readonly string[];

/** Of one connection only (RFC 9110, 7.6.1), whether `Connection` names them or not. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** What the router says itself, so that no client can. */
const OWN: ReadonlySet<string> = new Set([
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-forwarded-server',
  'x-real-ip',
  'x-request-id',
]);

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const REQUEST_ID = /^[\w.:+/=-]{1,128}$/;

/** Whether a name is one of HTTP's tokens, as those of methods and headers are. */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** Whether a value holds nothing that could end its line. */
export function isFieldValue(text: string): boolean {
  return VALUE.test(text);
}

/** The id a client gave its request if it is a sane one, else a new one. */
export function requestIdOf(given: string | readonly string[] | undefined): string {
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

/** The value of a header that may be there once at most: undefined if it isn't, null if it is there more often. */
export function single(headers: RawHeaders, name: string): string | undefined | null {
  let found: string | undefined;
  for (let at = 0; at < headers.length; at += 2) {
    if (headers[at]?.length !== name.length || headers[at]?.toLowerCase() !== name) continue;
    if (found !== undefined) return null;
    found = headers[at + 1];
  }
  return found;
}

/** What the router tells a dyno of the request that it passes on. */
export interface Forwarded {
  readonly host: string;
  readonly origin: Origin;
  readonly requestId: string;
}

/**
 * The headers of a request as lines for a dyno: those of the client without what is of its connection or could
 * pass for the router's own word, and the router's own.
 */
export function requestLines(headers: RawHeaders, { host, origin, requestId }: Forwarded): string {
  const named = namedByConnection(headers);
  let lines = '';
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? '';
    // Pseudo-headers of HTTP/2 are no headers, and Host comes first.
    if (name.startsWith(':')) continue;
    const lower = name.toLowerCase();
    if (lower === 'host' || lower === 'expect' || lower === 'content-length') continue;
    // Some servers take `_` for `-`, and would believe X_Forwarded_For.
    const plain = lower.includes('_') ? lower.replaceAll('_', '-') : lower;
    if (HOP_BY_HOP.has(plain) || OWN.has(plain) || named?.has(lower) === true) continue;
    lines += `${name}: ${headers[at + 1] ?? ''}\r\n`;
  }
  // The router's own come first: a server that takes only so many headers drops the last ones.
  return (
    `Host: ${host}\r\nX-Forwarded-For: ${origin.address}\r\nX-Forwarded-Proto: https\r\n` +
    `X-Forwarded-Host: ${host}\r\nX-Forwarded-Port: ${origin.port}\r\nX-Request-Id: ${requestId}\r\n${lines}`
  );
}

/** The headers of a dyno's answer for the client, under the id of the request. */
export function answerHeaders(headers: RawHeaders, requestId: string): string[] {
  const named = namedByConnection(headers);
  const kept: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? '';
    const lower = name.toLowerCase();
    if (HOP_BY_HOP.has(lower) || lower === 'x-request-id' || named?.has(lower) === true) continue;
    kept.push(name, headers[at + 1] ?? '');
  }
  kept.push('X-Request-Id', requestId);
  return kept;
}

/** Trailers that may be passed on: neither framing nor anything the router says itself. */
export function trailersOf(trailers: RawHeaders): string[] {
  const kept: string[] = [];
  for (let at = 0; at < trailers.length; at += 2) {
    const [name = '', value = ''] = trailers.slice(at, at + 2);
    const lower = name.toLowerCase().replaceAll('_', '-');
    if (HOP_BY_HOP.has(lower) || OWN.has(lower) || FRAMING.has(lower)) continue;
    kept.push(name, value);
  }
  return kept;
}

/** Names and values as they are written one below the other. */
export function linesOf(headers: RawHeaders): string {
  let lines = '';
  for (let at = 0; at < headers.length; at += 2) lines += `${headers[at]}: ${headers[at + 1]}\r\n`;
  return lines;
}

const FRAMING: ReadonlySet<string> = new Set(['content-length', 'content-type', 'content-encoding', 'host']);

/** The form that HTTP/2 wants: lower case, and a list where a name comes more than once. */
export function byName(headers: RawHeaders): Record<string, string | string[]> {
  // Without a prototype, which a header named `__proto__` would set.
  const all: Record<string, string | string[]> = Object.create(null);
  for (let at = 0; at < headers.length; at += 2) {
    const name = (headers[at] ?? '').toLowerCase();
    const value = headers[at + 1] ?? '';
    const there = Object.hasOwn(all, name) ? all[name] : undefined;
    if (there === undefined) all[name] = value;
    else if (Array.isArray(there)) there.push(value);
    else all[name] = [there, value];
  }
  return all;
}

/** Framing and routing can't be waved away by naming them in Connection. */
const NEVER_NAMED: ReadonlySet<string> = new Set(['content-length', 'host', 'cookie', 'authorization']);

function namedByConnection(headers: RawHeaders): ReadonlySet<string> | undefined {
  let names: Set<string> | undefined;
  for (let at = 0; at < headers.length; at += 2) {
    if (headers[at]?.length !== 10 || headers[at]?.toLowerCase() !== 'connection') continue;
    const value = (headers[at + 1] ?? '').toLowerCase();
    if (value === 'keep-alive' || value === 'close') continue;
    names ??= new Set();
    for (const name of value.split(',')) if (!NEVER_NAMED.has(name.trim())) names.add(name.trim());
  }
  return names;
}
