import { setTimeout as wait } from 'node:timers/promises';
import { type Incoming, type Outgoing, TransportError } from './transport.js';

/** When a call is made again after it failed. */
export interface Retries {
  /** How often it is tried in all. */
  readonly attempts: number;
  /** Before the second attempt, in milliseconds; doubled before each one after it, less up to a half by chance. */
  readonly pause: number;
  /** A longer wait than this that a server asks for (Retry-After) is left to the user. */
  readonly longestWait: number;
}

export const RETRIES: Retries = { attempts: 3, pause: 100, longestWait: 20_000 };

/**
 * Sends a request, again where that can't do it twice:
 * - whatever it is, if nothing of it was sent or the server refused to look at it (429);
 * - a GET after any passing failure (lost connection, timeout, 502, 503, 504);
 * - a POST after the same, if the server is known to honour the Idempotency-Key it carries.
 * A PATCH or DELETE that may have arrived is never repeated.
 */
export async function sendRepeatedly(
  send: (request: Outgoing, signal: AbortSignal) => Promise<Incoming>,
  request: Outgoing,
  retries: Retries,
  signal: AbortSignal,
  honoursKeys: () => boolean,
): Promise<Incoming> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await send(request, signal).catch((error: unknown) => {
      if (error instanceof TransportError) return error;
      throw error;
    });
    const pause = pauseAfter(outcome, attempt, retries);
    const safe =
      !mayHaveHappened(outcome) || request.method === 'GET' || (request.method === 'POST' && honoursKeys());
    if (pause === undefined || !safe || !(await passes(pause, signal))) {
      if (outcome instanceof TransportError) throw outcome;
      return outcome;
    }
  }
}

function mayHaveHappened(outcome: Incoming | TransportError): boolean {
  return outcome instanceof TransportError ? outcome.sent : outcome.status !== 429;
}

/** How long to wait before the next attempt, in milliseconds; undefined if it would be no use. */
function pauseAfter(
  outcome: Incoming | TransportError,
  attempt: number,
  retries: Retries,
): number | undefined {
  if (attempt >= retries.attempts) return undefined;
  const usual = retries.pause * 2 ** (attempt - 1) * (1 - Math.random() / 2);
  if (outcome instanceof TransportError) return outcome.passing ? usual : undefined;
  if (![429, 502, 503, 504].includes(outcome.status)) return undefined;
  const asked = retryAfter(outcome);
  if (asked === undefined) return usual;
  return asked <= retries.longestWait ? Math.max(asked, usual) : undefined;
}

/** What the server asks to wait, in milliseconds. */
export function retryAfter({ headers }: Incoming): number | undefined {
  const value = headers['retry-after']?.trim() ?? '';
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const at = /^[a-z]{3},/i.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}

/** Waits; false if the call was ended before. */
async function passes(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await wait(ms, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}
