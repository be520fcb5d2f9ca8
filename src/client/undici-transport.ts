import { setFlagsFromString } from 'node:v8';
import { type Dispatcher, Pool } from 'undici';
import {
  type Bounds,
  codeOf,
  connectionFailure,
  type Incoming,
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
    maxResponseSize: bounds.answerBytes,
  });
  return {
    async send({ method, path, headers, body }, signal) {
      try {
        return await answerOf(await pool.request({ method, path, headers, body: body ?? null, signal }));
      } catch (error) {
        throw failureOf(error, bounds, signal);
      }
    },
    close: () => pool.destroy(),
  };
}

async function answerOf({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<Incoming> {
  return { status: statusCode, headers: singleHeaders(headers), body: await body.text() };
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
    case 'UND_ERR_RES_EXCEEDED_MAX_SIZE':
      return new TransportError('too_large', `It is larger than ${bounds.answerBytes} bytes.`, true, false);
    default: {
      const before = BEFORE_SENT.has(code) || /CERT|SELF_SIGNED|ISSUER|ALTNAME/.test(code);
      return connectionFailure(error, !before);
    }
  }
}
