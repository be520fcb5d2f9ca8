import { StringDecoder } from 'node:string_decoder';

/** A request as it goes out. */
export interface Outgoing {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | AsyncIterable<Uint8Array>;
}

/** The beginning of an answer. Names of headers are in lower case. */
interface Head {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** An answer, whole. */
export interface Incoming extends Head {
  readonly body: string;
}

/** An answer that is still coming. Reading it throws a {@link TransportError} if no more comes; `signal` ends it. */
export interface Answering extends Head {
  readonly body: AsyncIterable<Uint8Array>;
}

/** A way to one server, with connections that are kept and used again. */
export interface Transport {
  /** Throws a {@link TransportError} if no answer comes, also when `signal` ends it; and what reading the body throws. */
  open(request: Outgoing, signal: AbortSignal): Promise<Answering>;
  close(): Promise<void>;
}

/** Waits for the rest of an answer. Throws a {@link TransportError} if it is too large, or does not come. */
export async function whole({ status, headers, body }: Answering, bounds: Bounds): Promise<Incoming> {
  // Decoded as it comes: a long list is in memory once, not as bytes besides.
  const decoder = new StringDecoder('utf8');
  let [text, size] = ['', 0];
  for await (const chunk of body) {
    size += chunk.length;
    if (size > bounds.answerBytes) {
      const succeeded = status >= 200 && status <= 299;
      const why = `It is larger than ${bounds.answerBytes} bytes.`;
      throw new TransportError('too_large', why, true, false, succeeded);
    }
    text += decoder.write(chunk);
  }
  return { status, headers, body: text + decoder.end() };
}

/** Bounds of an exchange, in milliseconds and bytes. */
export interface Bounds {
  readonly connect: number;
  /** From the request sent to the headers of its answer. */
  readonly headers: number;
  /** Between two parts of the answer. */
  readonly body: number;
  /** A whole call, with all it is repeated. */
  readonly call: number;
  readonly answerBytes: number;
}

export const BOUNDS: Bounds = {
  connect: 10_000,
  headers: 60_000,
  body: 30_000,
  call: 120_000,
  answerBytes: 64 * 1024 * 1024,
};

/** Why there is no answer. */
export class TransportError extends Error {
  override readonly name = 'TransportError';

  constructor(
    readonly kind: 'unreachable' | 'timeout' | 'too_large',
    /** The reason, for people. */
    message: string,
    /** Whether the server may have got the request, whole or in part. */
    readonly sent: boolean,
    /** Whether it may go well a moment later. */
    readonly passing: boolean,
    /** Whether an answer began that tells of success. */
    readonly succeeded = false,
  ) {
    super(message);
  }
}

/** Reasons by the code of the system's error; those that last are not worth a second try. */
const REASONS: Readonly<Record<string, { readonly text: string; readonly lasting?: true }>> = {
  EACCES: { text: 'this user may not connect', lasting: true },
  ECONNREFUSED: { text: 'nothing listens there' },
  ECONNRESET: { text: 'the connection was cut' },
  EAI_AGAIN: { text: 'its name could not be looked up' },
  EHOSTUNREACH: { text: 'there is no way to that host' },
  ENETUNREACH: { text: 'there is no way to that network' },
  ENOENT: { text: 'there is no such socket', lasting: true },
  ENOTFOUND: { text: 'there is no host of that name', lasting: true },
  ENOTSOCK: { text: 'that is not a socket', lasting: true },
  EPIPE: { text: 'the connection was cut' },
  ETIMEDOUT: { text: 'the connection timed out' },
  UND_ERR_SOCKET: { text: 'the connection was cut' },
};

/** Headers with the values of one that came several times joined. */
export function singleHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
}

/** The error for a connection that failed. */
export function connectionFailure(error: unknown, sent: boolean): TransportError {
  const code = codeOf(error);
  const known = REASONS[code];
  if (known !== undefined) return new TransportError('unreachable', known.text, sent, known.lasting !== true);
  const certificate = /CERT|TLS|SSL|SELF_SIGNED|ISSUER|ALTNAME/.test(code);
  const text = certificate ? `its certificate is not accepted (${code})` : `the exchange failed (${code})`;
  return new TransportError('unreachable', text, sent, !certificate);
}

/** The system's code of an error; of several attempts (one an address), that of the first. */
export function codeOf(error: unknown): string {
  const { code, name, errors } = Object(error) as { code?: unknown; name?: unknown; errors?: unknown };
  if (typeof code === 'string') return code;
  if (Array.isArray(errors) && errors.length > 0) return codeOf(errors[0]);
  return typeof name === 'string' ? name : 'unknown';
}
