import { AppsApiError } from '../../contract/errors.js';
import { VERSION } from '../../contract/version.js';

/** What goes out for an error: the JSON of the contract with its status. */
interface ErrorAnswer {
  readonly status: number;
  readonly body: { id: string; message: string; hint?: string; details?: Readonly<Record<string, unknown>> };
}

/**
 * The answer to an error of the contract. Anything else is a defect: it is logged under the id of the request, and
 * the answer tells no more than that id, since what went wrong may hold secrets.
 */
export function answerTo(error: unknown, requestId: string, log: (line: string) => void): ErrorAnswer {
  if (error instanceof AppsApiError && error.status >= 400) {
    const { id, message, details, status } = error;
    const hint = error.hint ?? (id === 'invalid_input' ? FORMS : undefined);
    return {
      status,
      body: { id, message, ...(hint !== undefined && { hint }), ...(details !== undefined && { details }) },
    };
  }
  log(`aka: request ${requestId} met a defect: ${callsOf(error)}`);
  return {
    status: 500,
    body: {
      id: 'defect',
      message: 'The platform failed.',
      hint: `Its log says more about request ${requestId}.`,
    },
  };
}

const FORMS = 'The forms of all requests are in /openapi.json.';

/** Returns the kind of an error and the calls that led to it, without its message, which may hold secrets. */
export function callsOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const calls = (error.stack ?? '').split('\n').filter((line) => /^ +at /.test(line));
  return [error.name, ...calls].join('\n');
}

/** On every answer. */
export function commonHeaders(requestId: string): Record<string, string> {
  return {
    'Aka-Version': VERSION,
    'X-Request-Id': requestId,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  };
}

export const JSON_TYPE = 'application/json; charset=utf-8';
