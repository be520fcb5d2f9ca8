import { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { type Dispatcher, Pool } from 'undici';
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

/** The way to a server over TCP or TLS. This file loads undici, which takes about 100 ms: load it where it is needed. */
export function undiciTransport(origin: string, bounds: Bounds): Transport {
  // V8 would spend another 60 ms on optimizing undici's parser, and a command waits for that when it ends.
  setFlagsFromString('--liftoff-only');
  const pool = new Pool(origin, {
    connections: 8,
    connect: { timeout: bounds.connect },
    headersTimeout: bounds.headers,
    bodyTimeout: bounds.body,
  });
  return {
    async open({ method, path, headers, body }, signal) {
      try {
        const sent = typeof body === 'object' ? Readable.from(body, { objectMode: false }) : (body ?? null);
        return answering(await pool.request({ method, path, headers, body: sent, signal }), bounds, signal);
      } catch (error) {
        throw failureOf(error, bounds, signal);
      }
    },
    close: () => pool.destroy(),
  };
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
