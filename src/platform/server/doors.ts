import type { IncomingMessage } from 'node:http';
import { AppsApiError } from '../../contract/errors.js';
import type { Caller } from '../caller.js';
import { tokenIn } from './authorization.js';
import { onBehalf } from './behalf.js';
import { Guests } from './guests.js';
import type { Holder, TokenCheck } from './tokens.js';

/** One of the addresses requests come in by, which decides who may. */
export interface Door {
  /** Who is asking. Throws an AppsApiError: 401 without a valid token, 403 from a page of another site. */
  admit(request: IncomingMessage): Caller;
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
 * The door of a TCP address, opened by tokens.
 *
 * A browser on this machine can be made to send requests here by any page it shows. Such a request names another
 * origin, or another host (DNS rebinding); both are turned away before the token is looked at.
 */
export function tcpDoor(
  where: { host: string; port: number },
  tokens: TokenCheck,
  turnedAway: (address: string) => void = () => {},
): Door {
  const hosts = hostHeaders(where.host, where.port);
  const guests = new Guests((bearer) => tokens(bearer) !== undefined);
  const admitted = (request: IncomingMessage): Holder => {
    const host = request.headers.host?.toLowerCase() ?? '';
    const origin = request.headers.origin?.toLowerCase();
    if (!hosts.has(host)) throw foreign('unknown_host', `It is not here under that Host name.`);
    if (origin !== undefined && origin !== `http://${host}`) {
      throw foreign('foreign_origin', 'Pages of other sites may not call this API.');
    }
    const bearer = tokenIn(request.headers.authorization);
    const holder = bearer === undefined ? undefined : tokens(bearer);
    if (bearer === undefined || holder === undefined) throw unauthorized(bearer !== undefined);
    guests.admit(request.socket, bearer);
    return holder;
  };
  return {
    admit(request) {
      const address = request.socket.remoteAddress ?? 'unknown';
      try {
        return { ...onBehalf(admitted(request), request), origin: `tcp ${address}` };
      } catch (error) {
        if (error instanceof AppsApiError && error.status < 500) turnedAway(address);
        throw error;
      }
    },
  };
}

function hostHeaders(host: string, port: number): ReadonlySet<string> {
  const names = [host.includes(':') ? `[${host}]` : host, 'localhost', '127.0.0.1', '[::1]'];
  return new Set(names.flatMap((name) => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`])));
}

function unauthorized(given: boolean): AppsApiError {
  return new AppsApiError({
    id: 'unauthorized',
    status: 401,
    message: given ? 'That token is not valid here.' : 'A token is needed here.',
    hint: 'aka takes it from AKA_TOKEN; other programs send it as a bearer token.',
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
