import { type Endpoint, NONE_THERE, TAKEN } from '../contract/endpoints.js';
import { AppsApiError, ChangeMade, type ErrorFacts, Unsupported } from '../contract/errors.js';
import { resultIn } from '../contract/results.js';
import { WireError } from '../contract/wire.js';
import { printable } from '../model/rule.js';
import { insteadOf } from './akkeris/instead.js';
import { retryAfter } from './retries.js';
import type { Incoming, TransportError } from './transport.js';

/** What was asked of a server, as it is named to people. */
interface CalledAt {
  readonly endpoint: Pick<Endpoint, 'method' | 'path' | 'summary' | 'takenIsInvalid'>;
  /** The host or socket. */
  readonly at: string;
  /** Whether the request had filters or a page in its query. */
  readonly filtered: boolean;
  /** Whether an Akkeris installation answered. */
  readonly isAkkeris?: () => boolean;
}

/** An operation that was called. */
export interface Called extends CalledAt {
  readonly endpoint: Endpoint;
}

const IDS: Readonly<Record<number, string>> = {
  400: 'bad_request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  408: 'timeout',
  409: 'conflict',
  413: 'body_too_large',
  415: 'unsupported_media_type',
  422: 'invalid',
  429: 'too_many_requests',
  502: 'bad_gateway',
  503: 'unavailable',
  504: 'timeout',
};

/** What is said of an answer without a text of its own. */
const SENTENCES: Readonly<Record<number, string>> = {
  401: 'needs a valid token',
  403: 'does not allow this',
  404: 'does not have this',
  409: 'refuses this because of what is there',
  422: 'does not accept this input',
  429: 'has had too many requests',
  502: 'is there, but the platform behind it does not answer',
  503: "can't do this for the moment",
  504: 'is there, but the platform behind it does not answer in time',
};

const TEXT_MAX = 500;
/** Nobody counts seconds for longer than a day. */
const LONGEST_WAIT = 24 * 3_600_000;

/** Takes a secret out of text that may repeat it. */
type Conceal = (text: string) => string;

interface Reading {
  readonly conceal?: Conceal;
  /** Returns the error for a refusal in our words; `text` is the whole body. */
  readonly reword?: (error: AppsApiError, text: string) => AppsApiError;
  /** Returns a value that was answered in the form that the Apps API has for it. */
  readonly shape?: (value: unknown) => unknown;
}

/**
 * The result of a call that was answered. Throws an {@link AppsApiError} for the answer of a call that failed, of which
 * `conceal` takes out what must not be shown; and {@link ChangeMade} for a change whose answer can't be read.
 */
export function resultOf(called: Called, answer: Incoming, reading: Reading = {}): unknown {
  const { endpoint } = called;
  const { conceal = (text) => text, reword, shape } = reading;
  if (answer.status < 200 || answer.status > 299) {
    const plain = errorOf(called, answer, conceal);
    const error = reword === undefined ? plain : reword(plain, printable(conceal(answer.body)));
    if (endpoint.oneAlone !== undefined && error.id === NONE_THERE) return [];
    throw error;
  }
  let value: unknown;
  try {
    // Nothing is said, where nothing is to be said; not every way of HTTP lets a 205 say something.
    const isEmpty = answer.status === 204 || (answer.status === 205 && answer.body === '');
    value = isEmpty ? null : JSON.parse(answer.body);
  } catch {
    throw /^\s*</.test(answer.body) ? pageInstead(called) : unread(called, 'is not JSON');
  }
  const read = resultIn(endpoint, shape === undefined ? value : shape(value));
  if (!read.ok) {
    const { at } = read;
    throw unread(called, at === '' ? 'is not what the Apps API says' : `has no usable ${printable(at)}`);
  }
  if (endpoint.paged !== true) return read.result;
  const next = answer.headers['next-cursor'];
  return { items: read.result, ...(next !== undefined && { next }) };
}

/** The error for a call that got no answer. */
export function noAnswer(called: CalledAt, failure: TransportError): AppsApiError {
  if (failure.kind === 'too_large') {
    return (failure.succeeded ? unread : badAnswer)(called, 'is too large', failure.message);
  }
  const { method } = called.endpoint;
  const unsure = failure.sent && method !== 'GET';
  const isSocket = called.at.startsWith('unix:');
  return new AppsApiError({
    id: failure.kind,
    status: 0,
    message: `${failure.kind === 'timeout' ? `${called.at} did not answer` : `${called.at} can't be reached`}: ${failure.message}.${
      unsure ? ' Whether it was done is not known.' : ''
    }`,
    hint: unsure
      ? 'Look at what is there before you do it again.'
      : isSocket
        ? 'Start the platform: aka platform:start --foreground'
        : 'Check the address, and the network between here and there.',
  });
}

/** The error for an answer of a call that failed; see {@link resultOf}. */
export function errorOf(called: CalledAt, answer: Incoming, conceal: Conceal = (text) => text): AppsApiError {
  const { status } = answer;
  if (status < 400) return badAnswer(called, 'is a redirect, which is not followed', redirectHint(answer));
  const sent = wireError(answer.body, conceal);
  if (status === 405 || sent?.id === 'no_such_endpoint') return unsupported(called);
  if (sent !== undefined) {
    // How to come in is known here; a server tells it to programs of every kind.
    const hint = status === 401 ? hintFor(status, answer) : (sent.hint ?? hintFor(status, answer));
    const isTaken = called.endpoint.takenIsInvalid === true && TAKEN.includes(sent.id);
    return new AppsApiError({ ...sent, status: isTaken ? 409 : status, hint });
  }
  const text = plainText(conceal(answer.body));
  // Only an Akkeris installation without this endpoint answers 404 with nothing at all.
  if (status === 501 || (status === 404 && answer.body.trim() === '')) return unsupported(called);
  return new AppsApiError({
    id: IDS[status] ?? (status >= 500 ? 'platform_failed' : 'refused'),
    status,
    message: text ?? `${called.at} ${SENTENCES[status] ?? `answered with status ${status}`}.`,
    hint: hintFor(status, answer),
  });
}

/** The JSON error of the contract in a body, if it holds one; its texts can be shown on a terminal. */
function wireError(body: string, conceal: Conceal): Omit<ErrorFacts, 'status'> | undefined {
  let value: unknown;
  try {
    // Both before and after: a text has other characters in JSON, and the names of members are not looked at.
    value = JSON.parse(conceal(body), (_, each: unknown) =>
      typeof each === 'string' ? printable(conceal(each)) : each,
    );
  } catch {
    return undefined;
  }
  const parsed = WireError.safeParse(value);
  if (!parsed.success) return undefined;
  const { id, message, hint, details } = parsed.data;
  return { id, message, hint, details };
}

/** The first line of a short text; undefined for a page of HTML, JSON of another shape, or nothing. */
function plainText(body: string): string | undefined {
  const text = body.trim();
  if (text === '' || text.length > TEXT_MAX || /^[<{[]/.test(text)) return undefined;
  return printable(text.split('\n', 1)[0] ?? '').trim();
}

function hintFor(status: number, answer: Incoming): string | undefined {
  if (status === 401) return 'Log in: aka auth:login. Or set AKA_TOKEN to a token that is valid there.';
  if (status !== 429 && status !== 503) return undefined;
  const wait = retryAfter(answer);
  return wait === undefined || wait > LONGEST_WAIT
    ? 'Try again later.'
    : `Try again in ${Math.ceil(wait / 1000)} s.`;
}

function unsupported({ endpoint, at, filtered, isAkkeris }: CalledAt): Unsupported {
  const [deed = ''] = endpoint.summary.split(';');
  const what = `${deed.charAt(0).toLowerCase()}${deed.slice(1)}`;
  const known = isAkkeris?.() === true;
  const instead = known ? insteadOf(endpoint) : undefined;
  const withQuery = filtered && instead === undefined;
  return new Unsupported(
    `${what}: ${at} has no ${endpoint.method} ${endpoint.path}${withQuery ? ' with a query' : ''}`,
    instead ??
      (filtered
        ? 'It may take no filters: leave them out.'
        : known
          ? 'Akkeris installations may lack that. Otherwise check that the address is that of an Apps API.'
          : 'Check that the address is that of an Apps API.'),
  );
}

/**
 * The error for an answer of success that can't be read. A change was made all the same. An upload is none: what it is for
 * can't go on without its answer.
 */
function unread(called: CalledAt, what: string, hint?: string): AppsApiError {
  const { method, path } = called.endpoint;
  if (method === 'GET' || method === 'PUT') return badAnswer(called, what, hint);
  return new ChangeMade(`${method} ${path} on ${called.at}`, `its answer ${what}`);
}

/** The error for a page that something else than a platform shows with success, such as the login of a network. */
function pageInstead(called: CalledAt): AppsApiError {
  if (called.endpoint.method === 'GET') return badAnswer(called, 'is a page of HTML');
  return badAnswer(
    called,
    'is a page of HTML, which no platform sends: whether the change was made is not known',
    'Check that the address is that of an Apps API, and look at what is there before you do it again.',
  );
}

/** The error for an answer that is not what the Apps API says. */
export function badAnswer({ endpoint, at }: CalledAt, what: string, hint?: string): AppsApiError {
  return new AppsApiError({
    id: 'bad_answer',
    status: 502,
    message: `The answer of ${at} to ${endpoint.method} ${endpoint.path} ${what}.`,
    hint: hint ?? 'Check that the address is that of an Apps API.',
  });
}

function redirectHint({ headers }: Incoming): string | undefined {
  const location = headers.location ?? '';
  return URL.canParse(location)
    ? `It points to ${new URL(location).host}: use that address if you trust it.`
    : undefined;
}
