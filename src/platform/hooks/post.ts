import { type LookupAddress, lookup as resolve } from 'node:dns';
import { type IncomingHttpHeaders, type IncomingMessage, request as plainRequest } from 'node:http';
import { type RequestOptions, request as secureRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { errorCode } from '../../model/error-code.js';
import { hostOf, isThisMachine } from '../../model/hooks.js';
import { printable } from '../../model/rule.js';
import { deadline } from '../deadline.js';
import { isInside } from '../machine/inside.js';

/** What is sent to whom. */
export interface Call {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Whether it may be this machine or a private network. */
  readonly reach: 'any' | 'public';
}

/** What came of it. */
export interface Answered {
  /** The status of the answer; null if none came. */
  readonly code: number | null;
  /** Why none came; null if one did. */
  readonly problem: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** The beginning of its body. */
  readonly body: string;
}

/** Sends a call. What goes wrong is an answer; it rejects only when `signal` ends it. */
export type Post = (call: Call, signal: AbortSignal) => Promise<Answered>;

export interface PostOptions {
  /** Of the whole call, in milliseconds. */
  readonly timeoutMs?: number;
  /** The authority that certificates for names below `localhost` are of, in PEM, if there is one of the platform's own. */
  readonly ca?: () => string | undefined;
  /** Finds the addresses of a host; that of the system unless a test says otherwise. */
  readonly addresses?: (host: string) => Promise<readonly string[]>;
}

const TIMEOUT_MS = 10_000;
/** So much of an answer is read; what a receiver says beyond that is not waited for. In bytes. */
const BODY_MAX = 16 * 1024;
/** So many headers of an answer are kept; Node takes no more than 16 KiB of them. */
const HEADERS_MAX = 40;
const PROBLEM_MAX = 300;

/**
 * What calls receivers: over a connection of its own each time, whose certificate must be good, within a bound of time.
 * No redirect is followed, for a receiver has no say in who else is called. The address is looked at when it is
 * connected to, so that a name can't come to mean another one meanwhile.
 */
export function poster({ timeoutMs = TIMEOUT_MS, ca, addresses = addressesOf }: PostOptions = {}): Post {
  return async (call, signal) => {
    const ends = deadline(timeoutMs, signal);
    try {
      const url = new URL(call.url);
      const found = await lookedUp(url, addresses, ends.signal);
      const allowed = call.reach === 'any' ? found : found.filter((address) => !isInside(address));
      if (allowed.length === 0) return failed('Its address is one of this machine or of a private network.');
      const trusted = hostOf(url).endsWith('.localhost') ? ca?.() : undefined;
      return await exchange(call, url, allowed, trusted, ends.signal);
    } catch (error) {
      if (signal.aborted) throw error;
      return failed(ends.isOver ? `No answer came within ${timeoutMs / 1000} s.` : reasonOf(error));
    } finally {
      ends.release();
    }
  };
}

/** The addresses of a URL's host. Names below `localhost` are this machine, whatever a name server says. */
async function lookedUp(
  url: URL,
  addresses: (host: string) => Promise<readonly string[]>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const host = hostOf(url);
  if (isIP(host) !== 0) return [host];
  if (isThisMachine(url)) return ['127.0.0.1', '::1'];
  return await Promise.race([addresses(host), aborted(signal)]);
}

/** Rejects when a signal comes: the system looks up names for as long as it likes. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = (): void => reject(signal.reason as Error);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}

function exchange(
  { headers, body }: Call,
  url: URL,
  addresses: readonly string[],
  ca: string | undefined,
  signal: AbortSignal,
): Promise<Answered> {
  const bytes = Buffer.from(body);
  const options: RequestOptions = {
    method: 'POST',
    headers: { ...headers, 'content-length': bytes.length },
    agent: false,
    lookup: lookupOf(addresses),
    signal,
    ...(ca !== undefined && { ca }),
  };
  return new Promise((settle, reject) => {
    let isAnswered = false;
    // What happens to the connection once there is an answer is no failure of the call.
    const fail = (error: Error): void => {
      if (!isAnswered) reject(error);
    };
    const request = (url.protocol === 'https:' ? secureRequest : plainRequest)(url, options);
    request.on('error', fail);
    request.once('response', (response) => {
      isAnswered = true;
      void beginningOf(response).then((text) => {
        request.destroy();
        settle({
          code: response.statusCode ?? null,
          problem: null,
          headers: kept(response.headers),
          body: text,
        });
      });
    });
    request.once('close', () => fail(new Error('The connection was closed before an answer came.')));
    request.end(bytes);
  });
}

/** As much of a body as is kept; one that breaks off or takes too long is what came of it. */
function beginningOf(response: IncomingMessage): Promise<string> {
  return new Promise((settle) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const end = (): void =>
      settle(Buffer.concat(chunks).subarray(0, BODY_MAX).toString('utf8').replaceAll('\0', ''));
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= BODY_MAX) end();
    });
    response.once('error', end);
    response.once('close', end);
  });
}

/** Answers only addresses that were looked at. */
function lookupOf(addresses: readonly string[]): LookupFunction {
  const all: LookupAddress[] = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_, options, done) => {
    const [first] = all;
    if (options.all === true) done(null, all);
    else done(null, first?.address ?? '', first?.family ?? 4);
  };
}

function kept(headers: IncomingHttpHeaders): Record<string, string> {
  const entries = Object.entries(headers).filter(([name]) => name !== 'set-cookie');
  return Object.fromEntries(
    entries.slice(0, HEADERS_MAX).map(([name, value]) => [name, String(value)] as const),
  );
}

function addressesOf(host: string): Promise<readonly string[]> {
  return new Promise((found, failedTo) => {
    resolve(host, { all: true, verbatim: true }, (error, list) => {
      if (error === null) found(list.map(({ address }) => address));
      else failedTo(error);
    });
  });
}

function failed(problem: string): Answered {
  return { code: null, problem: printable(problem).slice(0, PROBLEM_MAX), headers: {}, body: '' };
}

const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'There is no such host.',
  EAI_AGAIN: 'The name of its host can not be looked up now.',
  ECONNREFUSED: 'Nothing listens there: the connection was refused.',
  ECONNRESET: 'The connection was closed before an answer came.',
  EHOSTUNREACH: 'Its host can not be reached.',
  ENETUNREACH: 'Its network can not be reached.',
  HPE_HEADER_OVERFLOW: 'The headers of its answer are too long.',
};

function reasonOf(error: unknown): string {
  // With several addresses it is one error of several.
  const { errors, message } = (error ?? {}) as { readonly errors?: unknown; readonly message?: unknown };
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
  const code = errorCode(first ?? error) ?? '';
  const known = REASONS[code];
  if (known !== undefined) return known;
  if (code.startsWith('HPE_')) return 'What it answered is not HTTP.';
  const text = typeof message === 'string' && message !== '' ? message : 'nothing says why';
  return /CERT|SIGNATURE/.test(code)
    ? `Its certificate is not good: ${text}`
    : `The connection failed: ${text}`;
}
