import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Credentials } from '../../../src/client/credentials.js';
import { httpApi } from '../../../src/client/http-api.js';
import type { AppsApi } from '../../../src/contract/apps-api.js';
import { DAEMON } from '../../../src/platform/caller.js';
import { type Serving, serve } from '../../../src/platform/server/serve.js';
import { storedTokens } from '../../../src/platform/server/tokens.js';
import { temporaryPlatform } from '../../contract/platforms.js';

/*
 * What the older aka and the web pages of Akkeris ask for, beyond what is in the recording, and read of the answers.
 */

const temporary = temporaryPlatform();
let server: Serving;
let token: string;
let api: AppsApi;
beforeAll(async () => {
  const { platform } = temporary;
  const tokens = storedTokens(platform.session(DAEMON));
  server = await serve(platform, { listen: { host: '127.0.0.1', port: 0, tokens } });
  api = platform.as({ name: 'adam', role: 'admin', origin: 'cli' });
  token = (await api.tokens.create({ name: 'gateway', role: 'admin', trusted: true })).secret;
  for (const space of ['dev', 'live']) {
    await api.spaces.create({ name: space });
    await api.apps.create({ name: 'web', space });
  }
  await temporary.built('web-dev');
  await api.configVars.patch({ app: 'web-dev', vars: { COLOUR: 'red' } });
});
afterAll(async () => {
  await server.close();
  temporary.remove();
});

type Json = Record<string, unknown>;
interface Answered {
  readonly status: number;
  readonly body: unknown;
}

/** As the gateway passes on what its clients send. */
async function ask(method: string, path: string, body?: unknown): Promise<Answered> {
  const answer = await fetch(new URL(path, server.addresses[0]), {
    method,
    headers: { authorization: token, 'x-username': 'jane', 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: await answer.json() };
}

const list = async (path: string): Promise<Json[]> => (await ask('GET', path)).body as Json[];

test('the last release and the last build of a list are the newest', async () => {
  await temporary.built('web-dev');
  const releases = await list('/apps/web-dev/releases');
  expect(releases.map(({ version }) => version)).toEqual([1, 2, 3]);
  expect(releases.at(-1)).toMatchObject({ current: true, state: 'success' });
  expect((await list('/apps/web-dev/builds')).map(({ number }) => number)).toEqual([1, 2]);
});

test('every release has a slug that can be looked up: that of its build, or its own', async () => {
  const builds = await list('/apps/web-dev/builds');
  const releases = await list('/apps/web-dev/releases');
  const ids = releases.map(({ slug }) => (slug as { id: string }).id);
  expect(new Set(ids)).toEqual(new Set(builds.map(({ id }) => id)));
  for (const id of ids) {
    expect(await ask('GET', `/slugs/${id}`)).toMatchObject({
      status: 200,
      body: { id, source_blob: expect.any(Object) },
    });
  }
  expect(await ask('GET', `/apps/web-dev/releases/${String(releases[0]?.id)}`)).toMatchObject({
    body: { slug: { id: ids[0] } },
  });
});

test('our own client has the digests of slugs, and none for a release of config vars only', async () => {
  await api.apps.create({ name: 'plain', space: 'dev' });
  await api.configVars.patch({ app: 'plain-dev', vars: { COLOUR: 'red' } });
  const [sent] = await list('/apps/plain-dev/releases');
  expect(sent).toMatchObject({ slug: { id: sent?.id, digest: null }, state: 'success' });
  expect(await ask('GET', `/slugs/${String(sent?.id)}`)).toMatchObject({ status: 200 });
  const mine = httpApi({ url: server.addresses[0] ?? '', credentials: Credentials.bearer(token) });
  for (const app of ['plain-dev', 'web-dev']) {
    expect(await mine.releases.list({ app })).toEqual(await api.releases.list({ app }));
    expect(await mine.builds.list({ app })).toEqual(await api.builds.list({ app }));
  }
  await mine.close();
});

test('our own client has them newest first all the same', async () => {
  const mine = httpApi({ url: server.addresses[0] ?? '', credentials: Credentials.bearer(token) });
  expect((await mine.releases.list({ app: 'web-dev' })).map(({ version }) => version)).toEqual([3, 2, 1]);
  expect((await mine.builds.list({ app: 'web-dev' })).map(({ number }) => number)).toEqual([2, 1]);
  await mine.close();
});

test('a slug tells of the commit that it is from, and a build of its lines', async () => {
  const [release] = await list('/apps/web-dev/releases');
  const { id = '' } = (release?.slug ?? {}) as { id?: string };
  expect((await ask('GET', `/slugs/${id}`)).body).toMatchObject({
    id,
    source_blob: { checksum: expect.any(String), commit: null },
  });
  const [build] = await list('/apps/web-dev/builds');
  const result = await ask('GET', String(build?.output_stream_url));
  expect(result).toMatchObject({
    status: 200,
    body: { build: { id: build?.id, status: 'succeeded' }, lines: ['Finished: SUCCESS'] },
  });
});

test('a build is released by its id', async () => {
  const [build] = await list('/apps/web-dev/builds');
  const released = await ask('POST', '/apps/web-dev/releases', { slug: build?.id, description: 'Deploy' });
  expect(released).toMatchObject({ status: 201, body: { slug: { id: build?.id }, description: 'Deploy' } });
  for (const body of [{}, { slug: '1', release: '1' }]) {
    expect((await ask('POST', '/apps/web-dev/releases', body)).body).toMatchObject({ id: 'release_or_slug' });
  }
  const theirs = await ask('POST', '/apps/web-live/releases', { slug: build?.id });
  expect(theirs).toMatchObject({ status: 404 });
});

const URL_SOURCE = 'https://example.com/source.tgz';

test('a source at an https URL needs no checksum outside of socs spaces, as with builds:create -s', async () => {
  const body = { org: 'main', url: URL_SOURCE, sha: 'abc123', docker_login: 'ann', docker_password: 'pw-7' };
  expect(await ask('POST', '/apps/web-live/builds', body)).toMatchObject({
    status: 201,
    body: { status: 'queued', source_blob: { url: URL_SOURCE, checksum: null, commit: 'abc123' } },
  });
  // As releases:create sends it.
  const blank = { checksum: '', url: URL_SOURCE, repo: '', sha: '', branch: '' };
  expect(await ask('POST', '/apps/web-live/builds', blank)).toMatchObject({ status: 201 });
  expect(JSON.stringify(await api.audits.list({ space: 'live', size: 100 }))).not.toContain('pw-7');
  await api.spaces.create({ name: 'vault', compliance: ['socs'] });
  await api.apps.create({ name: 'web', space: 'vault' });
  const named = { url: URL_SOURCE, repo: 'https://github.com/ann/shop', sha: 'a'.repeat(40) };
  const refused = await ask('POST', '/apps/web-vault/builds', named);
  expect(refused).toMatchObject({ status: 409, body: { id: 'checksum_needed' } });
});

test('a docker image is refused as one, without what its URL holds', async () => {
  const url = 'docker://ann:secret@registry.example.com/web:v1';
  const refused = await ask('POST', '/apps/web-live/builds', { checksum: '', url });
  expect(refused).toMatchObject({ status: 422, body: { id: 'image_not_supported' } });
  expect(JSON.stringify(refused)).not.toContain('secret');
  const nothing = await ask('POST', '/apps/web-live/builds', { checksum: '' });
  expect(nothing).toMatchObject({ status: 422, body: { id: 'source_missing' } });
});

test('what Akkeris takes and disregards is taken, and what nobody knows is not', async () => {
  const app = { name: 'api', space: 'live', size: 'gp1', quantity: 'many', type: 5, port: null };
  expect(await ask('POST', '/apps', app)).toMatchObject({ status: 201, body: { formation: [] } });
  expect(await ask('POST', '/apps', { ...app, name: 'api2', foo: 1 })).toMatchObject({ status: 422 });
});

test('process types are changed one by one or several at once, as ps:scale and the pages do', async () => {
  const path = '/apps/web-dev/formation';
  const created = await ask('POST', path, {
    type: 'worker',
    command: 'work',
    healthcheck: null,
    quantity: 1,
  });
  expect(created).toMatchObject({ status: 201, body: { type: 'worker', app: { name: 'web-dev' } } });
  expect(await ask('PATCH', `${path}/web`, { healthcheck: '/up' })).toMatchObject({ status: 200 });
  const both = await ask('PATCH', path, [
    { type: 'web', quantity: '2', removeHealthcheck: true },
    { type: 'worker', quantity: 0 },
  ]);
  expect(both).toMatchObject({
    status: 200,
    body: [
      { type: 'web', quantity: 2, healthcheck: null },
      { type: 'worker', quantity: 0 },
    ],
  });
  expect(await ask('PATCH', path, [{ type: 'web', quantity: 33 }])).toMatchObject({ status: 422 });
});

test('the one pipeline of an app is no list, and an app without is in none', async () => {
  expect(await ask('GET', '/apps/web-dev/pipeline-couplings')).toMatchObject({ status: 404 });
  await ask('POST', '/pipelines', { name: 'ladder' });
  for (const [app, stage] of [
    ['web-dev', 'development'],
    ['web-live', 'staging'],
  ]) {
    const coupling = { app, pipeline: 'ladder', stage, required_status_checks: { contexts: [] } };
    expect(await ask('POST', '/pipeline-couplings', coupling)).toMatchObject({ status: 201 });
  }
  const one = await ask('GET', '/apps/web-dev/pipeline-couplings');
  expect(one).toMatchObject({ status: 200, body: { stage: 'development', pipeline: { name: 'ladder' } } });
  await ask('POST', '/pipelines', { name: 'stair' });
  await ask('POST', '/pipeline-couplings', { app: 'web-live', pipeline: 'stair', stage: 'staging' });
  expect(await list('/apps/web-live/pipeline-couplings')).toHaveLength(2);
});

test('a promotion may say all that is known of what it is about, as pipelines:promote does', async () => {
  const { body: coupling } = (await ask('GET', '/apps/web-dev/pipeline-couplings')) as { body: Json };
  const targets = (await list('/pipelines/ladder/pipeline-couplings')).filter(
    ({ stage }) => stage === 'staging',
  );
  const [old, runs] = [
    (await list('/apps/web-dev/releases')).at(0)?.id,
    (await api.releases.list({ app: 'web-dev' })).find(({ current }) => current)?.id ?? null,
  ];
  const promote = (release: unknown) =>
    ask('POST', '/pipeline-promotions', {
      pipeline: coupling.pipeline,
      source: { app: { ...(coupling.app as Json), release: { id: release } } },
      targets: targets.map(({ app }) => ({ app })),
      safe: true,
    });
  expect(await promote(old)).toMatchObject({ status: 409, body: { id: 'not_what_runs' } });
  expect(await promote(runs)).toMatchObject({
    status: 201,
    body: {
      source: { app: { name: 'web' }, release: { id: runs }, space: { name: 'dev' } },
      status: 'successful',
    },
  });
});

test('a promotion with safe: false needs a reason only where a check stands in its way', async () => {
  const ladder = { pipeline: { id: 'ladder' }, source: { app: { id: 'web-dev' } } };
  // One is text, as an older aka sends it.
  for (const safe of [false, 'true']) {
    expect(await ask('POST', '/pipeline-promotions', { ...ladder, safe })).toMatchObject({
      status: 201,
      body: { status: 'successful' },
    });
  }
});

test('the name of a pipeline that is there is refused with 422', async () => {
  expect(await ask('POST', '/pipelines', { name: 'ladder' })).toMatchObject({
    status: 422,
    body: { id: 'exists' },
  });
  expect(await ask('PATCH', '/pipelines/stair', { name: 'ladder' })).toMatchObject({ status: 422 });
  const mine = httpApi({ url: server.addresses[0] ?? '', credentials: Credentials.bearer(token) });
  await expect(mine.pipelines.create({ name: 'ladder' })).rejects.toMatchObject({
    id: 'exists',
    status: 409,
  });
  await mine.close();
});

test('web is configured before anything is built, and other process types are not', async () => {
  await api.apps.create({ name: 'early', space: 'dev' });
  expect(await ask('PATCH', '/apps/early-dev/formation/worker', { quantity: 2 })).toMatchObject({
    status: 404,
  });
  expect(await ask('PATCH', '/apps/early-dev/formation/web', { port: 8282 })).toMatchObject({
    status: 200,
    body: { type: 'web', port: 8282, quantity: 1 },
  });
  await temporary.built('early-dev');
  expect(await list('/apps/early-dev/formation')).toMatchObject([{ type: 'web', port: 8282, quantity: 1 }]);
  expect(await ask('PATCH', '/apps/early-dev/formation/other', { quantity: 2 })).toMatchObject({
    status: 404,
  });
});

test('the dynos that ps lists are those that ps:stop and ps:restart take', async () => {
  const [dyno] = await list('/apps/web-dev/dynos');
  expect(dyno).toMatchObject({ type: 'web', name: '1', key: 'web.1' });
  const mine = httpApi({ url: server.addresses[0] ?? '', credentials: Credentials.bearer(token) });
  expect((await mine.dynos.list({ app: 'web-dev' })).map(({ name }) => name)).toContain('web.1');
  await mine.close();
});

test('administrators create organizations, which apps can belong to', async () => {
  const path = '/organizations';
  expect(await ask('POST', path, { name: 'Retail', description: 'ann' })).toMatchObject({ status: 403 });
  const created = await fetch(new URL(path, server.addresses[0]), {
    method: 'POST',
    headers: {
      authorization: token,
      'x-username': 'jane',
      'x-elevated-access': 'true',
      'content-type': 'application/json',
    },
    body: JSON.stringify({ name: 'Retail', description: 'ann' }),
  });
  expect([created.status, await created.json()]).toEqual([201, expect.objectContaining({ name: 'retail' })]);
  expect(await ask('POST', '/apps', { name: 'shop', space: 'dev', org: 'retail' })).toMatchObject({
    status: 201,
    body: { organization: { name: 'retail' } },
  });
  await expect(api.organizations.create({ name: 'retail' })).rejects.toMatchObject({ id: 'exists' });
  await expect(api.organizations.create({ name: 're tail' })).rejects.toMatchObject({
    id: 'invalid_organization_name',
  });
});

test('an unknown plan is told before a missing name', async () => {
  const unknown = await ask('POST', '/apps/web-dev/addons', { plan: 'akkeris-redis:small' });
  expect(unknown).toMatchObject({ status: 404, body: { id: 'not_found' } });
  const nameless = await ask('POST', '/apps/web-dev/addons', { plan: 'credentials:general' });
  expect(nameless).toMatchObject({ status: 422, body: { id: 'name_missing' } });
});

test('what is said of a release is had one by one, and for a whole pipeline', async () => {
  const path = '/apps/web-dev/releases/1/statuses';
  const said = { context: 'ci/tests', state: 'success', name: 'Tests', description: 'All is well.' };
  const { status, body } = await ask('POST', path, said);
  const { id } = body as { id: string };
  expect(status).toBe(201);
  expect((await ask('GET', `${path}/${id}`)).body).toMatchObject({
    ...said,
    release: { id: expect.any(String) },
  });
  expect((await ask('GET', path)).body).toMatchObject({
    state: 'success',
    statuses: [said],
    release: { version: 1, app: { name: 'web-dev' } },
  });
  expect(await list('/pipelines/ladder/statuses')).toEqual([{ context: 'ci/tests', name: 'Tests' }]);
  expect((await list('/apps/web-dev/releases')).at(0)).toMatchObject({ version: 1, state: 'success' });
});

test('an addon is attached to an app that the body names by its id', async () => {
  await api.addons.create({ plan: 'credentials:general', name: 'pay', config: { TOKEN: 'x' } });
  const { id: app } = await api.apps.get({ app: 'web-live' });
  const attached = await ask('POST', '/apps/web-live/addon-attachments', {
    app,
    addon: 'pay',
    force: false,
    name: null,
  });
  expect(attached).toMatchObject({
    status: 201,
    body: { app: { name: 'web-live' }, addon: { name: 'pay' } },
  });
  const other = await ask('POST', '/apps/web-live/addon-attachments', { app: 'web-dev', addon: 'pay' });
  expect(other).toMatchObject({ status: 422, body: { id: 'unexpected_member' } });
});

test('sizes say what they have and cost, features what is on, and there are no plugins', async () => {
  const [size] = await list('/sizes');
  expect(size).toMatchObject({
    name: 'gp1',
    resources: { limits: { memory: '512Mi' } },
    price: 0,
    stacks: ['local'],
  });
  const on = (await list('/apps/web-dev/features')).filter(({ enabled }) => enabled);
  expect(on.map(({ name }) => name)).toEqual(['auto-release', 'http2']);
  expect(await list('/plugins')).toEqual([]);
});

test('favourites are of the person that a trusted token names, and of nobody if it names none', async () => {
  expect(await ask('POST', '/favorites', { app: 'web-dev' })).toMatchObject({ status: 201 });
  expect((await list('/favorites')).map(({ name }) => name)).toEqual(['web-dev']);
  const nobody = await fetch(new URL('/favorites', server.addresses[0]), {
    headers: { authorization: token },
  });
  expect([nobody.status, await nobody.json()]).toEqual([403, expect.objectContaining({ id: 'nobody' })]);
});
