import { once } from 'node:events';
import { afterEach, expect, test } from '@jest/globals';
import { Credentials } from '../../../src/client/credentials.js';
import { httpApi } from '../../../src/client/http-api.js';
import type { AppsApi } from '../../../src/contract/apps-api.js';
import { PLATFORM_LOG } from '../../../src/contract/logs.js';
import { openPlatform } from '../../../src/platform/embedded.js';
import { readLogs } from '../../../src/platform/logs/read.js';
import { logsFolder } from '../../../src/platform/logs/segments.js';
import { type Running, runPlatform } from '../../../src/platform/running.js';
import type { Folders } from '../../../src/platform/store/store.js';
import { ADMIN, refusal, temporaryFolders } from '../store/temporary.js';
import { type Answer, dial, exchange, request, type Wire } from './wire.js';

const KEPT = 'the-token-that-the-daemon-was-started-with';

/** A daemon that listens on TCP, and the data that it serves, opened a second time as by another process. */
class Served {
  readonly #ends: (() => unknown)[] = [];

  private constructor(
    readonly folders: Folders,
    readonly daemon: Running,
    readonly port: number,
    readonly here: AppsApi,
  ) {}

  static async start(): Promise<Served> {
    const folders = temporaryFolders();
    const options = { user: 'ann', token: KEPT, parts: [], listen: { host: '127.0.0.1', port: 0 } };
    const daemon = await runPlatform(folders, options);
    const { addresses } = await daemon.status();
    const url = addresses.find((address) => address.startsWith('http:')) ?? '';
    const other = openPlatform(folders);
    const here = other.as(ADMIN);
    const served = new Served(folders, daemon, Number(new URL(url).port), here);
    served.#ends.push(() => other.close());
    await here.spaces.create({ name: 'shop' });
    await here.apps.create({ name: 'web', space: 'shop' });
    return served;
  }

  async token(name = 'ci'): Promise<string> {
    return (await this.here.tokens.create({ name, role: 'user', spaces: ['shop'] })).secret;
  }

  api(secret: string): AppsApi {
    const url = `http://127.0.0.1:${this.port}`;
    const api = httpApi({ url, credentials: Credentials.bearer(secret) });
    this.#ends.push(() => api.close());
    return api;
  }

  /** What a request has in front of its body. */
  asks(line: string, secret: string, headers: Readonly<Record<string, string>> = {}): string {
    return request(line, {
      Host: `127.0.0.1:${this.port}`,
      Authorization: `Bearer ${secret}`,
      Connection: 'keep-alive',
      ...headers,
    });
  }

  dial(): Wire {
    const wire = dial({ host: '127.0.0.1', port: this.port });
    this.#ends.push(() => wire.socket.destroy());
    return wire;
  }

  get(path: string, secret: string): Promise<Answer> {
    const where = { host: '127.0.0.1', port: this.port };
    return exchange(where, this.asks(`GET ${path}`, secret, { Connection: 'close' }));
  }

  async access(): Promise<Record<string, unknown>> {
    const { sections } = await this.daemon.status();
    return sections.find(({ name }) => name === 'access')?.facts ?? {};
  }

  async stop(): Promise<void> {
    for (const end of this.#ends.toReversed()) await end();
    await this.daemon.stop();
  }
}

let served: Served | undefined;
async function start(): Promise<Served> {
  served = await Served.start();
  return served;
}
afterEach(async () => {
  await served?.stop();
  served = undefined;
});

test('a token of the data opens the door from the moment that it is made until it is revoked', async () => {
  const one = await start();
  const secret = await one.token();
  const { body } = await one.get('/account', secret);
  expect(JSON.parse(body)).toMatchObject({ name: 'ci', elevated_access: false });
  expect((await one.get('/spaces/default', secret)).status).toBe(403);
  await one.here.tokens.revoke({ token: 'ci' });
  expect((await one.get('/account', secret)).status).toBe(401);
  expect((await one.get('/account', await one.token())).status).toBe(200);
  expect((await one.get('/account', secret)).status).toBe(401);
  expect((await one.get('/account', KEPT)).status).toBe(200);
});

test('what is open with a token ends when it is revoked by another process, and nothing else does', async () => {
  const one = await start();
  const [secret, spared] = [await one.token('ci'), await one.token('cd')];
  const follow = async (token: string) =>
    (await one.api(token).logs.ofApp({ app: 'web-shop', follow: true }))[Symbol.asyncIterator]();
  const log = await follow(secret);
  let goesOn = true;
  const other = (await follow(spared)).next().finally(() => {
    goesOn = false;
  });
  other.catch(() => {});
  const idle = one.dial();
  idle.write(one.asks('GET /account', secret));
  await once(idle.socket, 'data');
  const upload = one.dial();
  upload.write(one.asks('PUT /sources', secret, { 'Content-Length': '1000000', Expect: '100-continue' }));
  await once(upload.socket, 'data');
  const free = one.dial();
  free.write(one.asks('GET /account', spared));
  await once(free.socket, 'data');
  await one.here.tokens.revoke({ token: 'ci' });
  expect((await refusal(log.next())).status).toBe(0);
  expect(await idle.ended()).toContain('200 OK');
  await upload.ended();
  free.write(one.asks('GET /account', spared, { Connection: 'close' }));
  expect((await free.ended()).match(/200 OK/g)).toHaveLength(2);
  expect(goesOn).toBe(true);
});

test('what was begun with a token before it was revoked is not done afterwards', async () => {
  const one = await start();
  const wire = one.dial();
  const body = JSON.stringify({ name: 'late', space: 'shop' });
  wire.write(
    one.asks('POST /apps', await one.token(), {
      'Content-Type': 'application/json',
      'Content-Length': String(body.length),
      Expect: '100-continue',
    }),
  );
  await once(wire.socket, 'data');
  await one.here.tokens.revoke({ token: 'ci' });
  wire.write(body);
  expect(await wire.ended()).not.toContain('201 Created');
  expect((await one.here.apps.list()).items.map(({ name }) => name)).toEqual(['web-shop']);
});

test('who revokes the token that they come with is answered', async () => {
  const one = await start();
  const { secret } = await one.here.tokens.create({ name: 'boss', role: 'admin' });
  expect(await one.api(secret).tokens.revoke({ token: 'boss' })).toMatchObject({ name: 'boss' });
  expect(await refusal(one.api(secret).account.get())).toMatchObject({ status: 401 });
});

test('the next token of a name is somebody else, who is not given the answers to the one before', async () => {
  const one = await start();
  const options = { idempotencyKey: 'the-same' };
  const input = { name: 'api', space: 'shop' };
  await one.api(await one.token()).apps.create(input, options);
  await one.here.tokens.revoke({ token: 'ci' });
  const next = await one.here.tokens.create({ name: 'ci', role: 'user', spaces: ['default'] });
  expect(await refusal(one.api(next.secret).apps.create(input, options))).toMatchObject({
    id: 'not_your_space',
  });
});

test('no token has the name of somebody who comes in another way', async () => {
  const one = await start();
  const { name } = ADMIN;
  expect(await refusal(one.here.tokens.create({ name, role: 'admin' }))).toMatchObject({ id: 'name_in_use' });
  // But that of one that was revoked may be taken again.
  await one.api(await one.token()).apps.create({ name: 'api', space: 'shop' });
  await one.here.tokens.revoke({ token: 'ci' });
  await one.token();
});

test('a token that has expired opens nothing', async () => {
  const one = await start();
  const before = openPlatform({ ...one.folders, now: () => new Date(Date.now() - 120_000) });
  const made = (seconds: number) =>
    before.as(ADMIN).tokens.create({ name: `for-${seconds}`, role: 'admin', expires_in: seconds });
  const [expired, valid] = [(await made(60)).secret, (await made(600)).secret];
  before.close();
  expect((await one.get('/account', expired)).status).toBe(401);
  expect((await one.get('/account', valid)).status).toBe(200);
  expect((await one.here.tokens.list()).map(({ name, expired: over }) => [name, over])).toEqual([
    ['for-60', true],
    ['for-600', false],
  ]);
});

test('that a token is used is noted, once a minute', async () => {
  const one = await start();
  const secret = await one.token();
  const used = async () => (await one.here.tokens.list())[0]?.used_at;
  expect(await used()).toBeNull();
  await one.get('/account', secret);
  const first = await used();
  expect(Date.parse(first ?? '')).toBeGreaterThan(Date.now() - 60_000);
  await one.get('/account', secret);
  expect(await used()).toBe(first);
});

test('who has no valid token is counted, and fills neither the audit log nor that of the daemon', async () => {
  const one = await start();
  await one.token();
  expect(await one.access()).toEqual({ tokens: 1, turned_away: 0 });
  const { records } = await one.here.audits.verify();
  for (let n = 0; n < 20; n++) expect((await one.get('/spaces', `aka_${'x'.repeat(43)}`)).status).toBe(401);
  expect(await one.access()).toMatchObject({ turned_away: 20, last_turned_away: expect.any(String) });
  expect((await one.here.audits.verify()).records).toBe(records);
  // Whoever has one is let in all the same.
  expect((await one.get('/account', KEPT)).status).toBe(200);
  const noted: string[] = [];
  for await (const { line } of readLogs({
    dir: logsFolder(one.folders.dataDir),
    apps: [PLATFORM_LOG],
    lines: 100,
  }))
    noted.push(line);
  expect(noted.filter((line) => line.startsWith('Turned away'))).toEqual([
    'Turned away a request without a valid token, the last from 127.0.0.1.',
  ]);
  expect(noted.join()).not.toContain('xxx');
});

test('failed logins of browsers are counted with them', async () => {
  const one = await start();
  const body = JSON.stringify({ code: 'x'.repeat(22) });
  const headers = { 'Content-Type': 'application/json', 'Content-Length': String(body.length) };
  const { status } = await exchange(
    { host: '127.0.0.1', port: one.port },
    request('POST /console/session', { Host: `127.0.0.1:${one.port}`, ...headers }, body),
  );
  expect([status, await one.access()]).toEqual([401, expect.objectContaining({ turned_away: 1 })]);
  // Who only asks whether they are logged in tries nothing.
  await one.get('/console/session', '');
  expect(await one.access()).toMatchObject({ turned_away: 1 });
});

test('no token reaches what is for the user of the daemon only', async () => {
  const one = await start();
  const { secret } = await one.here.tokens.create({ name: 'boss', role: 'admin' });
  for (const token of [secret, await one.token(), KEPT]) {
    expect((await one.get('/daemon', token)).status).toBe(404);
    const stop = one.asks('POST /daemon/stop', token, { Connection: 'close', 'Content-Length': '0' });
    expect((await exchange({ host: '127.0.0.1', port: one.port }, stop)).status).toBe(404);
  }
});
