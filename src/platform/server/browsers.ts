import type { IncomingMessage } from 'node:http';
import {
  CONSOLE_HEADER,
  type ConsoleLogin,
  type ConsoleSession,
  SESSION_COOKIE,
} from '../../contract/console.js';
import { AppsApiError } from '../../contract/errors.js';
import { VERSION } from '../../contract/version.js';
import type { Caller } from '../caller.js';
import type { Session } from '../services/session.js';
import {
  closeSession,
  nextSecret,
  type OpenSession,
  openSession,
  openSessionNamed,
  sessionBySecret,
  takeCode,
} from '../services/sessions.js';
import type { SessionRecord } from '../store/sessions.js';
import type { TokenCheck } from './tokens.js';

type Data = Pick<Session, 'store' | 'now'>;

/** What a browser gets that has logged in. */
export interface LoggedIn {
  readonly session: ConsoleSession;
  readonly cookie: string;
}

/** Browsers that log in to the console, and the cookies that they come with from then on. */
export class Browsers {
  readonly #data: Data;
  readonly #tokens: TokenCheck;

  constructor(data: Data, tokens: TokenCheck) {
    this.#data = data;
    this.#tokens = tokens;
  }

  /**
   * Logs a browser in, always with a new secret, and ends the session that it had. Undefined for a code or token that
   * isn't valid; throws an AppsApiError (403) for one that can't have a session.
   */
  logIn(request: IncomingMessage, login: ConsoleLogin, address: string): LoggedIn | undefined {
    const origin = originOf(address);
    const caller = 'code' in login ? this.#byCode(login.code, origin) : this.#byToken(login.token, origin);
    if (caller === undefined) return undefined;
    const before = this.find(request);
    const { opened, secret } = openSession({ ...this.#data, caller });
    if (before !== undefined) this.logOut(before, callerOf(before, address));
    return { session: shown(opened), cookie: this.#cookie(opened, secret) };
  }

  /** The session that a browser asks in; undefined if it has none. */
  find({ headers }: IncomingMessage): OpenSession | undefined {
    const secret = secretIn(headers.cookie);
    return secret === undefined ? undefined : sessionBySecret(this.#data, secret);
  }

  show(request: IncomingMessage): ConsoleSession | undefined {
    const found = this.find(request);
    return found && shown(found);
  }

  logOut(opened: OpenSession, caller: Caller): string {
    closeSession({ ...this.#data, caller }, opened);
    return `${SESSION_COOKIE}=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Strict`;
  }

  /** The next cookie of a browser, if it is time for one. */
  renewal(name: string): string | undefined {
    const open = openSessionNamed(this.#data, name);
    const secret = open && nextSecret(this.#data, open);
    return open === undefined || secret === undefined ? undefined : this.#cookie(open, secret);
  }

  holds(name: string): boolean {
    return openSessionNamed(this.#data, name) !== undefined;
  }

  #byCode(code: string, origin: string): Caller | undefined {
    const holder = takeCode(this.#data, code);
    if (holder === undefined) return undefined;
    const { username: name, role, token } = holder;
    return { name, role, origin, ...(token !== null && { token }) };
  }

  #byToken(token: string, origin: string): Caller | undefined {
    const holder = this.#tokens(token);
    if (holder === undefined) return undefined;
    const { trusted, ...caller } = holder;
    return { ...caller, origin, ...(trusted === true && { unnamed: true }) };
  }

  #cookie({ expiresAt }: SessionRecord, secret: string): string {
    const seconds = Math.max(0, Math.floor((Date.parse(expiresAt) - this.#data.now().getTime()) / 1000));
    return `${SESSION_COOKIE}=${secret}; Path=/; Max-Age=${seconds}; HttpOnly; Secure; SameSite=Strict`;
  }
}

/** On whose behalf a browser asks: as the token of its session is now. */
export function callerOf({ name, username, role, tokenRecord }: OpenSession, address: string): Caller {
  return {
    name: username,
    role: tokenRecord?.role ?? role,
    ...(tokenRecord?.role === 'user' && { spaces: tokenRecord.spaces }),
    ...(tokenRecord !== undefined && { token: tokenRecord.name }),
    session: name,
    origin: originOf(address),
  };
}

/**
 * Refuses what a page of another site, or another app of this one, has a browser send with its cookie (403). Apps have
 * domains of the same site as the console, so that SameSite keeps none of them away.
 */
export function checkOwnPage({ method = '', headers }: IncomingMessage, ownOrigin: string): void {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw notFromConsole();
  if (method === 'GET' || method === 'HEAD') return;
  const isOwn = headers.origin?.toLowerCase() === ownOrigin && headers[CONSOLE_HEADER.toLowerCase()] === '1';
  if (!isOwn) throw notFromConsole();
}

/** The secret in the cookies of a request; undefined if there are none or several. */
function secretIn(cookies: string | undefined): string | undefined {
  const found = (cookies ?? '')
    .split(';')
    .map((cookie) => cookie.trim())
    .filter((cookie) => cookie.startsWith(`${SESSION_COOKIE}=`))
    .map((cookie) => cookie.slice(SESSION_COOKIE.length + 1));
  return found.length === 1 && /^[\w-]{43}$/.test(found[0] ?? '') ? found[0] : undefined;
}

function originOf(address: string): string {
  return `tcp ${address} console`;
}

function shown({ username: name, role, expiresAt: expires_at }: SessionRecord): ConsoleSession {
  return { name, role, platform: { version: VERSION }, expires_at };
}

function notFromConsole(): AppsApiError {
  return new AppsApiError({
    id: 'not_from_console',
    status: 403,
    message: `A request with a cookie must come from the console's own pages; a change needs ${CONSOLE_HEADER}: 1.`,
    hint: 'Programs send a bearer token instead.',
  });
}
