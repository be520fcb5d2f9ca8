import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startServer, type TestServer, TOKEN } from './serving.js';
import { type Answer, exchange, request } from './wire.js';

let server: TestServer;
let trusted: string;
let admin: string;
beforeAll(async () => {
  server = await startServer();
  const made = await server.api.tokens.create({ name: 'gateway', role: 'admin', trusted: true });
  trusted = made.secret;
  admin = (await server.api.tokens.create({ name: 'boss', role: 'admin' })).secret;
  await server.api.spaces.create({ name: 'vault', compliance: ['socs'] });
  await server.api.apps.create({ name: 'web', space: 'vault' });
});
afterAll(() => server.close());

type Headers = Readonly<Record<string, string>>;

function ask(line: string, token: string, headers: Headers = {}): Promise<Answer> {
  const usual = { Host: `127.0.0.1:${server.tcp.port}`, Authorization: token, Connection: 'close' };
  return exchange(server.tcp, request(line, { ...usual, ...headers }));
}

async function account(token: string, headers: Headers = {}): Promise<Record<string, unknown>> {
  return JSON.parse((await ask('GET /account', token, headers)).body) as Record<string, unknown>;
}

const newest = async () => (await server.api.audits.list({ size: 1 }))[0];

describe('a trusted token', () => {
  test('says for whom it asks, who is a user of all spaces', async () => {
    expect(await account(trusted, { 'X-Username': 'Jane Doe' })).toMatchObject({
      name: 'Jane Doe via gateway',
      elevated_access: false,
    });
    expect((await ask('GET /spaces/vault', trusted, { 'X-Username': 'jane' })).status).toBe(200);
    expect((await ask('DELETE /apps/web-vault', trusted, { 'X-Username': 'jane' })).status).toBe(403);
    const record = JSON.parse((await newest())?.info ?? '{}') as unknown;
    expect(record).toMatchObject({ username: 'jane via gateway', role: 'user', outcome: 'refused' });
  });

  test('says who is an administrator, of somebody with a name only', async () => {
    const elevated = { 'X-Elevated-Access': 'true' };
    expect(await account(trusted, { ...elevated, 'X-Username': 'jane' })).toMatchObject({
      name: 'jane via gateway',
      elevated_access: true,
    });
    expect(await account(trusted, elevated)).toMatchObject({ name: 'gateway', elevated_access: false });
    for (const other of ['True', '1', 'yes', 'false', '']) {
      const headers = { 'X-Username': 'jane', 'X-Elevated-Access': other };
      expect(await account(trusted, headers)).toMatchObject({ elevated_access: false });
    }
    const before = await server.api.apps.create({ name: 'old', space: 'vault' });
    expect((await ask('DELETE /apps/old-vault', trusted, { ...elevated, 'X-Username': 'jane' })).status).toBe(
      200,
    );
    expect(await newest()).toMatchObject({ action: 'app.destroy', username: 'jane via gateway' });
    expect(JSON.parse((await newest())?.info ?? '{}')).toMatchObject({ details: { id: before.id } });
  });

  test.each([
    ['empty', ''],
    ['too long', 'x'.repeat(129)],
    ['not ASCII', 'J\u00f6rg'],
    ['with a tab', 'a\tb'],
  ])('is refused a name that is %s', async (_, name) => {
    const answer = await ask('GET /spaces', trusted, { 'X-Username': name });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toMatchObject({ id: 'invalid_username' });
  });

  test('is refused a header that is there twice, whose second may be by a client of the gateway', async () => {
    for (const name of ['X-Username', 'X-Elevated-Access']) {
      const twice = { 'X-Username': 'jane', [name.toLowerCase()]: 'root', [name]: 'true' };
      const answer = await ask('GET /spaces', trusted, twice);
      expect([answer.status, JSON.parse(answer.body)]).toEqual([
        400,
        expect.objectContaining({ id: 'double_header' }),
      ]);
    }
  });

  test('is an administrator one, and is told in the audit log', async () => {
    await expect(
      server.api.tokens.create({ name: 'lesser', role: 'user', spaces: ['vault'], trusted: true }),
    ).rejects.toMatchObject({ id: 'trusted_for_admins', status: 422 });
    const [event] = (await server.api.audits.list({ size: 100 })).filter(
      ({ action, info }) => action === 'token.create' && info.includes('"gateway"'),
    );
    expect(JSON.parse(event?.info ?? '{}')).toMatchObject({ details: { token: 'gateway', trusted: true } });
    expect((await server.api.tokens.list()).map(({ name, trusted: is }) => [name, is])).toEqual([
      ['boss', false],
      ['gateway', true],
    ]);
  });
});

test.each([
  ['an administrator', () => admin, { name: 'boss', elevated_access: true }],
  ['a user', () => TOKEN, { name: 'ursula', elevated_access: false }],
])('the headers say nothing of whom %s is', async (_, token, expected) => {
  const headers = { 'X-Username': 'jane', 'X-Elevated-Access': 'true' };
  expect(await account(token(), headers)).toMatchObject(expected);
  expect(await account(token(), { 'X-Username': '' })).toMatchObject(expected);
});

test('the headers say nothing on the unix socket', async () => {
  const headers = { Host: 'localhost', 'X-Username': 'jane', Connection: 'close' };
  const { body } = await exchange(server.unix, request('GET /account', headers));
  expect(JSON.parse(body)).toMatchObject({ name: 'olga', elevated_access: true });
});

test('people of one gateway check the work of each other, and nobody their own by another way', async () => {
  const as = (name: string) => server.as(name).builds;
  const { checksum } = await server.as('x').sources.upload(
    (async function* () {
      yield Buffer.from('a source');
    })(),
  );
  const source = { checksum, repo: 'https://github.com/acme/shop', sha: 'a'.repeat(40) };
  await as('jane via gateway').create({ app: 'web-vault', ...source });
  const context = 'app/web-vault';
  for (const user of ['bob via gateway', 'jane via gateway', 'jane']) {
    await server.api.checks.add({ context, kind: 'user', user, name: user.replaceAll(' ', '-') });
  }
  const report = (name: string) =>
    as(name)
      .report({ app: 'web-vault', build: '1', context, state: 'success' })
      .then(({ state }) => state)
      .catch((error: { id: string }) => error.id);
  expect(await report('jane via gateway')).toBe('own_build');
  expect(await report('jane')).toBe('own_build');
  expect(await report('bob via gateway')).toBe('success');
  // Whoever made the token of the gateway has it as well.
  await as('adam').create({ app: 'web-vault', ...source });
  await expect(
    as('bob via gateway').report({ app: 'web-vault', build: '2', context, state: 'success' }),
  ).rejects.toMatchObject({ id: 'own_build' });
});
