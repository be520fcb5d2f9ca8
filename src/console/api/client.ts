import type { AppsApi, Page } from '../../contract/apps-api.js';
import { apiOf } from '../../contract/endpoints.js';
import { partsOf } from '../../contract/requests.js';
import { type LogVerb, logStreams, sourceUpload } from '../../contract/streams.js';
import { type LogLine, Source } from '../../contract/wire.js';
import { call, send } from './call.js';
import { documentsIn } from './lines.js';

/** The operations of the Apps API with one result; what is streamed is in the functions below. */
type Calls = Omit<AppsApi, 'audits' | 'close' | 'events' | 'logs' | 'sources'> & {
  readonly audits: Omit<AppsApi['audits'], 'export'>;
};

/** The Apps API of the platform that sent this page. */
export const api: Calls = apiOf(({ endpoint }) => async (input, options) => {
  const { result, next } = await call(endpoint, input, options?.idempotencyKey);
  if (endpoint.paged !== true) return result;
  const items = result as unknown[];
  return (next === null ? { items } : { items, next }) satisfies Page<unknown>;
});

/** Opens a log; its lines come until `signal` ends it, or it does. Rejects with an AppsApiError. */
export async function readLog(
  verb: LogVerb,
  filter: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<AsyncIterable<LogLine>> {
  const { path, query } = partsOf(logStreams[verb], filter);
  const { body } = await send(`${path}${query}`, { signal });
  // A response to GET has a body, if an empty one.
  return documentsIn(body ?? new ReadableStream()) as AsyncIterable<LogLine>;
}

/** Uploads an archive of a source, which the platform names by its checksum. Rejects with an AppsApiError. */
export async function uploadSource(archive: Blob, signal?: AbortSignal): Promise<Source> {
  const response = await send(sourceUpload.path, {
    method: sourceUpload.method,
    headers: { 'Content-Type': 'application/octet-stream' },
    body: archive,
    signal,
  });
  return Source.parse(await response.json());
}
