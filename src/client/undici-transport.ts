import { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { type Dispatcher, EnvHttpProxyAgent, Pool } from 'undici';
import { isLoopback } from '../model/addresses.js';
import { isWithoutProxy } from '../model/no-proxy.js';
import type { Proxies } from './surroundings.js';
import {
  type Answering,
  type Bounds,
  codeOf,
  connectionFailure,
  singleHeaders,
  type Transport,
  TransportError,
} from './transport.js';

/** Failures of undici before anything is sent, besides those of the system's connect. */
const BEFORE_SENT = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'ETIMEDOUT',
]);

/**
 * What sets the flags of V8 as they were: the one below, and those that it turns off together with that. Compiled code is
 * kept for V8s of the same flags only (bin/run.js), and the next start has none of these.
 */
const AS_BEFORE = ['--no-liftoff-only', '--wasm-tier-up', '--wasm-dynamic-tiering'];

/** What the way to a server depends on besides where it is. */
export interface Surroundings {
  /** The certificates that are accepted, in PEM; those that Node.js knows unless told. */
  readonly ca?: readonly string[] | undefined;
  /** Proxies on the way; none to this machine itself, whatever is said here. */
  readonly proxies?: Proxies | undefined;
}

/**
 * The way to a server over TCP or TLS (1.2 or newer). This file loads undici, which takes about 100 ms: load it where it
 * is needed.
 */
export function undiciTransport(
  origin: string,
  bounds: Bounds,
  { ca, proxies }: Surroundings = {},
): Transport {
  // V8 would spend another 60 ms on optimizing undici's parser, and a command waits for that when it ends.
  setFlagsFromString('--liftoff-only');
  const tls = {
    minVersion: 'TLSv1.2',
    ...(ca !== undefined && { ca: [...ca] }),
  } as const;
  const options = {
    connections: 8,
    connect: { timeout: bounds.connect, ...tls },
    headersTimeout: bounds.headers,
    bodyTimeout: bounds.body,
  };
  const way: Dispatcher =
    proxies === undefined || isDirect(new URL(origin), proxies)
      ? new Pool(origin, options)
      : new EnvHttpProxyAgent({ ...options, ...proxies, noProxy: '', requestTls: tls, proxyTls: tls });
  return {
    async open({ method, path, headers, body }, signal) {
      try {
        const sent = typeof body === 'object' ? Readable.from(body, { objectMode: false }) : (body ?? null);
        return answering(
          await way.request({ origin, method, path, headers, body: sent, signal }),
          bounds,
          signal,
        );
      } catch (error) {
        throw failureOf(error, bounds, signal);
      }
    },
    close: async () => {
      await way.destroy();
      AS_BEFORE.forEach((flag) => setFlagsFromString(flag));
    },
  };
}

/** Decided here: undici's own reader of NO_PROXY knows no networks. */
function isDirect({ protocol, hostname, port }: URL, { noProxy = '' }: Proxies): boolean {
  const usual = protocol === 'https:' ? 443 : 80;
  return isLoopback(hostname) || isWithoutProxy(noProxy, hostname, Number(port || usual));
}

function answering(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  bounds: Bounds,
  signal: AbortSignal,
): Answering {
  return { status: statusCode, headers: singleHeaders(headers), body: bytes(body, bounds, signal) };
}

async function* bytes(
  body: AsyncIterable<Buffer>,
  bounds: Bounds,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw failureOf(error, bounds, signal);
  }
}

function failureOf(error: unknown, bounds: Bounds, signal: AbortSignal): TransportError {
  if (signal.aborted) return new TransportError('timeout', 'the time for the call is over', true, false);
  const code = codeOf(error);
  switch (code) {
    case 'UND_ERR_CONNECT_TIMEOUT':
      return new TransportError('timeout', `no connection in ${bounds.connect / 1000} s`, false, true);
    case 'UND_ERR_HEADERS_TIMEOUT':
      return new TransportError('timeout', `no answer in ${bounds.headers / 1000} s`, true, true);
    case 'UND_ERR_BODY_TIMEOUT':
      return new TransportError('timeout', `no more of the answer in ${bounds.body / 1000} s`, true, true);
    default: {
      const before = BEFORE_SENT.has(code) || /CERT|SELF_SIGNED|ISSUER|ALTNAME/.test(code);
      return connectionFailure(error, !before);
    }
  }
}
