import { STATUS_CODES } from 'node:http';

/** What the router itself answers. */
export interface Problem {
  readonly status: number;
  readonly id: string;
  readonly title: string;
  readonly message: string;
  /** Seconds after which it may be worth another try. */
  readonly retryAfter?: number;
}

const problem = (
  status: number,
  id: string,
  title: string,
  message: string,
  retryAfter?: number,
): Problem => ({
  status,
  id,
  title,
  message,
  ...(retryAfter !== undefined && { retryAfter }),
});

export const PROBLEMS = {
  badRequest: problem(
    400,
    'bad_request',
    'Bad request',
    'This request could be understood in more than one way.',
  ),
  noUpgrade: problem(400, 'bad_upgrade', 'Bad request', 'Only WebSocket connections can be opened here.'),
  versionNotSupported: problem(
    505,
    'version_not_supported',
    'HTTP version not supported',
    'Use HTTP/1.1, or HTTP/2 as negotiated in the TLS handshake.',
  ),
  requestTimeout: problem(408, 'request_timeout', 'Request timeout', 'The request took too long to arrive.'),
  expectationFailed: problem(
    417,
    'unknown_expectation',
    'Expectation failed',
    'Only 100-continue can be expected.',
  ),
  headersTooLarge: problem(
    431,
    'headers_too_large',
    'Headers too large',
    'The headers of the request are too large.',
  ),
  unknownHost: problem(404, 'unknown_host', 'No such app', 'There is no app at this address.'),
  notImplemented: problem(
    501,
    'unknown_coding',
    'Not implemented',
    'The request is encoded in an unknown way.',
  ),
  refused: problem(502, 'no_connection', 'App not reachable', 'The app does not accept connections.', 5),
  broken: problem(502, 'bad_answer', 'App failed', 'The app broke off, or its answer is no HTTP.'),
  otherProtocol: problem(
    502,
    'bad_answer',
    'App speaks another protocol',
    'The app does not answer in HTTP/1.1. The router speaks nothing else to apps: no HTTP/2, and so no gRPC.',
  ),
  noDyno: problem(503, 'no_dyno', 'App not running', 'The app has no healthy web dyno at the moment.', 5),
  busy: problem(503, 'busy', 'App busy', 'The app has more requests under way than it may.', 5),
  maintenance: problem(503, 'maintenance', 'Maintenance', 'The app is being worked on and will be back.', 60),
  timeout: problem(504, 'timeout', 'App too slow', 'The app did not answer in time.'),
} as const satisfies Record<string, Problem>;

/** A page as headers and body; JSON for those who ask for it and not for HTML. */
export function pageOf(
  found: Problem,
  accept: string | undefined,
  requestId: string,
): { headers: string[]; body: string } {
  const isJson =
    accept !== undefined &&
    /\bapplication\/(?:[\w.-]+\+)?json\b/i.test(accept) &&
    !/\btext\/html\b/i.test(accept);
  const { id, message, retryAfter } = found;
  const body = isJson ? `${JSON.stringify({ id, message })}\n` : html(found);
  return {
    body,
    headers: [
      'Content-Type',
      isJson ? 'application/json; charset=utf-8' : 'text/html; charset=utf-8',
      'Content-Length',
      String(Buffer.byteLength(body)),
      'Cache-Control',
      'no-store',
      'Vary',
      'Accept',
      'X-Content-Type-Options',
      'nosniff',
      'Content-Security-Policy',
      "default-src 'none'; style-src 'unsafe-inline'",
      ...(retryAfter === undefined ? [] : ['Retry-After', String(retryAfter)]),
      'X-Request-Id',
      requestId,
    ],
  };
}

/** A whole answer on a connection whose request never became one. */
export function rawPage(found: Problem): string {
  const body = `${found.message}\n`;
  return [
    `HTTP/1.1 ${found.status} ${STATUS_CODES[found.status] ?? ''}`,
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}

function html({ status, title, message }: Problem): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
  body { min-height: 90vh; margin: 0 1.5rem; display: grid; place-content: center; }
  h1 { margin: 0; font-size: 1.5rem; }
  p { margin: 0.25rem 0; opacity: 0.8; }
</style>
<main>
  <p>${status}</p>
  <h1>${title}</h1>
  <p>${message}</p>
</main>
</html>
`;
}
