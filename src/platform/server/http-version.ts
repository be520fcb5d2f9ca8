import type { IncomingMessage } from 'node:http';
import { errorCode } from '../../model/error-code.js';

/** Versions that mean what Node's parser of HTTP/1 makes of them. It also takes request lines of 0.9 and 2.0. */
const VERSIONS: ReadonlySet<string> = new Set(['1.0', '1.1']);

/** The code of an error that says that a request is of a version that nobody serves here. */
export const UNKNOWN_VERSION = 'AKA_UNKNOWN_VERSION';

/**
 * Returns the code of an error of Node's parser of HTTP/1, which is {@link UNKNOWN_VERSION} for all that it reports for
 * such a version: the parser has one code for that and for a line that ends badly, and another for the preface of HTTP/2.
 */
export function parserCode(error: unknown): string | undefined {
  const code = errorCode(error);
  const { reason } = error as { reason?: unknown };
  const isVersion = code === 'HPE_INVALID_VERSION' && reason === 'Invalid HTTP version';
  return isVersion || code === 'HPE_PAUSED_H2_UPGRADE' ? UNKNOWN_VERSION : code;
}

/** Returns whether the request line of a request that Node parsed as HTTP/1 claims HTTP/1.0 or 1.1. */
export function isHttp1({ httpVersion }: IncomingMessage): boolean {
  return VERSIONS.has(httpVersion);
}
