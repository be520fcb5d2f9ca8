import { createHmac } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Build } from '../../../src/contract/wire.js';
import { BODY_BYTES_MAX } from '../../../src/platform/server/body.js';
import { startServer, type TestServer } from './serving.js';
import { type Answer, exchange, request } from './wire.js';

const app = 'web-vault';
const context = 'source/github.com/acme/shop';
const sha = 'a'.repeat(40);
const repository = { full_name: 'Acme/Shop', clone_url: 'https://github.com/Acme/Shop.git' };

let server: TestServer;
let path: string;
let secret: string;
beforeEach(async () => {
  server = await startServer();
  const { api } = server;
  await api.spaces.create({ name: 'vault', compliance: ['socs'] });
  await api.apps.create({ name: 'web', space: 'vault' });
  const hook = await api.checks.add({ context, kind: 'webhook', follows: 'ci' });
  [path, secret] = [hook.path ?? '', hook.secret ?? ''];
});
afterEach(async () => {
  await server.close();
  expect(server.log).toEqual([]);
});

let seconds = 0;
const later = (): string => new Date(Date.UTC(2026, 0, 1, 0, 0, ++seconds)).toISOString();
const event = (more: object = {}) => ({
  repository,
  sha,
  context: 'ci',
  state: 'success',
  description: 'All is well',
  target_url: 'https://ci.example/1',
  updated_at: later(),
  ...more,
});

const signature = (body: string, key = secret): string =>
  `sha256=${createHmac('sha256', key).update(body).digest('hex')}`;

/** Sends an event as GitHub does: from elsewhere, through whatever is between, without a token. */
function deliver(payload: object | string, headers: Record<string, string> = {}, to = path): Promise<Answer> {
  const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const usual = {
    Host: 'hooks.example.com',
    'Content-Type': 'application/json',
    'X-GitHub-Event': 'status',
    'X-GitHub-Delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958',
    'X-Hub-Signature-256': signature(body),
  };
  return exchange(server.tcp, request(`POST ${to}`, { ...usual, ...headers }, body));
}

const resultOf = ({ status, body }: Answer): unknown => {
  const { id, result, builds } = JSON.parse(body) as { id?: string; result?: string; builds?: number };
  return id === undefined ? [status, result, builds] : [status, id];
};

/** A build that waits, by somebody who did not add the webhook. */
async function build(commit = sha): Promise<Build> {
  const { api } = server;
  const { checksum } = await api.sources.upload(Readable.from([Buffer.from('a source')]));
  return server.as('bob').builds.create({ app, checksum, repo: repository.clone_url, sha: commit });
}

async function check(number = '1'): Promise<[status: string, state: string | undefined]> {
  const { status, checks } = await server.api.builds.get({ app, build: number });
  return [status, checks[0]?.state];
}

describe('an event that GitHub signed', () => {
  test('is believed of the builds of its commit, and of nothing else', async () => {
    await build();
    await build('b'.repeat(40));
    expect(resultOf(await deliver(event({ state: 'pending' })))).toEqual([202, 'taken', 1]);
    expect(resultOf(await deliver(event({ sha: 'c'.repeat(40) })))).toEqual([202, 'taken', 0]);
    expect(await check()).toEqual(['pending', 'pending']);
    expect(resultOf(await deliver(event()))).toEqual([202, 'taken', 1]);
    expect(await check()).toEqual(['pending', 'success']);
    expect(await check('2')).toEqual(['pending', 'pending']);
    expect((await server.api.builds.get({ app, build: '1' })).checks[0]).toMatchObject({
      by: 'shop-webhook',
      name: 'ci',
      description: 'All is well',
      target_url: 'https://ci.example/1',
    });
    const [record] = await server.api.audits.list({ space: 'vault', size: 1 });
    expect(record).toMatchObject({ action: 'build.status', username: 'shop-webhook', app: 'web' });
    expect(JSON.parse(record?.info ?? '')).toMatchObject({ role: 'reporter', origin: 'tcp 127.0.0.1' });
  });

  test('lets a build go on with what others reported, or ends it', async () => {
    await build();
    await server.api.builds.overrule({ app, build: '1', context: `app/${app}`, reason: 'A test' });
    const run = {
      head_sha: sha,
      name: 'ci',
      status: 'completed',
      conclusion: 'success',
      completed_at: later(),
    };
    expect(
      resultOf(await deliver({ repository, check_run: run }, { 'X-GitHub-Event': 'check_run' })),
    ).toEqual([202, 'taken', 1]);
    expect(await check()).toEqual(['queued', 'success']);
    await build('b'.repeat(40));
    await deliver(event({ sha: 'b'.repeat(40), state: 'failure' }));
    expect(await check('2')).toEqual(['failed', 'failure']);
    expect(resultOf(await deliver(event({ sha: 'b'.repeat(40) })))).toEqual([202, 'taken', 0]);
    expect(await check('2')).toEqual(['failed', 'failure']);
  });

  test('counts for builds that come later, as it was last', async () => {
    await deliver(event({ state: 'failure' }));
    await build();
    expect(await check()).toEqual(['failed', 'failure']);
    await deliver(event());
    expect(await check()).toEqual(['failed', 'failure']);
    await build();
    expect(await check('2')).toEqual(['pending', 'success']);
  });

  test('changes nothing when it comes again, late, or under another name of delivery', async () => {
    const success = event();
    const failure = event({ state: 'failure' });
    await deliver(success);
    await deliver(failure);
    const records = (await server.api.audits.verify()).records;
    for (const delivery of ['72d3162e-cc78-11e3-81ab-4c9367dc0958', 'another']) {
      const again = await deliver(success, { 'X-GitHub-Delivery': delivery });
      expect(resultOf(again)).toEqual([202, 'seen_before', 0]);
    }
    expect((await server.api.audits.verify()).records).toBe(records);
    await build();
    expect(await check()).toEqual(['failed', 'failure']);
  });

  test('is not believed of a build of whoever added the webhook', async () => {
    const { checksum } = await server.api.sources.upload(Readable.from([Buffer.from('a source')]));
    await deliver(event());
    await server.api.builds.create({ app, checksum, repo: repository.clone_url, sha });
    await deliver(event());
    expect(await check()).toEqual(['pending', 'pending']);
  });

  test.each([
    ['of another check', event({ context: 'lint' }), 'status', [202, 'other_check', 0]],
    [
      'of another repository',
      event({ repository: { clone_url: 'https://github.com/acme/other' } }),
      'status',
      [422, 'other_repository'],
    ],
    [
      'of another host',
      event({ repository: { clone_url: 'https://github.example/acme/shop' } }),
      'status',
      [422, 'other_repository'],
    ],
    [
      'of no repository that could be',
      event({ repository: { clone_url: 'file:///acme/shop' } }),
      'status',
      [422, 'other_repository'],
    ],
    ['about something else', { zen: 'Keep it simple' }, 'ping', [202, 'nothing_about_a_commit', 0]],
    ['that is none', '[1,2]', 'status', [202, 'nothing_about_a_commit', 0]],
    ['that is no JSON', '{', 'status', [400, 'malformed_json']],
    ['that says a thing twice', '{"sha":1,"sha":2}', 'status', [400, 'double_member']],
  ])('%s changes nothing', async (_, payload, kind, expected) => {
    await build();
    expect(resultOf(await deliver(payload, { 'X-GitHub-Event': kind }))).toEqual(expected);
    expect(await check()).toEqual(['pending', 'pending']);
  });

  test('is known by its headers, however they are written', async () => {
    await build();
    const body = JSON.stringify(event());
    const headers = {
      HOST: 'x',
      'content-TYPE': 'application/json',
      'x-github-EVENT': 'status',
      'X-HUB-signature-256': signature(body),
    };
    const answer = await exchange(server.tcp, request(`POST ${path}`, headers, body));
    expect(resultOf(answer)).toEqual([202, 'taken', 1]);
  });
});

describe('an event that is not signed by the webhook', () => {
  test('is refused, whatever is wrong about it, without a word about why', async () => {
    await build();
    const body = JSON.stringify(event());
    const attempts = [
      deliver(body, { 'X-Hub-Signature-256': signature(body, 'another secret') }),
      deliver(body, { 'X-Hub-Signature-256': signature(`${body} `) }),
      deliver(body, { 'X-Hub-Signature-256': signature(body).slice(0, -1) }),
      deliver(body, { 'X-Hub-Signature-256': signature(body).toUpperCase() }),
      deliver(body, { 'X-Hub-Signature-256': '' }),
      deliver(body, { 'X-Hub-Signature-256': `sha256=${'0'.repeat(64)}` }),
      deliver(body, {
        'X-Hub-Signature-256': `sha1=${createHmac('sha1', secret).update(body).digest('hex')}`,
      }),
      deliver(body, { 'X-Hub-Signature-256': 'nonsense', Authorization: `Bearer ${secret}` }),
      deliver(body, {}, '/checks/00000000-0000-4000-8000-000000000000/github'),
      deliver(body, {}, '/checks/shop-webhook/github'),
      deliver('{', { 'X-Hub-Signature-256': '' }),
    ];
    const answers = await Promise.all(attempts);
    for (const answer of answers) expect(resultOf(answer)).toEqual([401, 'unsigned']);
    expect(new Set(answers.map((answer) => answer.body)).size).toBe(1);
    expect(await check()).toEqual(['pending', 'pending']);
    const token = await server.api.checks.add({ context: `app/${app}`, kind: 'token' });
    const byToken = { 'X-Hub-Signature-256': signature(body, token.secret) };
    expect(resultOf(await deliver(body, byToken, `/checks/${token.id}/github`))).toEqual([401, 'unsigned']);
  });

  test('is not read beyond what an event may have', async () => {
    const huge = 'x'.repeat(BODY_BYTES_MAX + 1);
    expect(resultOf(await deliver(huge, { 'X-Hub-Signature-256': 'sha256=0' }))).toEqual([
      413,
      'body_too_large',
    ]);
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
    expect(resultOf(await deliver(event(), form))).toEqual([415, 'unsupported_media_type']);
  });

  test('is refused once the webhook is removed', async () => {
    await build();
    await server.api.checks.remove({ reporter: 'shop-webhook' });
    expect(resultOf(await deliver(event()))).toEqual([401, 'unsigned']);
  });
});
