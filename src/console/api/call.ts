import { CONSOLE_HEADER } from '../../contract/console.js';
import { type Endpoint, NONE_THERE } from '../../contract/endpoints.js';
import { AppsApiError } from '../../contract/errors.js';
import { partsOf } from '../../contract/requests.js';
import { resultIn } from '../../contract/results.js';
import { WireError } from '../../contract/wire.js';
import { Observable } from './observable.js';

/** Whether the platform answered the last request. */
export const reachable = new Observable(true);
/** Counts the responses that said that there is no session any more. */
export const signedOut = new Observable(0);

export interface FetchOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: BodyInit;
  readonly signal?: AbortSignal | undefined;
}

/** Sends a request to the platform of this page. Rejects with an {@link AppsApiError} unless its status is 2xx. */
export async function send(path: string, { method = 'GET', headers, body, signal }: FetchOptions = {}) {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      credentials: 'same-origin',
      headers: { Accept: 'application/json', ...(method !== 'GET' && { [CONSOLE_HEADER]: '1' }), ...headers },
      ...(body !== undefined && { body }),
      ...(signal !== undefined && { signal }),
    });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    reachable.set(false);
    throw new AppsApiError(
      {
        id: 'unreachable',
        status: 0,
        message: "Can't reach the platform.",
        hint: 'Check that it runs: aka platform:status',
      },
      { cause: error },
    );
  }
  reachable.set(response.status !== 502 && response.status !== 504);
  if (response.ok) return response;
  const error = await errorOf(response);
  if (error.status === 401) signedOut.set(signedOut.value + 1);
  throw error;
}

/** Calls an operation of the Apps API. Rejects with an {@link AppsApiError}. */
export async function call(
  endpoint: Endpoint,
  input: Readonly<Record<string, unknown>> = {},
  idempotencyKey?: string,
  signal?: AbortSignal,
): Promise<{ result: unknown; next: string | null }> {
  const { path, query, body } = partsOf(endpoint, input);
  let response: Response;
  try {
    response = await send(`${path}${query}`, {
      method: endpoint.method,
      headers: {
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...(endpoint.method === 'POST' && { 'Idempotency-Key': idempotencyKey ?? crypto.randomUUID() }),
      },
      ...(body !== undefined && { body }),
      signal,
    });
  } catch (error) {
    if (endpoint.oneAlone !== undefined && error instanceof AppsApiError && error.id === NONE_THERE)
      return { result: [], next: null };
    throw error;
  }
  const value: unknown = response.status === 204 ? null : await response.json().catch(() => undefined);
  const read = resultIn(endpoint, value);
  if (!read.ok) {
    const isChange = endpoint.method !== 'GET';
    throw new AppsApiError({
      id: 'bad_answer',
      status: response.status,
      message: isChange
        ? "The change was made, but the platform's response can't be read."
        : "The platform's response can't be read.",
      hint: 'Reload the page.',
    });
  }
  return { result: read.result, next: response.headers.get('Next-Cursor') };
}

async function errorOf(response: Response): Promise<AppsApiError> {
  const { status } = response;
  const parsed = WireError.safeParse(await response.json().catch(() => undefined));
  if (parsed.success) return new AppsApiError({ ...parsed.data, status });
  return new AppsApiError({
    id: 'failed',
    status,
    message: `The platform answered with status ${status}.`,
    hint: 'Try again, or look into its log: aka platform:logs',
  });
}
