import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { Credentials } from '../../src/client/credentials.js';
import { httpApi } from '../../src/client/http-api.js';
import type { AppsApi } from '../../src/contract/apps-api.js';
import { VERSION } from '../../src/contract/version.js';
import { finallyDo, httpHost, WAYS, type Way } from './hostile.js';

const TIMES = { created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z' };
const NOTHING = { missing: [], release: null, build: null };
const promotion = (app: string) => ({
  id: 'p1',
  pipeline: { id: 'l1' },
  source: { app: { id: 'a1' }, release: { id: 'r1' } },
  status: 'pending',
  targets: [{ app: { id: app, name: `web-${app}` }, stage: 'staging', effect: 'release', ...NOTHING }],
  ...TIMES,
});
const asked = { pipeline: { id: 'l1' }, source: { app: { id: 'a1' } }, targets: [{ app: { id: 'a2' } }] };
const TOKEN = 'a-secret-token-of-the-client-tests';
const times = { created_at: '2020-01-01T00:00:00.000Z', updated_at: '2020-01-01T00:00:00.000Z' };
const ref = { id: '1', name: 'maru' };
/** As an Akkeris installation shows a space: a count that is text, no description. */
const space = {
  id: '2',
  name: 'shop',
  compliance: ['socs'],
  region: ref,
  stack: ref,
  state: 'allocated',
  apps: '3',
  ...times,
};

/** A client of a server that gives the same answer to everything. */
async function clientOf(
  way: Way,
  answer: unknown,
  { headers = {}, status = 200, base = '', bearer = TOKEN } = {},
) {
  const host = await httpHost(way, (_, response) => {
    response
      .writeHead(status, { 'Content-Type': 'application/json', ...headers })
      .end(JSON.stringify(answer));
  });
  const warnings: string[] = [];
  const api = httpApi(
    { url: `${host.url}${base}`, credentials: Credentials.bearer(bearer) },
    { onWarning: (warning) => warnings.push(warning) },
  );
  finallyDo(() => api.close());
  return { ...host, api, warnings };
}

describe.each(WAYS)('over %s', (way) => {
  test.each<[string, (api: AppsApi) => Promise<unknown>, string, unknown, string | undefined]>([
    ['a list', (api) => api.spaces.list(), 'GET /spaces', [space], undefined],
    [
      'a page',
      (api) => api.spaces.list({ limit: 2, cursor: 'a=b&c' }),
      'GET /spaces?limit=2&cursor=a%3Db%26c',
      [],
      undefined,
    ],
    [
      'one of a list',
      (api) => api.spaces.get({ space: 'a/b?c#d é' }),
      'GET /spaces/a%2Fb%3Fc%23d%20%C3%A9',
      space,
      undefined,
    ],
    [
      'a new one',
      (api) => api.spaces.create({ name: 'shop', compliance: ['socs'] }),
      'POST /spaces',
      space,
      '{"name":"shop","compliance":["socs"]}',
    ],
    [
      'a change',
      (api) => api.spaces.update({ space: 'shop', description: 'd' }),
      'PATCH /spaces/shop',
      space,
      '{"description":"d"}',
    ],
    [
      'a body of its own',
      (api) => api.configVars.patch({ app: 'web-shop', vars: { app: 'x', N: null } }),
      'PATCH /apps/web-shop/config-vars',
      {},
      '{"app":"x","N":null}',
    ],
    ['an end', (api) => api.spaces.destroy({ space: 'shop' }), 'DELETE /spaces/shop', space, undefined],
  ])('%s is asked for as the contract says', async (_, call, line, answer, body) => {
    const { api, got } = await clientOf(way, answer);
    await call(api);
    const [request] = got;
    expect(got).toHaveLength(1);
    expect(`${request?.method} ${request?.url}`).toBe(line);
    expect(request?.body).toBe(body ?? '');
    expect(request?.headers).toMatchObject({ accept: 'application/json', 'user-agent': `aka/${VERSION}` });
    expect(request?.headers['content-type']).toBe(body === undefined ? undefined : 'application/json');
    expect(request?.headers['idempotency-key'] !== undefined).toBe(line.startsWith('POST'));
  });

  test('what another platform says more, less or otherwise is taken as it is', async () => {
    const odd = { ...space, name: 'Not_a legal NAME', compliance: ['pci', 'socsprod'], extra: { deep: [1] } };
    const { api } = await clientOf(way, [odd]);
    expect((await api.spaces.list()).items).toEqual([{ ...odd, apps: 3 }]);
    const bare = await clientOf(way, {
      id: '3',
      name: 'bare',
      region: ref,
      stack: ref,
      state: 'allocated',
      ...times,
    });
    expect(await bare.api.spaces.get({ space: 'bare' })).toMatchObject({ name: 'bare', compliance: [] });
  });

  test('200 for something created is as good as 201', async () => {
    for (const status of [200, 201]) {
      const { api, warnings } = await clientOf(way, space, { status });
      expect(await api.spaces.create({ name: 'shop', compliance: ['socs'] })).toMatchObject({ name: 'shop' });
      expect(warnings).toEqual([]);
    }
  });

  test('the next page is where the header says', async () => {
    const { api } = await clientOf(way, [space], { headers: { 'Next-Cursor': 'abc' } });
    expect(await api.spaces.list({ limit: 1 })).toMatchObject({ items: [{ name: 'shop' }], next: 'abc' });
  });

  test('connections serve several calls', async () => {
    const { api, got, connections } = await clientOf(way, [space]);
    for (let i = 0; i < 6; i++) await api.spaces.list();
    expect(got).toHaveLength(6);
    // undici frees a connection a moment after its answer is read, when the next call may have opened another.
    expect(connections()).toBeLessThanOrEqual(2);
  });

  test('each call that creates has a key of its own, unless it is given one', async () => {
    const { api, got } = await clientOf(way, space);
    await api.spaces.create({ name: 'shop', compliance: ['socs'] });
    await api.spaces.create({ name: 'shop', compliance: ['socs'] });
    await api.spaces.create({ name: 'shop', compliance: ['socs'] }, { idempotencyKey: 'mine' });
    const keys = got.map(({ headers }) => headers['idempotency-key']);
    expect(new Set(keys).size).toBe(3);
    expect(keys[2]).toBe('mine');
  });

  test.each([
    ['0.2.0', 1],
    ['1.1.0', 1],
    ['0.1.99', 0],
    ['nonsense\u009b', 1],
  ])('a server of version %j is warned of %d times, however often it answers', async (version, count) => {
    const { api, warnings } = await clientOf(way, [space], { headers: { 'Aka-Version': version } });
    await api.spaces.list();
    await api.spaces.list();
    expect(warnings).toHaveLength(count);
    if (count > 0) expect(warnings[0]).toContain(VERSION);
    expect(warnings.join()).not.toMatch(/\u009b/);
  });

  test.each([
    [
      { name: 'shop', compliance: ['socs', 'prod'] },
      { ...space, compliance: ['socsprod'] },
      'compliance "socsprod" was stored, not "socs, prod" as asked',
    ],
    [
      { name: 'shop', compliance: ['socs'] },
      { ...space, compliance: [] },
      'compliance nothing was stored, not "socs" as asked',
    ],
    [{ name: 'shop', stack: 'blue' }, space, 'stack "maru" was stored, not "blue" as asked'],
    [{ name: 'shop' }, { ...space, name: 'sho' }, 'name "sho" was stored, not "shop" as asked'],
  ])('of %j it is said that something else was stored', async (input, stored, warning) => {
    const { api, warnings } = await clientOf(way, stored);
    await api.spaces.create(input);
    expect(warnings).toEqual([expect.stringContaining(warning)]);
  });

  test.each([
    [
      { name: 'SHOP', compliance: ['prod', 'SOCS', 'socs'] },
      { ...space, compliance: ['socs', 'prod'] },
    ],
    [{ name: 'shop', compliance: ['socs'], stack: 'maru', description: 'not shown' }, space],
    [{ name: 'shop', compliance: null, stack: '1' }, space],
  ])('of %j nothing is said: it was stored', async (input, stored) => {
    const { api, warnings } = await clientOf(way, stored);
    await api.spaces.create(input);
    expect(warnings).toEqual([]);
  });

  test('a promotion to another app than asked is noticed', async () => {
    const right = await clientOf(way, promotion('a2'));
    await right.api.pipelinePromotions.create(asked);
    expect(right.warnings).toEqual([]);
    const wrong = await clientOf(way, promotion('a3'));
    await wrong.api.pipelinePromotions.create(asked);
    expect(wrong.warnings).toEqual([expect.stringMatching(/targets .*a3.* was stored, not .*a2.* as asked/)]);
  });

  test('what Akkeris says of couplings is understood: ids alone, and one by itself', async () => {
    const coupling = { id: 'c1', pipeline: { id: 'l1' }, app: { id: 'a1' }, stage: 'staging', ...TIMES };
    const { api, warnings } = await clientOf(way, coupling);
    await api.pipelineCouplings.create({ app: 'web-dev', pipeline: 'ladder', stage: 'staging' });
    expect(warnings).toEqual([]);
    expect(await api.pipelineCouplings.ofApp({ app: 'web-dev' })).toMatchObject([{ id: 'c1' }]);
  });

  test('nothing is sent for a name that is empty, or a key that no header can hold', async () => {
    const { api, got } = await clientOf(way, space);
    await expect(api.spaces.destroy({ space: '' })).rejects.toMatchObject({ id: 'invalid', status: 422 });
    await expect(api.spaces.create({ name: 'x' }, { idempotencyKey: 'a\r\nB: c' })).rejects.toMatchObject({
      status: 422,
    });
    expect(got).toEqual([]);
  });
});

test('the token goes with every request over TCP, and with none on a unix socket', async () => {
  for (const [way, header] of [
    ['tcp', `Bearer ${TOKEN}`],
    ['unix', undefined],
  ] as const) {
    const { api, got } = await clientOf(way, [space]);
    await api.spaces.list();
    expect(got[0]?.headers.authorization).toBe(header);
  }
});

test('a whole Authorization header is sent as it is', async () => {
  const { url, got } = await httpHost('tcp', (_, response) => response.end('[]'));
  const api = httpApi({ url, credentials: Credentials.header('Basic eDp5') });
  finallyDo(() => api.close());
  await api.spaces.list();
  expect(got[0]?.headers.authorization).toBe('Basic eDp5');
});

test('the paths of the API may have something before them', async () => {
  const { api, got } = await clientOf('tcp', [space], { base: '/akkeris/api/' });
  await api.spaces.list();
  expect(got[0]?.url).toBe('/akkeris/api/spaces');
});

test('no token is sent in clear to another machine', () => {
  const credentials = Credentials.bearer(TOKEN);
  const dial = (url: string) => () => httpApi({ url, credentials });
  for (const url of [
    'http://apps.example.com',
    'http://10.0.0.1:5000',
    'http://localhost.example.com',
    'http://[2001:db8::1]',
  ]) {
    expect(dial(url)).toThrow(expect.objectContaining({ id: 'insecure', status: 422 }));
  }
  for (const url of [
    'https://apps.example.com',
    'http://localhost:1',
    'http://127.8.9.1',
    'http://[::1]:5000',
  ]) {
    expect(dial(url)).not.toThrow();
  }
  expect(() => httpApi({ url: 'http://apps.example.com' })).not.toThrow();
});

test('credentials can not be printed by accident', () => {
  const credentials = Credentials.bearer(TOKEN);
  for (const printed of [
    JSON.stringify({ credentials }),
    inspect(credentials, { showHidden: true, depth: 9 }),
    `${inspect({ credentials })}`,
  ]) {
    expect(printed).not.toContain(TOKEN);
  }
});

test('closing without a call is nothing', async () => {
  await httpApi({ url: 'unix:/nowhere' }).close();
});
