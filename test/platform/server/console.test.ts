import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DAEMON } from '../../../src/platform/caller.js';
import { inSession } from '../../../src/platform/in-session.js';
import type { Session } from '../../../src/platform/services/session.js';
import { startServer, type TestServer, TOKEN } from './serving.js';
import { type Answer, dial, exchange, request } from './wire.js';

let server: TestServer;
beforeEach(async () => {
  server = await startServer();
});
afterEach(() => server.close());

const host = () => `127.0.0.1:${server.tcp.port}`;
type Headers = Readonly<Record<string, string>>;

/** What the pages send with everything that changes something. */
const fromPage = (): Headers => ({ Origin: `http://${host()}`, 'X-Aka-Console': '1' });

function ask(line: string, headers: Headers = {}, body?: unknown): Promise<Answer> {
  const text = body === undefined ? '' : JSON.stringify(body);
  const type: Headers = body === undefined ? {} : { 'Content-Type': 'application/json' };
  return exchange(server.tcp, request(line, { Host: host(), ...type, ...headers }, text));
}

const logIn = (body: unknown, headers: Headers = fromPage()): Promise<Answer> =>
  ask('POST /console/session', headers, body);

const cookieIn = ({ headers }: Answer): string => (headers['set-cookie'] ?? '').split(';', 1)[0] ?? '';
const idOf = ({ status, body }: Answer): unknown[] => [status, (JSON.parse(body) as { id?: unknown }).id];

/** A code, as the user of the machine is given it over the unix socket. */
async function code(): Promise<string> {
  const body = '{}';
  const answer = await exchange(
    server.unix,
    request('POST /console/codes', { 'Content-Type': 'application/json' }, body),
  );
  expect(answer.status).toBe(201);
  return (JSON.parse(answer.body) as { code: string }).code;
}

/** The cookie of a browser of an administrator. */
const browser = async (): Promise<string> => cookieIn(await logIn({ code: await code() }));

/** Does something to the data, as another process. */
function inData<R>(work: (session: Session) => R): R {
  const folders = { dataDir: join(server.folder, 'data'), configDir: join(server.folder, 'config') };
  return inSession(folders, DAEMON, work);
}

describe('a browser', () => {
  test('logs in with a code, asks with its cookie, and logs out', async () => {
    const answer = await logIn({ code: await code() });
    expect([answer.status, JSON.parse(answer.body)]).toEqual([
      201,
      {
        name: 'olga',
        role: 'admin',
        platform: { version: expect.any(String) },
        expires_at: expect.any(String),
      },
    ]);
    expect(answer.headers['set-cookie']).toMatch(
      /^__Host-aka-session=[\w-]{43}; Path=\/; Max-Age=43[12]\d\d; HttpOnly; Secure; SameSite=Strict$/,
    );
    const Cookie = cookieIn(answer);
    const spaces = await ask('GET /spaces', { Cookie });
    expect([spaces.status, spaces.headers['cache-control']]).toEqual([200, 'no-store']);
    expect((await ask('GET /console/session', { Cookie })).status).toBe(200);
    const created = await ask('POST /spaces', { Cookie, ...fromPage() }, { name: 'shop' });
    expect(created.status).toBe(201);
    const out = await ask('DELETE /console/session', { Cookie, ...fromPage() });
    expect([out.status, out.headers['set-cookie']]).toEqual([204, expect.stringContaining('Max-Age=0')]);
    for (const path of ['/spaces', '/console/session'])
      expect((await ask(`GET ${path}`, { Cookie })).status).toBe(401);
    const events = await server.api.audits.list({ size: 4 });
    expect(events.map(({ action, username }) => [action, username])).toEqual([
      ['session.logout', 'olga'],
      ['space.create', 'olga'],
      ['session.login', 'olga'],
      ['session.invite', 'olga'],
    ]);
    expect(JSON.parse(events[1]?.info ?? '')).toMatchObject({ origin: 'tcp 127.0.0.1 console' });
  });

  test('logs in with a token, and has what that has', async () => {
    await server.api.spaces.create({ name: 'shop' });
    const { secret } = await server.api.tokens.create({ name: 'ci', role: 'user', spaces: ['shop'] });
    const answer = await logIn({ token: secret });
    expect(JSON.parse(answer.body)).toMatchObject({ name: 'ci', role: 'user' });
    const Cookie = cookieIn(answer);
    expect(JSON.parse((await ask('GET /spaces', { Cookie })).body)).toMatchObject([{ name: 'shop' }]);
    expect((await ask('GET /spaces/default', { Cookie })).status).toBe(403);
    expect((await ask('GET /platform/tokens', { Cookie })).status).toBe(403);
  });

  test('is listed with the tokens and logged out by an administrator', async () => {
    const Cookie = await browser();
    const [session] = await server.api.tokens.list();
    expect(session).toMatchObject({ kind: 'session', role: 'admin', created_by: 'olga', expired: false });
    expect(JSON.stringify(session)).not.toContain(Cookie.split('=')[1]);
    await server.api.tokens.revoke({ token: session?.name ?? '' });
    expect((await ask('GET /spaces', { Cookie })).status).toBe(401);
    expect(await server.api.tokens.list()).toEqual([]);
    expect(await server.api.audits.list({ size: 1 })).toMatchObject([{ action: 'session.revoke' }]);
  });

  test('of a token ends with it, and so does what is open with it', async () => {
    const { secret } = await server.api.tokens.create({ name: 'boss', role: 'admin' });
    const { body } = await ask('POST /console/codes', { Authorization: `Bearer ${secret}` }, {});
    const Cookies = [
      cookieIn(await logIn({ token: secret })),
      cookieIn(await logIn({ code: (JSON.parse(body) as { code: string }).code })),
    ];
    const streams = Cookies.map((Cookie) => {
      const wire = dial(server.tcp);
      wire.write(request('GET /events', { Host: host(), Cookie, Connection: 'keep-alive' }));
      return wire;
    });
    await Promise.all(streams.map(({ socket }) => once(socket, 'data')));
    await server.api.tokens.revoke({ token: 'boss' });
    for (const stream of streams) expect(await stream.ended()).toContain('event: hello');
    for (const Cookie of Cookies) expect((await ask('GET /spaces', { Cookie })).status).toBe(401);
  });
});

test('the cookie of a browser is replaced every hour', async () => {
  const Cookie = await browser();
  const { headers } = await ask('GET /spaces', { Cookie });
  expect(headers['set-cookie']).toBeUndefined();
  inData(({ store }) => {
    const before = new Date(Date.now() - 3_600_000).toISOString();
    store.db.run('UPDATE session_secrets SET created_at = ?', before);
  });
  const next = cookieIn(await ask('GET /spaces', { Cookie }));
  expect(next).toMatch(/^__Host-aka-session=[\w-]{43}$/);
  expect(next).not.toBe(Cookie);
  for (const each of [next, Cookie]) {
    const answer = await ask('GET /spaces', { Cookie: each });
    expect([answer.status, answer.headers['set-cookie']]).toEqual([200, undefined]);
  }
});

describe('who attacks', () => {
  test('can use a code once only, and no other', async () => {
    const one = await code();
    expect((await logIn({ code: one })).status).toBe(201);
    for (const wrong of [one, `${one}x`, '', 'x'.repeat(22), TOKEN]) {
      const answer = await logIn({ code: wrong });
      expect(idOf(answer)).toEqual([401, 'unauthorized']);
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
    expect((await logIn({ token: 'x'.repeat(43) })).status).toBe(401);
    for (const body of [{}, { code: one, token: TOKEN }, { code: 1 }, []])
      expect((await logIn(body)).status).toBe(422);
  });

  test('can use a code for a minute only', async () => {
    const one = await code();
    inData(({ store }) => {
      const at = new Date(Date.now() - 1).toISOString();
      const [kept] = store.sessions.codes(at);
      expect(Date.parse(kept?.expiresAt ?? '') - Date.now()).toBeLessThanOrEqual(60_000);
      store.db.run('UPDATE login_codes SET expires_at = ?', at);
    });
    expect((await logIn({ code: one })).status).toBe(401);
  });

  test('finds neither a code nor a cookie in the data', async () => {
    const [one, cookie] = [await code(), await browser()];
    inData(({ store }) => {
      const all = ['login_codes', 'sessions', 'session_secrets', 'audit'].flatMap((table) =>
        store.db.all(`SELECT * FROM ${table}`).map((row) => JSON.stringify(row)),
      );
      expect(all.length).toBeGreaterThan(4);
      for (const secret of [one, cookie.split('=')[1] ?? '']) expect(all.join()).not.toContain(secret);
    });
  });

  test.each<[string, (own: Headers) => Headers]>([
    ['without the header', ({ Origin = '' }) => ({ Origin })],
    ['with another header', (own) => ({ ...own, 'X-Aka-Console': '0' })],
    ['without an origin', () => ({ 'X-Aka-Console': '1' })],
    ['from another origin', (own) => ({ ...own, Origin: 'https://evil.example' })],
    ['from no origin', (own) => ({ ...own, Origin: 'null' })],
    ['from the same origin over https', (own) => ({ ...own, Origin: `https://${host()}` })],
    ['from another port', (own) => ({ ...own, Origin: 'http://127.0.0.1:1' })],
    ['from an app of the same site', (own) => ({ ...own, 'Sec-Fetch-Site': 'same-site' })],
  ])('can change nothing with the cookie %s', async (_, headers) => {
    const Cookie = await browser();
    for (const line of ['POST /spaces', 'DELETE /spaces/default', 'DELETE /console/session']) {
      const answer = await ask(
        line,
        { Cookie, ...headers(fromPage()) },
        line.startsWith('P') ? { name: 'x1' } : undefined,
      );
      expect(answer.status).toBe(403);
    }
    expect((await server.api.spaces.list()).items.map(({ name }) => name)).toEqual(['default']);
    expect((await ask('GET /console/session', { Cookie })).status).toBe(200);
  });

  test('can have no app of the same site read with the cookie', async () => {
    const Cookie = await browser();
    for (const site of ['same-site', 'cross-site'])
      expect(idOf(await ask('GET /spaces', { Cookie, 'Sec-Fetch-Site': site }))).toEqual([
        403,
        'not_from_console',
      ]);
    expect((await ask('GET /spaces', { Cookie, 'Sec-Fetch-Site': 'same-origin' })).status).toBe(200);
  });

  test.each(['evil.example', 'evil.example:PORT', 'console.local.localhost', 'console.local.localhost:1'])(
    'can reach nothing under the name %s',
    async (name) => {
      const [Cookie, one] = [await browser(), await code()];
      const Host = name.replace('PORT', String(server.tcp.port));
      for (const path of ['/spaces', '/console/', '/console/session'])
        expect(idOf(await ask(`GET ${path}`, { Cookie, Host }))).toEqual([403, 'unknown_host']);
      expect(idOf(await logIn({ code: one }, { Host, Origin: `http://${Host}` }))).toEqual([
        403,
        'unknown_host',
      ]);
      // It was not used up.
      expect((await logIn({ code: one })).status).toBe(201);
    },
  );

  test('can log nobody in from another site', async () => {
    const answer = await logIn({ code: await code() }, { Origin: 'https://evil.example' });
    expect(idOf(answer)).toEqual([403, 'foreign_origin']);
  });

  test('can give nobody a session that they know', async () => {
    const known = `__Host-aka-session=${'x'.repeat(43)}`;
    const Cookie = cookieIn(await logIn({ code: await code() }, { ...fromPage(), Cookie: known }));
    expect(Cookie).not.toBe(known);
    expect((await ask('GET /spaces', { Cookie: known })).status).toBe(401);
    // Nor does one that was there before go on.
    const next = cookieIn(await logIn({ code: await code() }, { ...fromPage(), Cookie }));
    expect((await ask('GET /spaces', { Cookie })).status).toBe(401);
    expect((await ask('GET /spaces', { Cookie: next })).status).toBe(200);
    expect((await ask('GET /spaces', { Cookie: `${next}; ${next}` })).status).toBe(401);
  });

  test('can get no code with a cookie or as a user, and no session with a token of a gateway', async () => {
    const Cookie = await browser();
    const answers = [
      await ask('POST /console/codes', { Cookie, ...fromPage() }, {}),
      await ask('POST /console/codes', { Authorization: `Bearer ${TOKEN}` }, {}),
    ];
    expect(answers.map(idOf)).toEqual([
      [403, 'no_codes_for_sessions'],
      [403, 'administrators_only'],
    ]);
    const { secret } = await server.api.tokens.create({ name: 'gw', role: 'admin', trusted: true });
    expect(idOf(await logIn({ token: secret }))).toEqual([403, 'no_console_session']);
    const headers = { Authorization: `Bearer ${secret}`, 'X-Username': 'jane', 'X-Elevated-Access': 'true' };
    expect(idOf(await ask('POST /console/codes', headers, {}))).toEqual([403, 'no_console_session']);
  });

  test('has no use of a cookie beside a token that is not valid, nor on the unix socket', async () => {
    const Cookie = await browser();
    expect((await ask('GET /spaces', { Cookie, Authorization: 'Bearer nonsense' })).status).toBe(401);
    for (const line of ['GET /console/session', 'GET /console/'])
      expect((await exchange(server.unix, request(line, { Cookie }))).status).toBe(404);
  });
});

test('there is no code where an app has the domain of the console', async () => {
  await expect(server.api.apps.create({ name: 'console', space: 'default' })).rejects.toMatchObject({
    id: 'reserved_app_name',
  });
  await server.api.spaces.create({ name: 'shop' });
  await server.api.apps.create({ name: 'console', space: 'shop' });
  expect(await code()).toMatch(/^[\w-]{22}$/);
});
