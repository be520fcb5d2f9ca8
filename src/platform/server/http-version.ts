import type { IncomingMessage } from 'node:http';

/** Versions that mean what Node's parser of HTTP/1 makes of them. It also takes request lines of 0.9 and 2.0. */
const VERSIONS: ReadonlySet<string> = new Set(['1.0', '1.1']);

/** Node's own error for a version that its parser does not know. */
export const UNKNOWN_VERSION = 'HPE_INVALID_VERSION';

/** Returns whether the request line of a request that Node parsed as HTTP/1 claims HTTP/1.0 or 1.1. */
export function isHttp1({ httpVersion }: IncomingMessage): boolean {
  return VERSIONS.has(httpVersion);
}
