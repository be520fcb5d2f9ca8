import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Credentials } from '../../src/client/credentials.js';
import { httpApi } from '../../src/client/http-api.js';
import type { AppsApi } from '../../src/contract/apps-api.js';
import { hasBody, type Operation, operations, pathMembers } from '../../src/contract/endpoints.js';
import { AppsApiError, ChangeMade, Unsupported } from '../../src/contract/errors.js';
import { answered, type Exchange, laterExchanges } from '../contract/akkeris/exchanges.js';

/*
 * Every exchange of the second recording goes through the client, over HTTP: the request that aka sends is the recorded one,
 * and what the installation answered is read.
 */

let server: Server;
let api: AppsApi;
let current: Exchange;
let got: { method: string; path: string; body: unknown };

beforeAll(async () => {
  server = createServer((request, response) => {
    void (async () => {
      const body = await json(request).catch(() => null);
      got = { method: request.method ?? '', path: request.url ?? '', body };
      const { status, headers, bodyText } = current.response;
      const type = headers['content-type'];
      response.writeHead(status, type === undefined ? {} : { 'content-type': type }).end(bodyText);
    })();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const target = { url: `http://127.0.0.1:${port}`, credentials: Credentials.bearer('token') };
  api = httpApi(target, { retries: { attempts: 1 } });
});
afterAll(async () => {
  await api.close();
  server.close();
});
beforeEach(() => {
  got = { method: '', path: '', body: null };
});

/** The operation that aka has for a request, with its input. */
function operationOf({
  request: { method, path, body },
}: Exchange): { operation: Operation; input: Record<string, unknown> } | undefined {
  for (const operation of operations) {
    const { endpoint } = operation;
    const members = pathMembers(endpoint);
    const pattern = endpoint.path.replace(/\{\w+\}/g, '([^/?]+)');
    const match = new RegExp(`^${pattern}(?:\\?(.*))?$`).exec(path);
    if (endpoint.method !== method || match === null) continue;
    const inPath = Object.fromEntries(members.map((member, index) => [member, match[index + 1] as string]));
    const query = Object.fromEntries(new URLSearchParams(match[members.length + 1] ?? ''));
    const rest = endpoint.body === undefined ? (body as object) : { [endpoint.body]: body };
    return { operation, input: { ...inPath, ...(hasBody(endpoint) ? rest : query) } };
  }
  return undefined;
}

/** Calls what the recorded request is of, and returns its outcome. */
async function replayed(exchange: Exchange): Promise<unknown> {
  const { operation, input } = operationOf(exchange) ?? {};
  if (operation === undefined) throw new Error(`aka has no ${exchange.name}`);
  current = exchange;
  return operation
    .of(api)(input)
    .catch((error: unknown) => error);
}

const called = laterExchanges.filter((each) => operationOf(each) !== undefined);
/** aka asks for apps with all their facts. */
const NOT_ASKED = ['apps-simple-false'];
const succeeded = called.filter(
  ({ name, response: { status } }) => status < 300 && !NOT_ASKED.includes(name),
);
const refused = called.filter(({ response: { status } }) => status >= 400);

test('most of what was recorded is of operations that aka has', () => {
  expect(laterExchanges).toHaveLength(255);
  expect(called.length).toBeGreaterThan(160);
});

test.each(succeeded.map((each) => [each.name, each] as const))('%s is read', async (_, exchange) => {
  const outcome = await replayed(exchange);
  expect(outcome).not.toBeInstanceOf(Error);
  const { method, path, body } = exchange.request;
  expect(got).toMatchObject({ method, path });
  if (body !== null) expect(got.body).toEqual(body);
});

test.each(refused.map((each) => [each.name, each] as const))('%s is a refusal', async (_, exchange) => {
  const { status } = exchange.response;
  const outcome = await replayed(exchange);
  if (operationOf(exchange)?.operation.endpoint.oneAlone !== undefined && Array.isArray(outcome)) {
    // An app in no pipeline is none that is missing.
    expect([status, outcome]).toEqual([404, []]);
    return;
  }
  if (!(outcome instanceof AppsApiError)) throw outcome;
  expect(outcome).not.toBeInstanceOf(Unsupported);
  expect(outcome.message).not.toMatch(/does not exist|was not found|uuid|^$/);
});

test.each<[name: string, status: number, message: string, hint: string | undefined]>([
  ['builds-one-by-number', 404, 'There is no build 1.', 'Every build: aka builds -a web-rone'],
  ['releases-one-by-version', 404, 'There is no release v1.', 'Every release: aka releases -a web-rone'],
  ['formations-all-unknown-app', 404, 'There is no app nope-rone.', 'Every app: aka apps'],
  ['formations-one-none', 404, 'There is no process type web.', 'Every process type: aka ps -a web-rone'],
  ['pipelines-one-unknown', 404, 'There is no pipeline nope.', 'Every pipeline: aka pipelines'],
  ['pipelines-new-duplicate', 409, 'There is a pipeline of that name already.', undefined],
  [
    'dynos-drop-type-unknown',
    404,
    'There is no process type nope.',
    'Every process type: aka ps -a web-rone',
  ],
  [
    'promotions-new-checks-missing',
    409,
    'Nothing was promoted: prod1-rone at production requires "tests/success"; prod1-rone at production requires "tests/pending".',
    'Each must be reported as success of the release: aka releases:status',
  ],
  [
    'couplings-drop-as-user',
    403,
    'Only administrators of the installation may remove an app from a pipeline.',
    undefined,
  ],
])('the refusal of %s is told in our words', async (name, status, message, hint) => {
  expect(await replayed(called.find((each) => each.name === name) as Exchange)).toMatchObject({
    status,
    message,
    hint,
  });
});

const changes = succeeded.filter(({ request }) => request.method !== 'GET');
test.each(
  changes.flatMap((each) =>
    ['', 'OK', '[]', '{}', 'null', '{"app":null,"id":7}'].map((body) => [each.name, body, each] as const),
  ),
)('%s is no failure with %j for an answer', async (_, bodyText, exchange) => {
  const response = { ...exchange.response, status: 200, bodyText };
  const outcome = await replayed({ ...exchange, response });
  // A removal that says that nothing was removed is one.
  const isNothing = exchange.name === 'formations-drop-clock' && bodyText === '[]';
  if (outcome instanceof Error && !isNothing) expect(outcome).toBeInstanceOf(ChangeMade);
});

/** The result of what was recorded under a name. */
async function resultOf<Result>(name: string): Promise<Result> {
  return (await replayed(called.find((each) => each.name === name) as Exchange)) as Result;
}

test('apps have their key, wherever their name is absent, or a simple one', async () => {
  for (const name of [
    'builds-one-failed',
    'builds-new-docker',
    'formations-change-makes-web',
    'releases-new-rollback',
  ])
    expect(await resultOf(name)).toMatchObject({ app: { name: 'web-rone' } });
  expect(await resultOf('formations-one')).toMatchObject({ app: { name: 'api-rone' } });
  expect(await resultOf('formations-drop-clock')).toMatchObject({
    id: '9dd7b330-2b40-4dd4-8c28-c59f58c4a33e',
    type: 'zero',
    app: { name: 'api-rone', id: 'cf98a50f-1e11-4525-88f9-e5eea79a6bfe' },
  });
  expect(await resultOf('promotions-new-unsafe-elevated')).toMatchObject({
    source: { app: { name: 'web-rone' }, release: { id: 'b8ee77e5-7350-43f9-8ffe-1e19db8d9a35' } },
  });
});

test('builds have the number of their slug, once there is one', async () => {
  const builds = await resultOf<{ id: string; number?: number }[]>('builds-all');
  const [oldest] = answered<{ id: string }[]>('builds-all');
  // The newest is first here.
  expect(builds.at(-1)).toMatchObject({ id: oldest?.id, number: 2, slug: { id: oldest?.id } });
  expect(await resultOf('builds-new-docker')).not.toHaveProperty('number');
  expect(await resultOf('builds-result-succeeded')).toMatchObject({
    build: { id: 'e5e7463e-6db7-4029-af24-244ca7b104f7', status: 'succeeded' },
  });
});

test('releases have the build of their slug, and are not current while the only one is pending', async () => {
  expect(await resultOf('releases-one-pending')).toMatchObject({
    version: 1,
    current: false,
    build: { id: 'e5e7463e-6db7-4029-af24-244ca7b104f7' },
    updated_at: '2026-11-30T21:24:55.662Z',
  });
});

test('apps of a pipeline run nothing before their first release', async () => {
  expect(await resultOf('couplings-one-unreleased')).toMatchObject({ release: null });
  expect(await resultOf('couplings-new-released-app')).toMatchObject({ release: null });
  expect(await resultOf('couplings-of-app-released')).toMatchObject([
    { release: { version: 3, commit: '123456' } },
  ]);
});

test('sizes have their memory in bytes, and dynos a name by which they are found', async () => {
  expect(await resultOf('sizes-all')).toContainEqual(
    expect.objectContaining({ name: 'gp2-prod', memory: 512 * 2 ** 20, prod: true }),
  );
  expect(await resultOf('dynos-of-released')).toMatchObject([{ name: 'web.3175521927-cd531', state: 'up' }]);
});
