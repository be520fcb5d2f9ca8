import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { text } from 'node:stream/consumers';

/** A server of the console's pages before a platform: sessions by cookie in, a bearer token out. */
export interface ConsoleProxy {
  readonly url: string;
  /** Makes a one-time code of a login link. */
  code(): string;
  /** Sends a change to every page that follows `/events`. */
  emit(change: { action: string; space: string | null; app: string | null }): void;
  /** Ends every session. */
  endSessions(): void;
  /** From now on connections are cut off, or served again. */
  cut(isCut: boolean): void;
  close(): Promise<void>;
}

export interface ProxyOptions {
  /** The Apps API behind it. */
  readonly api: string;
  readonly port?: number;
  /** The folder of the built pages. */
  readonly pages: string;
  /** The token that a login link is for. */
  readonly token: string;
  /** Whether it has a feed of changes. */
  readonly events?: boolean;
  /** Answers a request instead of the platform. */
  readonly answer?: (method: string, path: string) => { status: number; body: unknown } | undefined;
}

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};
const COOKIE = '__Host-aka-session';

/** Starts it on a loopback address. */
export async function startProxy(options: ProxyOptions): Promise<ConsoleProxy> {
  const { api, pages, token, port = 0, events = false } = options;
  const sessions = new Map<string, { token: string; name: string; role: string }>();
  const codes = new Set<string>();
  const followers = new Set<ServerResponse>();
  let seq = 1;
  let isCut = false;

  const server = createServer((incoming, response) => {
    if (isCut) return void incoming.socket.destroy();
    handle(incoming, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else json(response, 502, { id: 'bad_gateway', message: String(error) });
    });
  });

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(incoming.url ?? '/', 'http://console');
    const method = incoming.method ?? 'GET';
    if (pathname === '/console/session') return handleSession(method, incoming, response);
    if (pathname.startsWith('/console/')) return sendPage(pathname, response);
    const session = sessions.get(cookieOf(incoming));
    if (session === undefined) return unauthorized(response, 'Log in first.');
    if (method !== 'GET' && incoming.headers['x-aka-console'] !== '1')
      return json(response, 403, { id: 'forbidden', message: 'X-Aka-Console is missing.' });
    if (pathname === '/events') {
      return events ? follow(response) : json(response, 404, { id: 'not_found', message: 'No feed.' });
    }
    const instead = options.answer?.(method, incoming.url ?? '/');
    if (instead !== undefined) return json(response, instead.status, instead.body);
    return forward(incoming, response, session.token);
  }

  async function handleSession(method: string, incoming: IncomingMessage, response: ServerResponse) {
    const id = cookieOf(incoming);
    if (method === 'DELETE') {
      sessions.delete(id);
      return json(response, 204, undefined);
    }
    if (method === 'GET') {
      const session = sessions.get(id);
      if (session === undefined) return unauthorized(response, 'Log in first.');
      const { name, role } = session;
      return json(response, 200, {
        name,
        role,
        platform: { version: '0.1.0' },
        expires_at: new Date(Date.now() + 12 * 3_600_000).toISOString(),
      });
    }
    const given = JSON.parse(await text(incoming)) as { code?: string; token?: string };
    if (given.code !== undefined && !codes.delete(given.code))
      return json(response, 401, {
        id: 'login_code_expired',
        message: 'This login link has expired or was used.',
        hint: 'Make another one: aka console',
      });
    const secret = given.token ?? token;
    const account = await fetch(`${api}/account`, { headers: { Authorization: `Bearer ${secret}` } });
    if (!account.ok)
      return json(response, 401, { id: 'invalid_token', message: 'This token opens nothing here.' });
    const { name, elevated_access } = (await account.json()) as { name: string; elevated_access: boolean };
    const session = randomUUID();
    sessions.set(session, { token: secret, name, role: elevated_access ? 'admin' : 'user' });
    response.setHeader('Set-Cookie', `${COOKIE}=${session}; HttpOnly; Secure; SameSite=Strict; Path=/`);
    return json(response, 201, {});
  }

  function sendPage(pathname: string, response: ServerResponse): void {
    const file = join(
      pages,
      normalize(pathname.slice('/console'.length)),
      pathname.endsWith('/') ? 'index.html' : '',
    );
    if (!file.startsWith(pages) || !existsSync(file))
      return json(response, 404, { id: 'not_found', message: 'No such page.' });
    response.writeHead(200, {
      'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
      'Content-Security-Policy': POLICY,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cross-Origin-Opener-Policy': 'same-origin',
    });
    response.end(readFileSync(file));
  }

  function follow(response: ServerResponse): void {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    response.write(`id: ${seq}\nevent: hello\ndata: {"seq":${seq}}\n\n`);
    followers.add(response);
    response.once('close', () => followers.delete(response));
  }

  async function forward(incoming: IncomingMessage, response: ServerResponse, secret: string): Promise<void> {
    const { host: _, cookie: __, origin: ___, ...headers } = incoming.headers;
    for (const name of Object.keys(headers)) if (name.startsWith('sec-')) delete headers[name];
    const outgoing = request(`${api}${incoming.url ?? '/'}`, {
      method: incoming.method,
      headers: { ...headers, authorization: `Bearer ${secret}` },
    });
    incoming.pipe(outgoing);
    response.once('close', () => outgoing.destroy());
    await new Promise<void>((resolve, reject) => {
      outgoing.once('error', reject);
      outgoing.once('response', (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.on('error', () => response.destroy());
        answer.pipe(response);
        resolve();
      });
    });
  }

  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    code() {
      const code = randomUUID();
      codes.add(code);
      return code;
    },
    emit(change) {
      seq += 1;
      const data = JSON.stringify({ seq, ...change, at: new Date().toISOString() });
      for (const follower of followers) follower.write(`id: ${seq}\nevent: change\ndata: ${data}\n\n`);
    },
    endSessions: () => sessions.clear(),
    cut(next) {
      isCut = next;
      if (next) server.closeAllConnections();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

function unauthorized(response: ServerResponse, message: string): void {
  json(response, 401, { id: 'unauthorized', message });
}

function cookieOf({ headers }: IncomingMessage): string {
  return new RegExp(`${COOKIE}=([^;]+)`).exec(headers.cookie ?? '')?.[1] ?? '';
}
