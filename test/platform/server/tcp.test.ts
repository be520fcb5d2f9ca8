import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bearerTokens } from '../../../src/platform/server/tokens.js';
import { startServer, type TestServer, TOKEN } from './serving.js';
import { type Answer, exchange, request } from './wire.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

const basic = (credentials: string): string => `Basic ${Buffer.from(credentials).toString('base64')}`;

/** Sends a GET with the headers a client on this machine has, changed by `headers`. */
function get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const usual = { Host: `127.0.0.1:${server.tcp.port}`, Authorization: `Bearer ${TOKEN}` };
  return exchange(server.tcp, request(`GET ${path}`, { ...usual, ...headers }));
}

const idOf = ({ body }: Answer): unknown => (JSON.parse(body) as { id?: unknown }).id;

describe('bearer tokens', () => {
  test('let their users in', async () => {
    const { status, body } = await get('/account');
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({ name: 'ursula', elevated_access: false });
    expect((await get('/account', { Authorization: `bearer  ${TOKEN}` })).status).toBe(200);
  });

  test.each([
    ['by itself', TOKEN],
    ['as the password of anybody', basic(`x:${TOKEN}`)],
    ['as the password of nobody', basic(`:${TOKEN}`)],
  ])('are taken %s, as clients of Akkeris send them', async (_, authorization) => {
    const { status, body } = await get('/account', { Authorization: authorization });
    expect([status, JSON.parse(body)]).toEqual([200, expect.objectContaining({ name: 'ursula' })]);
  });

  test.each([
    ['nothing', ''],
    ['another token', `Bearer ${TOKEN}x`],
    ['a part of it', `Bearer ${TOKEN.slice(0, -1)}`],
    ['the token in another case', `Bearer ${TOKEN.toUpperCase()}`],
    ['another scheme', `Token ${TOKEN}`],
    ['another token by itself', `${TOKEN}x`],
    ['the token as a user', basic(`${TOKEN}:`)],
    ['the token without a user', basic(TOKEN)],
    ['another password', basic(`x:${TOKEN}x`)],
    ['a password that is not encoded', `Basic x:${TOKEN}`],
    ['an empty token', 'Bearer '],
    ['an empty password', basic('x:')],
    ['a long token', `Bearer ${'x'.repeat(4000)}`],
    ['two tokens', `Bearer ${TOKEN} ${TOKEN}`],
  ])('%s lets nobody in, to any path', async (_, authorization) => {
    for (const path of ['/account', '/spaces', '/openapi.json', '/nope', `/account?token=${TOKEN}`]) {
      const answer = await get(path, { Authorization: authorization });
      expect([answer.status, idOf(answer)]).toEqual([401, 'unauthorized']);
      expect(answer.headers['www-authenticate']).toBe('Bearer');
      expect(answer.body).not.toContain(TOKEN.slice(0, 8));
    }
  });

  test('are told apart, and must be long enough', () => {
    const check = bearerTokens([
      { name: 'adam', role: 'admin', secret: 'x'.repeat(32) },
      { name: 'ursula', role: 'user', secret: 'y'.repeat(32) },
    ]);
    expect(check('x'.repeat(32))).toEqual({ name: 'adam', role: 'admin' });
    expect(check('y'.repeat(32))).toEqual({ name: 'ursula', role: 'user' });
    expect(check('x'.repeat(17))).toBeUndefined();
    expect(check('')).toBeUndefined();
    expect(() => bearerTokens([{ name: 'adam', role: 'admin', secret: 'x'.repeat(31) }])).toThrow(/adam/);
    expect(bearerTokens([])('x'.repeat(32))).toBeUndefined();
  });

  test('say in the audit log who it was and from where', async () => {
    await exchange(
      server.tcp,
      request('DELETE /spaces/nope', {
        Host: `localhost:${server.tcp.port}`,
        Authorization: `Bearer ${TOKEN}`,
      }),
    );
    const [event] = await server.api.audits.list({ size: 1 });
    expect(event).toMatchObject({ action: 'space.destroy', username: 'ursula', outcome: 'refused' });
    expect(JSON.parse(event?.info ?? '')).toMatchObject({ origin: 'tcp 127.0.0.1', role: 'user' });
  });
});

describe('pages in a browser', () => {
  test.each([
    ['evil.example', 403],
    ['evil.example:PORT', 403],
    ['127.0.0.1', 403],
    ['127.0.0.1:1', 403],
    ['127.0.0.1.evil.example:PORT', 403],
    ['localhost:PORT', 200],
    ['LOCALHOST:PORT', 200],
    ['[::1]:PORT', 200],
  ])('that reach it under the name %s are answered with %d', async (host, status) => {
    const answer = await get('/account', { Host: host.replace('PORT', String(server.tcp.port)) });
    expect(answer.status).toBe(status);
    if (status === 403) expect(idOf(answer)).toBe('unknown_host');
  });

  test.each([
    ['http://evil.example', 403],
    ['null', 403],
    ['https://127.0.0.1:PORT', 403],
    ['http://localhost:PORT', 403],
    ['http://127.0.0.1:1', 403],
    ['http://127.0.0.1:PORT', 200],
  ])('from %s are answered with %d', async (origin, status) => {
    const answer = await get('/account', { Origin: origin.replace('PORT', String(server.tcp.port)) });
    expect(answer.status).toBe(status);
    if (status === 403) expect(idOf(answer)).toBe('foreign_origin');
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});
