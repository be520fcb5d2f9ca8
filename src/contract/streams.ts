import type { AppsApi, LogLines } from './apps-api.js';
import type { Endpoint } from './endpoints.js';
import * as wire from './wire.js';

/*
 * What of the Apps API is not one answer to one input: bytes that are sent, and lines that come for as long as somebody
 * listens. As with the table of endpoints, client, server and the OpenAPI document are made from these.
 */

/** The content type of what comes bit by bit: one JSON document a line. An empty line only says that the connection is alive. */
export const LINES_TYPE = 'application/x-ndjson';

/** The way a source goes up; its body is the content itself. */
export const sourceUpload = {
  method: 'PUT',
  path: '/sources',
  summary: 'Upload the source of a build',
  input: wire.SourceUpload,
  result: wire.Source,
  status: 201,
} as const satisfies Endpoint;

/** The way records of the audit log leave the platform; `result` is one line. */
export const auditExport = {
  method: 'GET',
  path: '/audits/export',
  summary: 'Read audit records in a form that can be checked without the platform',
  input: wire.AuditExport,
  result: wire.AuditLine,
  lines: true,
} as const satisfies Endpoint;

/** The content type of server-sent events (HTML Standard, 9.2). */
export const EVENTS_TYPE = 'text/event-stream';

/** The header by which a client that was cut off says which event it had last. */
export const LAST_EVENT_ID = 'Last-Event-ID';

/** The way to learn of changes as they are made; `result` is one event. */
export const eventStream = {
  method: 'GET',
  path: '/events',
  summary: 'Follow the changes that are made',
  input: wire.EventFilter,
  result: wire.PlatformEvent,
  events: true,
} as const satisfies Endpoint;

export type LogVerb = keyof AppsApi['logs'];

/** The ways to read logs; `result` is one line. */
export const logStreams = {
  ofApp: {
    method: 'GET',
    path: '/apps/{app}/logs',
    summary: 'Read the log of an app',
    input: wire.LogFilter,
    result: wire.LogLine,
    lines: true,
  },
  ofSpace: {
    method: 'GET',
    path: '/spaces/{space}/logs',
    summary: 'Read the logs of the apps of a space',
    input: wire.SpaceLogFilter,
    result: wire.LogLine,
    lines: true,
  },
  ofBuild: {
    method: 'GET',
    path: '/apps/{app}/builds/{build}/output',
    summary: 'Read what a build prints',
    input: wire.BuildLogFilter,
    result: wire.LogLine,
    lines: true,
  },
} as const satisfies Record<LogVerb, Endpoint<unknown, wire.LogLine>>;

/** Reads a log with what may not be its filter at all. */
export type ReadLog = (filter: unknown, signal?: AbortSignal) => Promise<LogLines>;

/** A way to read logs, found by its name, with what it is on the wire. */
export interface LogStream {
  readonly verb: LogVerb;
  readonly endpoint: Endpoint;
  readonly of: (api: AppsApi) => ReadLog;
}

/** Every way to read logs. */
export const logReads: readonly LogStream[] = (Object.keys(logStreams) as LogVerb[]).map((verb) => ({
  verb,
  endpoint: logStreams[verb],
  of: (api) => async (filter, signal) => (api.logs[verb] as ReadLog)(filter, signal),
}));

/** The logs of an Apps API of which every way to read them is what `make` makes of it. */
export function logsOf(make: (stream: LogStream) => ReadLog): AppsApi['logs'] {
  return Object.fromEntries(
    logReads.map((stream) => [stream.verb, make(stream)]),
  ) as unknown as AppsApi['logs'];
}
