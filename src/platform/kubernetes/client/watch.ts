import { StringDecoder } from 'node:string_decoder';
import { errors } from 'undici';
import { type KubernetesClient, queryOf } from './client.js';
import { errorOfStatus, KubernetesError, type Status } from './errors.js';
import { collectionPath, type KubernetesObject, type Resource, type StoredMetadata } from './resources.js';
import { backoff, pause } from './retry.js';

/** An object as the server stores it. */
export interface StoredObject extends KubernetesObject {
  readonly metadata: StoredMetadata;
}

/** What a watch tells. */
export interface WatchEvents<Stored> {
  /** All objects there are: at first, and whenever changes may have been missed. What isn't among them is gone. */
  onList(items: readonly Stored[]): void;
  onChange(change: 'ADDED' | 'MODIFIED' | 'DELETED', object: Stored): void;
  /** The watch failed and is tried again after `retryMs`. What is known may be old until the next change or list. */
  onLost?(error: KubernetesError, retryMs: number): void;
  /** It works again after {@link onLost}. */
  onResumed?(): void;
}

export interface WatchOptions {
  readonly namespace?: string;
  readonly labels?: string;
  readonly fields?: string;
  readonly signal: AbortSignal;
  /** After which the server ends a watch, which is then resumed. */
  readonly timeoutSeconds?: number;
  /** Milliseconds before the first retry. */
  readonly firstRetryMs?: number;
}

/** A line of a watch; an object in etcd is at most 1.5 MiB. */
const LINE_MAX = 8 * 1024 * 1024;
/** A server that ends no watch in time is gone. */
const IDLE_MARGIN = 15_000;

/**
 * Follows the objects of a kind until `signal` comes: lists them, then watches from that version on. A watch that ends is
 * resumed at the last version it told, and after 410 everything is listed again. So it is after a handler threw, which
 * counts as a failure. Never rejects.
 */
export async function watch<Stored extends StoredObject>(
  client: KubernetesClient,
  resource: Resource,
  events: WatchEvents<Stored>,
  { namespace, labels, fields, signal, timeoutSeconds = 300, firstRetryMs = 200 }: WatchOptions,
): Promise<void> {
  const path = collectionPath(resource, namespace);
  const query = { labelSelector: labels, fieldSelector: fields, watch: '1', allowWatchBookmarks: 'true' };
  const idleMs = timeoutSeconds * 1000 + IDLE_MARGIN;
  let version: string | undefined;
  let failures = 0;
  let isLost = false;

  async function listAndWatch(): Promise<void> {
    if (version === undefined) {
      const list = await client.list<Stored>(resource, { namespace, labels, fields, signal });
      events.onList(list.items);
      version = list.resourceVersion;
    }
    const from = queryOf({ ...query, timeoutSeconds: String(timeoutSeconds), resourceVersion: version });
    const body = await client.stream(`${path}${from}`, signal, idleMs);
    if (isLost) events.onResumed?.();
    isLost = false;
    for await (const line of lines(body)) {
      const event = JSON.parse(line) as WatchEvent<Stored>;
      // With status 200: the stream had begun.
      if (event.type === 'ERROR') throw errorOfStatus(event.object, `WATCH ${path}`);
      if (event.type !== 'BOOKMARK') events.onChange(event.type, event.object);
      version = event.object.metadata.resourceVersion;
      failures = 0;
    }
  }

  while (!signal.aborted) {
    try {
      await listAndWatch();
      // Some proxies end every watch at once.
      await pause(firstRetryMs, signal);
    } catch (error) {
      if (signal.aborted) return;
      const reason = watchError(error, path);
      if (reason.id === 'gone' || reason.id === 'failed') version = undefined;
      failures += 1;
      if (reason.id === 'gone' && failures === 1) continue;
      const retryMs = reason.details.retryAfterMs ?? backoff(failures - 1, { first: firstRetryMs });
      isLost = true;
      events.onLost?.(reason, retryMs);
      await pause(retryMs, signal);
    }
  }
}

/** A connection that broke is resumed; what a handler threw, or a server that talks nonsense, means a new list. */
function watchError(error: unknown, path: string): KubernetesError {
  if (error instanceof KubernetesError) return error;
  const isConnection =
    error instanceof errors.UndiciError || (error as NodeJS.ErrnoException).syscall !== undefined;
  const message = `WATCH ${path}: ${error instanceof Error ? error.message : 'unknown'}`;
  return new KubernetesError(isConnection ? 'unreachable' : 'failed', message, {}, { cause: error });
}

type WatchEvent<Stored> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; readonly object: Stored }
  | { readonly type: 'ERROR'; readonly object: Status };

async function* lines(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of body) {
    const parts = decoder.write(Buffer.from(chunk)).split('\n');
    parts[0] = rest + (parts[0] ?? '');
    rest = parts.pop() ?? '';
    if (rest.length > LINE_MAX)
      throw new KubernetesError('too_large', `A change is over ${LINE_MAX} characters.`);
    yield* parts;
  }
}
