import { VERSION } from '../contract/version.js';
import { errorOf, noAnswer } from './answers.js';
import { parseApiAddress } from './api-address.js';
import { type TcpOptions, tcpTransport } from './tcp-transport.js';
import { BOUNDS, type Transport, TransportError, whole } from './transport.js';

/** Where a platform says that something is to be read. */
export interface Elsewhere {
  readonly url: string;
  /** What it is, as the summary of an operation. */
  readonly summary: string;
  /** How long nothing may come, in milliseconds. */
  readonly idle: number;
}

/**
 * Reads what another server has at a URL, as it comes, without the credentials of the platform that named it. When nothing
 * came for `idle`, or `signal` says so, it ends without an error.
 *
 * Throws a RuleError for a URL that is none, and an AppsApiError if the server says no, or the connection is lost.
 */
export async function* readElsewhere(
  { url, summary, idle }: Elsewhere,
  options: TcpOptions,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { origin = url, pathname = '', search = '' } = URL.canParse(url) ? new URL(url) : {};
  const address = parseApiAddress(origin);
  if (address.kind !== 'http') return;
  const called = {
    endpoint: { method: 'GET', path: '/', summary },
    at: address.shown,
    filtered: false,
  } as const;
  let transport: Transport | undefined;
  try {
    transport = await tcpTransport(address, { ...BOUNDS, body: idle }, options);
    const headers = { accept: 'text/plain', 'user-agent': `aka/${VERSION}` };
    const answer = await transport.open({ method: 'GET', path: `${pathname}${search}`, headers }, signal);
    if (answer.status < 200 || answer.status > 299) throw errorOf(called, await whole(answer, BOUNDS));
    yield* answer.body;
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof TransportError)) throw error;
    if (error.kind !== 'timeout') throw noAnswer(called, error);
  } finally {
    await transport?.close();
  }
}
