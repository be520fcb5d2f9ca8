import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Served, serve } from './server.js';

/** What whoever logs in has to know. */
export const USER = 'olga@example.com';
export const PASSWORD = 'canary-password-4711 with a blank';
export const CODE = '424242';
export const TOKEN = 'canary-token-0815-aBcDeF';

export interface Installation extends Served {
  /** The Authorization header and the one-time code of every request, with its method and path. */
  readonly heard: readonly Heard[];
}

interface Heard {
  readonly line: string;
  readonly authorization: string | undefined;
  readonly code: string | undefined;
}

/** What an installation does out of the ordinary. */
interface Ways {
  /** Under which header it wants a one-time code, too. */
  readonly otp?: string;
  /** The status that it answers /account with, whatever the token. */
  readonly account?: number;
  /** What the auth host answers to the right password. */
  readonly authorizations?: (response: ServerResponse) => void;
}

/**
 * An Akkeris installation on this machine, as a client sees it: its auth host and its API are the same server. It takes
 * {@link USER} with {@link PASSWORD}, and {@link TOKEN}. Spaces can be created, and it says that each was stored as asked.
 */
export async function install({ otp, account, authorizations }: Ways = {}): Promise<Installation> {
  const heard: Heard[] = [];
  const spaces = new Map<string, Space>();
  const served = await serve((request, response) => {
    const { authorization } = request.headers;
    const code = otp === undefined ? undefined : request.headers[otp.toLowerCase()];
    heard.push({ line: `${request.method} ${request.url}`, authorization, code: code?.toString() });
    const json = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (request.url === '/authorizations') {
      if (authorization !== `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`) {
        return void response.writeHead(401).end(`no user ${authorization}`);
      }
      if (otp !== undefined && code !== CODE) {
        return void response.writeHead(401, { [otp]: 'required; app' }).end('2FA');
      }
      if (authorizations !== undefined) return authorizations(response);
      return json(201, { token: TOKEN });
    }
    if (authorization !== `Bearer ${TOKEN}`) return void response.writeHead(401).end();
    if (request.url === '/account') {
      return json(account ?? 200, { id: '1', name: 'Olga', email: USER, elevated_access: true });
    }
    if (request.method === 'POST') {
      return void created(request).then((space) => {
        spaces.set(`/spaces/${space.name}`, space);
        json(201, space);
      });
    }
    const space = spaces.get(request.url ?? '');
    if (space !== undefined) return json(200, space);
    return request.url === '/spaces' ? json(200, [...spaces.values()]) : json(404, NO_SPACE);
  });
  return { ...served, heard };
}

interface Space extends Readonly<Record<string, unknown>> {
  readonly name: string;
}

const NO_SPACE = { id: 'not_found', message: 'The specified space does not exist.' };

async function created(request: IncomingMessage): Promise<Space> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return {
    id: 'ca1f8a0e-3f4b-4d0e-8f5b-2f6e0a3a8c11',
    description: '',
    compliance: [],
    ...(JSON.parse(text) as Space),
    region: { id: 'r', name: 'us' },
    stack: { id: 's', name: 'maru' },
    state: 'created',
    created_at: '2026-01-01T00:00:00Z',
    updated_at: '2026-01-01T00:00:00Z',
  };
}
