import * as z from 'zod/mini';
import { AppsApiError } from '../contract/errors.js';
import { VERSION } from '../contract/version.js';
import { isToken } from './credentials.js';
import { BOUNDS, type Incoming, TransportError, whole } from './transport.js';
import { type Surroundings, undiciTransport } from './undici-transport.js';

/** It answers at once, and shortly. */
const AUTH_BOUNDS = { ...BOUNDS, headers: 30_000, call: 60_000, answerBytes: 1024 * 1024 };

/** Who logs in. None of it is in any error. */
export interface Login {
  readonly user: string;
  readonly password: string;
  /** The one-time code, under the header that asked for it. */
  readonly code?: { readonly header: string; readonly value: string };
}

/** A token, or the header under which a one-time code is wanted, too. */
export type Answered = { readonly token: string } | { readonly wants: string };

const Authorization = z.looseObject({ token: z.string() });

/**
 * Exchanges a user's password for a token at an auth host, as parseAuthHost gives it. Throws an AppsApiError: 401 if it
 * accepts neither, 0 if it can't be reached, 502 for an answer that is none.
 */
export async function requestToken(host: URL, login: Login, way: Surroundings): Promise<Answered> {
  const transport = undiciTransport(host.origin, AUTH_BOUNDS, way);
  try {
    const signal = AbortSignal.timeout(AUTH_BOUNDS.call);
    const answer = await whole(await transport.open(requestOf(host, login), signal), AUTH_BOUNDS);
    return answered(host, login, answer);
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    throw new AppsApiError({
      id: error.kind,
      status: error.kind === 'too_large' ? 502 : 0,
      message: `The auth host ${host.host} can't be asked for a token: ${error.message.replace(/\.$/, '')}.`,
      hint: 'Check its address with aka profiles, or log in with a token instead: aka auth:login --token-file FILE',
    });
  } finally {
    await transport.close();
  }
}

function requestOf({ pathname }: URL, { user, password, code }: Login) {
  return {
    method: 'POST',
    path: `${pathname.replace(/\/+$/, '')}/authorizations`,
    headers: {
      accept: 'application/json',
      'content-type': 'application/json',
      'user-agent': `aka/${VERSION}`,
      authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
      ...(code !== undefined && { [code.header]: code.value }),
    },
    // GitHub's form of it, in which a note that is there already is refused.
    body: JSON.stringify({
      scopes: ['read:user', 'read:org'],
      note: `aka ${VERSION} (${new Date().toISOString()})`,
      notes: `aka ${VERSION}`,
      notes_url: '',
      fingerprint: '',
    }),
  } as const;
}

function answered({ host }: URL, { code }: Login, { status, headers, body }: Incoming): Answered {
  if (status === 401) {
    const wants = Object.keys(headers).find((name) => /^x-(?:[a-z0-9]+-){1,5}otp$/.test(name));
    if (wants !== undefined && code === undefined) return { wants };
    throw new AppsApiError({
      id: 'login_refused',
      status,
      message: `${host} does not accept ${wants === undefined ? 'that user with that password' : 'that one-time code'}.`,
      hint: 'Try again: aka auth:login',
    });
  }
  const token = status >= 200 && status < 300 ? tokenIn(body) : undefined;
  if (token !== undefined) return { token };
  throw new AppsApiError({
    id: 'bad_answer',
    status: status === 403 || status === 429 ? status : 502,
    message: `${host} answers with ${status < 300 ? 'no token' : `status ${status}`}, so nobody is logged in.`,
    hint: status === 429 ? 'Try again later.' : 'Check that it is the auth host: aka profiles',
  });
}

function tokenIn(body: string): string | undefined {
  try {
    const parsed = Authorization.safeParse(JSON.parse(body));
    return parsed.success && isToken(parsed.data.token) ? parsed.data.token : undefined;
  } catch {
    return undefined;
  }
}
