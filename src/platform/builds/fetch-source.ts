import { type LookupAddress, lookup as resolve } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import type { Dispatcher } from 'undici';
import { AppsApiError } from '../../contract/errors.js';
import type { Digest } from '../../model/digest.js';
import { errorCode } from '../../model/error-code.js';
import { shown } from '../../model/rule.js';
import { deadline } from '../deadline.js';
import { isThisMachineOrLink } from '../machine/inside.js';
import type { Upload, Uploads } from './uploads.js';

export interface FetchOptions {
  readonly signal?: AbortSignal;
  /** Of the whole fetch. */
  readonly timeoutMs?: number;
  /** Lets it fetch by http, and from this machine: for tests. */
  readonly fromThisMachine?: boolean;
}

const TIMEOUT_MS = 10 * 60 * 1000;
const IDLE_MS = 30_000;
const REDIRECTS_MAX = 5;

/**
 * Fetches a source by https into the uploads, through the proxy of HTTPS_PROXY where that is set. Up to five redirects
 * are followed.
 *
 * Whoever may build on a platform can make it fetch. So it never connects to this machine itself, by none of its addresses, or to link-local
 * addresses; other private networks are allowed, as the servers of companies are there. Nothing of an answer is shown, and
 * one that has not the digest given is not kept. Without a digest, anything is.
 *
 * Throws an {@link AppsApiError}: 422 if it can't be had from there, 413 and 507 as {@link Uploads.add}.
 */
export async function fetchSource(
  uploads: Uploads,
  url: string,
  digest: Digest | undefined,
  { signal, timeoutMs = TIMEOUT_MS, fromThisMachine = false }: FetchOptions = {},
): Promise<Upload> {
  const { EnvHttpProxyAgent } = await import('undici');
  const dispatcher = new EnvHttpProxyAgent({
    connect: { timeout: IDLE_MS, ...(fromThisMachine ? {} : { lookup: publicLookup }) },
    headersTimeout: IDLE_MS,
    bodyTimeout: IDLE_MS,
  });
  const ends = deadline(timeoutMs, signal);
  try {
    const body = await answerOf(dispatcher, checked(url, fromThisMachine), ends.signal, fromThisMachine);
    return await uploads.add(body, { expected: digest, signal: ends.signal });
  } catch (error) {
    if (signal?.aborted) throw error;
    if (ends.isOver) throw failed(url, `it took longer than ${timeoutMs / 1000} s`);
    if (error instanceof AppsApiError || isOfDisk(error)) throw error;
    throw failed(url, reasonOf(error));
  } finally {
    ends.release();
    await dispatcher.destroy();
  }
}

async function answerOf(
  dispatcher: Dispatcher,
  url: URL,
  signal: AbortSignal,
  fromThisMachine: boolean,
): Promise<AsyncIterable<Uint8Array>> {
  let at = url;
  for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects++) {
    const { statusCode, headers, body } = await dispatcher.request({
      origin: at.origin,
      path: `${at.pathname}${at.search}`,
      method: 'GET',
      headers: { 'user-agent': 'aka', accept: '*/*' },
      signal,
    });
    if (statusCode === 200) return body;
    await body.dump();
    const { location } = headers;
    if (![301, 302, 303, 307, 308].includes(statusCode) || typeof location !== 'string') {
      throw failed(at.href, `the answer is ${statusCode}`);
    }
    if (!URL.canParse(location, at)) throw failed(at.href, 'it redirects to no address');
    at = checked(new URL(location, at).href, fromThisMachine);
  }
  throw failed(url.href, `it redirects more than ${REDIRECTS_MAX} times`);
}

function checked(text: string, fromThisMachine: boolean): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw failed(text, 'it is no address');
  if (url.protocol !== 'https:' && !(fromThisMachine && url.protocol === 'http:')) {
    throw failed(text, 'sources are fetched by https only');
  }
  if (url.username !== '' || url.password !== '')
    throw failed(url.host, 'the address holds a user or password');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // Names are looked at when they are resolved.
  if (!fromThisMachine && isIP(host) !== 0 && isThisMachineOrLink(host)) throw failed(text, LOCAL);
  return url;
}

const LOCAL = 'sources are not fetched from this machine itself';

const publicLookup: LookupFunction = (hostname, options, callback) => {
  resolve(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    const [first] = addresses ?? [];
    if (error !== null) callback(error, '');
    else if (addresses.some(({ address }) => isThisMachineOrLink(address))) callback(new Error(LOCAL), '');
    else if (options.all === true) callback(null, addresses);
    else callback(null, first?.address ?? '', first?.family);
  });
};

/** The platform's own trouble, not of where the source is. */
function isOfDisk(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EIO', 'EACCES', 'EROFS'].includes(errorCode(error) ?? '');
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message || error.name : String(error);
}

function failed(url: string, why: string): AppsApiError {
  // Queries often hold what opens them.
  return new AppsApiError({
    id: 'source_not_fetched',
    status: 422,
    message: `The source can't be fetched from ${shown(url.replace(/[?#].*/s, ''), 200)}: ${shown(why, 200)}.`,
    hint: 'Try the address with curl, or download it and name the file.',
  });
}
