import type { IncomingMessage } from 'node:http';
import type { ConsoleLogin, ConsoleSession } from '../../contract/console.js';
import { AppsApiError } from '../../contract/errors.js';
import type { Caller } from '../caller.js';
import { tokenIn } from './authorization.js';
import { onBehalf } from './behalf.js';
import { type Browsers, callerOf, checkOwnPage, type LoggedIn } from './browsers.js';
import { Guests } from './guests.js';
import type { TokenCheck } from './tokens.js';

/** One of the addresses requests come in by, which decides who may. */
export interface Door {
  /** Who is asking. Throws an AppsApiError: 401 without a valid token, 403 from a page of another site. */
  admit(request: IncomingMessage): Caller;
  /** Where browsers come in; undefined where only programs do. */
  readonly console?: ConsoleDoor;
}

/** What browsers do before they are somebody. Each throws an AppsApiError (403) for a page of another site. */
export interface ConsoleDoor {
  /** Refuses what comes under a name that isn't the platform's. */
  check(request: IncomingMessage): void;
  /** Whether a request is for the host of the console, and not for another name of this address. */
  isConsoleHost(request: IncomingMessage): boolean;
  /** Throws an AppsApiError (401) for a code or token that isn't valid. */
  logIn(request: IncomingMessage, login: ConsoleLogin): LoggedIn;
  /** Who is logged in. Throws an AppsApiError (401) if nobody is. */
  session(request: IncomingMessage): ConsoleSession;
  /** Logs out who is logged in. Returns what takes the cookie away. */
  logOut(request: IncomingMessage): string;
  /** The next cookie of a session, if it is time for one. */
  renewal(session: string): string | undefined;
}

/** An address that browsers may reach. */
export interface WebAddress {
  /** The hosts that it is known by, in lower case and with their port where that isn't the scheme's own. */
  readonly hosts: (request: IncomingMessage) => ReadonlySet<string>;
  readonly scheme: 'http' | 'https';
  /** The host that is the console's. */
  readonly consoleHost: () => string;
  /** The address of the client. */
  readonly addressOf: (request: IncomingMessage) => string;
}

/** What opens such an address. */
export interface Keys {
  readonly tokens: TokenCheck;
  readonly browsers: Browsers;
  /** Hears of everybody who was turned away, by their address. */
  readonly turnedAway?: ((address: string) => void) | undefined;
}

/**
 * The door of the unix socket: only the user who started the server can open it, so there is nothing to check; `user` is
 * their name.
 */
export function unixDoor(user: string): Door {
  const caller: Caller = { name: user, role: 'admin', origin: 'unix' };
  return { admit: () => caller };
}

/**
 * The door of an address that browsers may reach, opened by tokens and by the cookies of the console.
 *
 * A browser on this machine can be made to send requests here by any page it shows. Such a request names another
 * origin, or another host (DNS rebinding); both are turned away before the token is looked at.
 */
export function webDoor(where: WebAddress, { tokens, browsers, turnedAway = () => {} }: Keys): Door {
  const guests = new Guests();
  /** Returns the origin of the platform's own pages. */
  const checkSite = (request: IncomingMessage): string => {
    const host = request.headers.host?.toLowerCase() ?? '';
    const origin = request.headers.origin?.toLowerCase();
    const own = `${where.scheme}://${host}`;
    if (!where.hosts(request).has(host))
      throw foreign('unknown_host', `It is not here under that Host name.`);
    if (origin !== undefined && origin !== own) {
      throw foreign('foreign_origin', 'Pages of other sites may not call this API.');
    }
    return own;
  };
  const byCookie = (request: IncomingMessage, own: string): Caller | undefined => {
    const open = browsers.find(request);
    if (open === undefined) return undefined;
    checkOwnPage(request, own);
    guests.admit(request.socket, open.name, () => browsers.holds(open.name));
    return callerOf(open, where.addressOf(request));
  };
  const admitted = (request: IncomingMessage): Omit<Caller, 'origin'> & { readonly origin?: string } => {
    const own = checkSite(request);
    const { authorization } = request.headers;
    // Who says by what they come means it: a cookie does not make up for a token that isn't valid.
    const caller = authorization === undefined ? byCookie(request, own) : undefined;
    if (caller !== undefined) return caller;
    const bearer = tokenIn(authorization);
    const holder = bearer === undefined ? undefined : tokens(bearer);
    if (bearer === undefined || holder === undefined) throw unauthorized(bearer !== undefined);
    guests.admit(request.socket, bearer, () => tokens(bearer) !== undefined);
    return onBehalf(holder, request);
  };
  /** Counts those who are turned away. */
  const counted = <R>(request: IncomingMessage, work: () => R): R => {
    try {
      return work();
    } catch (error) {
      if (error instanceof AppsApiError && error.status < 500) turnedAway(where.addressOf(request));
      throw error;
    }
  };
  return {
    admit: (request) =>
      counted(request, () => ({ origin: `tcp ${where.addressOf(request)}`, ...admitted(request) })),
    console: {
      check: (request) => void checkSite(request),
      isConsoleHost: ({ headers }) =>
        (headers.host ?? '').toLowerCase().replace(/:\d+$/, '') === where.consoleHost(),
      logIn: (request, login) =>
        counted(request, () => {
          checkSite(request);
          const loggedIn = browsers.logIn(request, login, where.addressOf(request));
          if (loggedIn === undefined) throw badLogin();
          return loggedIn;
        }),
      session(request) {
        checkSite(request);
        const session = browsers.show(request);
        if (session === undefined) throw notLoggedIn();
        return session;
      },
      logOut(request) {
        const own = checkSite(request);
        const open = browsers.find(request);
        if (open === undefined) throw notLoggedIn();
        checkOwnPage(request, own);
        return browsers.logOut(open, callerOf(open, where.addressOf(request)));
      },
      renewal: (session) => browsers.renewal(session),
    },
  };
}

/** A TCP address of this machine, which is also known by the other names of loopback, and that of the console. */
export function tcpAddress(where: { host: string; port: number }, consoleHost: () => string): WebAddress {
  const { host, port } = where;
  const names = [host.includes(':') ? `[${host}]` : host, 'localhost', '127.0.0.1', '[::1]'];
  return {
    hosts: () => new Set([...names, consoleHost()].flatMap((name) => withPort(name, port, 80))),
    scheme: 'http',
    consoleHost,
    addressOf: (request) => request.socket.remoteAddress ?? 'unknown',
  };
}

/** What the router hands on of the console's host. Only it can, and it says from where and to which port they came. */
export function routedAddress(consoleHost: () => string): WebAddress {
  return {
    hosts: (request) =>
      new Set(withPort(consoleHost(), Number(said(request, 'x-forwarded-port') || Number.NaN), 443)),
    scheme: 'https',
    consoleHost,
    addressOf: (request) => said(request, 'x-forwarded-for') || 'unknown',
  };
}

/** A header that the router sets; empty if it did not. */
function said({ headers }: IncomingMessage, name: string): string {
  return String(headers[name] ?? '');
}

function withPort(name: string, port: number, usual: number): string[] {
  return port === usual ? [name, `${name}:${port}`] : [`${name}:${port}`];
}

function unauthorized(given: boolean): AppsApiError {
  return new AppsApiError({
    id: 'unauthorized',
    status: 401,
    message: given ? 'That token is not valid here.' : 'A token is needed here.',
    hint: 'aka takes it from AKA_TOKEN; other programs send it as a bearer token.',
  });
}

function badLogin(): AppsApiError {
  return new AppsApiError({
    id: 'unauthorized',
    status: 401,
    message: 'That code or token is not valid here: a code holds for a minute and is used once.',
    hint: 'For another login link: aka console',
  });
}

function notLoggedIn(): AppsApiError {
  return new AppsApiError({
    id: 'unauthorized',
    status: 401,
    message: 'This browser is not logged in.',
    hint: 'For a login link: aka console',
  });
}

function foreign(id: string, message: string): AppsApiError {
  return new AppsApiError({
    id,
    status: 403,
    message,
    hint: 'Use the address that the server printed at its start.',
  });
}
