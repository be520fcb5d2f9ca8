import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { type Dispatcher, errors } from 'undici';
import { deadline } from '../../deadline.js';
import type { ClusterAccess, Credential } from './access.js';
import { Connections, TIMEOUTS } from './connection.js';
import { errorOfStatus, KubernetesError, type Status } from './errors.js';
import {
  collectionPath,
  type KubernetesObject,
  type ObjectRef,
  objectPath,
  type Resource,
  refOf,
} from './resources.js';
import { backoff, pause } from './retry.js';

/** The owner of the fields that the platform sets, in server-side apply. */
export const FIELD_MANAGER = 'aka';
const PAGE = 500;
/** Bytes. */
const RESPONSE_MAX = 64 * 1024 * 1024;
const ATTEMPTS = 4;
const NEVER = new AbortController().signal;

/**
 * The API of a cluster. Every method throws a {@link KubernetesError}. Requests that the server didn't take (429, 503),
 * and reads after a broken connection, are retried, at most three times within {@link TIMEOUTS}.call.
 */
export class KubernetesClient {
  readonly #connections: Connections;

  constructor(readonly access: ClusterAccess) {
    this.#connections = new Connections(access);
  }

  /** Reads any path, such as `/version`. */
  read<Answer>(path: string, signal?: AbortSignal): Promise<Answer> {
    return this.#json<Answer>({ method: 'GET', path }, signal);
  }

  get<Stored>(ref: ObjectRef): Promise<Stored> {
    return this.read<Stored>(objectPath(ref));
  }

  /** The object, or undefined if it isn't there. */
  async find<Stored>(ref: ObjectRef): Promise<Stored | undefined> {
    return await this.get<Stored>(ref).catch(ignoreMissing);
  }

  /** All objects of a kind and the version of the list, read in pages. */
  async list<Stored>(
    resource: Resource,
    { namespace, labels, fields, signal }: ListOptions = {},
  ): Promise<Listed<Stored>> {
    const path = collectionPath(resource, namespace);
    for (let restarts = 0; ; restarts++) {
      try {
        return await this.#pages<Stored>(path, { labelSelector: labels, fieldSelector: fields }, signal);
      } catch (error) {
        // The list changed too much while it was read.
        if (!(error instanceof KubernetesError && error.id === 'gone') || restarts === 2) throw error;
      }
    }
  }

  create<Stored>(object: KubernetesObject, { dryRun = false } = {}): Promise<Stored> {
    const path = collectionPath(object, object.metadata.namespace);
    const query = queryOf({ fieldManager: FIELD_MANAGER, dryRun: dryRun ? 'All' : undefined });
    return this.#json<Stored>({ method: 'POST', path: `${path}${query}`, body: object });
  }

  /**
   * Server-side apply: the platform owns exactly the fields of `object`, and a field that it no longer sends is removed.
   * Without `force`, a field that another manager owns is a `conflict`.
   */
  apply<Stored>(object: KubernetesObject, { force = true, dryRun = false } = {}): Promise<Stored> {
    const query = queryOf({
      fieldManager: FIELD_MANAGER,
      force: String(force),
      dryRun: dryRun ? 'All' : undefined,
    });
    const path = `${objectPath(refOf(object))}${query}`;
    return this.#json<Stored>({ method: 'PATCH', path, body: object, type: 'application/apply-patch+yaml' });
  }

  /** Merges fields into an object (RFC 7396). */
  merge<Stored>(ref: ObjectRef, fields: object): Promise<Stored> {
    const path = `${objectPath(ref)}${queryOf({ fieldManager: FIELD_MANAGER })}`;
    return this.#json<Stored>({ method: 'PATCH', path, body: fields, type: 'application/merge-patch+json' });
  }

  /**
   * Deletes an object. Returns false if it isn't there. With `uid` or `resourceVersion`, one that differs is a `conflict`.
   * `graceSeconds` is for pods.
   */
  async delete(ref: ObjectRef, options: DeleteOptions = {}): Promise<boolean> {
    const { uid, resourceVersion, graceSeconds, propagation = 'Background' } = options;
    const preconditions =
      uid === undefined && resourceVersion === undefined ? undefined : { uid, resourceVersion };
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: propagation,
      gracePeriodSeconds: graceSeconds,
      preconditions,
    };
    const deleted = await this.#json({ method: 'DELETE', path: objectPath(ref), body }).catch(ignoreMissing);
    return deleted !== undefined;
  }

  /**
   * Opens a response of any length, such as a watch or a log. Its body ends with `signal`, or when nothing came for
   * `idleMs`.
   */
  async stream(path: string, signal: AbortSignal, idleMs: number): Promise<AsyncIterable<Uint8Array>> {
    const { body } = await this.#send({ method: 'GET', path, idleMs }, signal);
    return body;
  }

  /** Upgrades a connection to a WebSocket with the first of `protocols` that the server knows. */
  async upgrade(path: string, protocols: readonly string[]): Promise<{ socket: Duplex; protocol: string }> {
    for (let renewed = false; ; renewed = true) {
      const credential = await this.access.credentials.current();
      try {
        const { socket, headers } = await this.#connections.for(credential).upgrade({
          ...this.#target(path),
          protocol: 'websocket',
          headers: {
            ...this.#headers(credential),
            // A kubelet that should answer with JSON refuses.
            accept: '*/*',
            'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
            'Sec-WebSocket-Version': '13',
            'Sec-WebSocket-Protocol': protocols.join(', '),
          },
        });
        return { socket, protocol: String(headers['sec-websocket-protocol'] ?? '') };
      } catch (error) {
        const refusal = await this.#refusal(error, path);
        if (refusal.id !== 'unauthorized' || renewed || !this.access.credentials.renew()) throw refusal;
      }
    }
  }

  /** Why there was no upgrade. The response has no body there: the same path, read as usual, says more. */
  async #refusal(error: unknown, path: string): Promise<KubernetesError> {
    const broken = connectionError(error, `GET ${path.split('?')[0]}`);
    try {
      await this.read(path);
    } catch (refusal) {
      // What is right but for the upgrade is answered by 400.
      if (refusal instanceof KubernetesError && refusal.details.status !== 400) return refusal;
    }
    return broken;
  }

  async close(): Promise<void> {
    await this.#connections.close();
  }

  async #pages<Stored>(
    path: string,
    query: Readonly<Record<string, string | undefined>>,
    signal?: AbortSignal,
  ): Promise<Listed<Stored>> {
    const items: Stored[] = [];
    let next: string | undefined;
    do {
      const page: ListPage<Stored> = await this.read(
        `${path}${queryOf({ ...query, limit: String(PAGE), continue: next })}`,
        signal,
      );
      items.push(...page.items);
      next = page.metadata.continue;
      if (next === undefined || next === '') return { items, resourceVersion: page.metadata.resourceVersion };
    } while (next !== '');
    throw new KubernetesError('failed', `GET ${path}: the list has no end.`);
  }

  async #json<Answer>(request: Request, signal?: AbortSignal): Promise<Answer> {
    const bound = deadline(TIMEOUTS.call, signal);
    try {
      const { body } = await this.#retried(request, bound.signal);
      return JSON.parse(await whole(body, request)) as Answer;
    } catch (error) {
      if (bound.isOver) {
        throw new KubernetesError(
          'timeout',
          `${title(request)}: no answer within ${TIMEOUTS.call / 1000} s.`,
        );
      }
      throw error instanceof KubernetesError ? error : connectionError(error, title(request));
    } finally {
      bound.release();
    }
  }

  async #retried(request: Request, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#send(request, signal);
      } catch (error) {
        if (attempt === ATTEMPTS || signal.aborted || !isRetried(error, request)) throw error;
        await pause(error.details.retryAfterMs ?? backoff(attempt), signal);
      }
    }
  }

  async #send(
    request: Request,
    signal: AbortSignal = NEVER,
    renewed = false,
  ): Promise<Dispatcher.ResponseData> {
    const credential = await this.access.credentials.current();
    const { method, path, body, type = 'application/json', idleMs } = request;
    const response = await this.#connections
      .for(credential)
      .request({
        ...this.#target(path),
        method,
        signal,
        headers: { ...this.#headers(credential), ...(body !== undefined && { 'content-type': type }) },
        body: body === undefined ? null : JSON.stringify(body),
        ...(idleMs !== undefined && { bodyTimeout: idleMs }),
      })
      .catch((error: unknown) => {
        throw connectionError(error, title(request));
      });
    if (response.statusCode < 400) return response;
    const status = statusIn(await whole(response.body, request));
    if (response.statusCode === 401 && !renewed && this.access.credentials.renew()) {
      return this.#send(request, signal, true);
    }
    const after = Number(response.headers['retry-after']);
    const details = Number.isFinite(after) ? { retryAfterSeconds: after, ...status.details } : status.details;
    throw errorOfStatus({ ...status, ...(details && { details }) }, title(request), response.statusCode);
  }

  #target(path: string): { origin: string; path: string } {
    const { origin, pathname } = new URL(this.access.server);
    return { origin, path: `${pathname === '/' ? '' : pathname}${path}` };
  }

  #headers({ authorization }: Credential): Record<string, string | string[]> {
    return {
      accept: 'application/json',
      ...this.access.headers,
      ...(authorization !== undefined && { authorization }),
    };
  }
}

export interface ListOptions {
  /** Of the whole cluster without it. */
  readonly namespace?: string | undefined;
  /** A label selector, such as `app=web`. */
  readonly labels?: string | undefined;
  readonly fields?: string | undefined;
  readonly signal?: AbortSignal;
}

export interface Listed<Stored> {
  readonly items: Stored[];
  readonly resourceVersion: string;
}

export interface DeleteOptions {
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly graceSeconds?: number;
  /** What happens to the objects that this one owns. */
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan';
}

interface ListPage<Stored> {
  readonly items: Stored[];
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
}

interface Request {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: object;
  readonly type?: string;
  readonly idleMs?: number;
}

/** A query string; members that are undefined are left out. */
export function queryOf(members: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(members).filter(
    (member): member is [string, string] => member[1] !== undefined,
  );
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}

/** For errors: without the query, which can hold a command. */
function title({ method, path }: Request): string {
  return `${method} ${path.split('?')[0]}`;
}

function isRetried(error: unknown, { method }: Request): error is KubernetesError {
  if (!(error instanceof KubernetesError)) return false;
  return error.id === 'busy' || (method === 'GET' && error.id === 'unreachable');
}

function ignoreMissing(error: unknown): undefined {
  if (!(error instanceof KubernetesError && error.id === 'not_found')) throw error;
}

async function whole(body: AsyncIterable<Uint8Array>, request: Request): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > RESPONSE_MAX) {
      throw new KubernetesError(
        'too_large',
        `${title(request)}: the response is over ${RESPONSE_MAX} bytes.`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** A proxy answers with text, the API server with a Status. */
function statusIn(text: string): Status {
  try {
    return JSON.parse(text) as Status;
  } catch {
    return { message: text.trim().slice(0, 200) };
  }
}

function connectionError(error: unknown, what: string): KubernetesError {
  if (error instanceof KubernetesError) return error;
  if (error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError) {
    return new KubernetesError('timeout', `${what}: no answer in time.`, {}, { cause: error });
  }
  const { code, message } = error as NodeJS.ErrnoException;
  return new KubernetesError('unreachable', `${what}: ${code ?? message}.`, {}, { cause: error });
}
