import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Build } from '../../../src/contract/wire.js';
import { DAEMON } from '../../../src/platform/caller.js';
import { tryChecks } from '../../../src/platform/check/records.js';
import { beginBuild, succeedBuild } from '../../../src/platform/services/builds.js';
import { takeCommitEvent } from '../../../src/platform/services/commit-events.js';
import { settleRelease } from '../../../src/platform/services/releases.js';
import type { Session } from '../../../src/platform/services/session.js';
import { spaceFor } from '../../../src/platform/services/spaces.js';
import { refused } from '../../contract/suite/answers.js';
import { type Temporary, temporaryPlatform } from '../reconciler/temporary-platform.js';

const app = 'web-vault';
const commit = { repo: 'https://github.com/acme/shop', sha: 'a'.repeat(40) };
const contexts = ['source/github.com/acme/shop', 'app/web-vault'];

let platform: Temporary;
let session: Session;
beforeEach(async () => {
  platform = temporaryPlatform();
  session = { store: platform.store, caller: DAEMON, now: () => new Date() };
  await platform.api.spaces.create({ name: 'vault', compliance: ['socs'] });
  await platform.api.apps.create({ name: 'web', space: 'vault' });
});
afterEach(() => platform.remove());

async function newBuild(): Promise<Build> {
  const { checksum } = await platform.api.sources.upload(Readable.from([randomBytes(32)]));
  return platform.named('dev').builds.create({ app, checksum, ...commit });
}

const buildNow = (id: string): Promise<Build> => platform.api.builds.get({ app, build: id });
const missingOf = async (id: string): Promise<string[]> =>
  (await buildNow(id)).checks.filter(({ passed }) => !passed).map(({ context }) => context);

async function pass(id: string): Promise<void> {
  for (const context of await missingOf(id)) {
    await platform.api.builds.overrule({ app, build: id, context, reason: 'ann read the change' });
  }
}

/** Builds and releases what is queued. */
function make(id: string): void {
  const digest = randomBytes(32).toString('hex');
  const slug = { digest, bytes: 1, processTypes: { web: 'serve' }, path: [], folders: {}, createdAt: 't' };
  beginBuild(session, id);
  const release = succeedBuild(session, id, { slug, madeOf: digest });
  if (release !== undefined) settleRelease(session, release.id, undefined);
}

async function released(): Promise<void> {
  const { id } = await newBuild();
  await pass(id);
  make(id);
}

const commandNow = async () => (await platform.api.formations.get({ app, type: 'web' })).command;

describe('a new command in a socs space', () => {
  test('waits for the checks, and runs with a release once they pass', async () => {
    await released();
    const dev = platform.named('dev');
    const waiting = await dev.formations.update({ app, type: 'web', command: 'sh -c evil', quantity: 2 });
    expect(waiting).toMatchObject({
      command: null,
      quantity: 2,
      command_waits: { command: 'sh -c evil', build: { number: 2 } },
    });
    const { id = '' } = waiting.command_waits?.build ?? {};
    expect(await buildNow(id)).toMatchObject({ status: 'pending', commands: { web: 'sh -c evil' } });
    expect(await missingOf(id)).toEqual(contexts);
    await pass(id);
    expect(await platform.api.formations.get({ app, type: 'web' })).toMatchObject({
      command: 'sh -c evil',
      command_waits: null,
    });
    expect(await platform.api.releases.list({ app })).toMatchObject([
      { version: 2, description: 'Command of web (build 2)', status: 'pending' },
      { version: 1 },
    ]);
    // What the slug says passed with it.
    await dev.formations.update({ app, type: 'web', command: null });
    expect(await commandNow()).toBeNull();
  });

  test('is approved neither by who asked for it, nor by who made the code', async () => {
    await released();
    await platform.named('mia').formations.batch({ app, changes: [{ type: 'web', command: 'other' }] });
    for (const user of ['mia', 'dev', 'eve']) {
      await platform.api.checks.add({ context: 'app/web-vault', kind: 'user', user, name: user });
    }
    const report = { app, build: '2', context: 'app/web-vault', state: 'success' } as const;
    for (const name of ['mia', 'dev']) {
      expect(await refused(platform.named(name).builds.report(report))).toMatchObject({ id: 'own_build' });
    }
    expect(await platform.named('eve').builds.report(report)).toMatchObject({ passed: true });
  });

  test('is refused before there is code to check it with, also for a new process type', async () => {
    const wanted = { app, type: 'worker', command: 'evil' };
    expect(await refused(platform.api.formations.create(wanted))).toMatchObject({ id: 'nothing_to_check' });
    await released();
    expect(await platform.api.formations.create(wanted)).toMatchObject({
      command: null,
      command_waits: { command: 'evil' },
    });
  });

  test('does not bring back the code it was approved with', async () => {
    await released();
    const { command_waits: waits } = await platform.api.formations.update({ app, type: 'web', command: 'x' });
    await released();
    await pass(waits?.build.id ?? '');
    expect(await buildNow(waits?.build.id ?? '')).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('set the command again'),
    });
    expect([await commandNow(), (await platform.api.releases.list({ app })).length]).toEqual([null, 2]);
  });

  test('is set at once in other spaces', async () => {
    await platform.api.spaces.create({ name: 'shop' });
    await platform.api.apps.create({ name: 'web', space: 'shop' });
    const made = await platform.api.formations.create({ app: 'web-shop', type: 'web', command: 'x' });
    expect(made).toMatchObject({ command: 'x', command_waits: null });
  });
});

describe('vars by which runtimes load code', () => {
  const vars = [
    'NODE_OPTIONS',
    'LD_PRELOAD',
    'BASH_ENV',
    'PYTHONSTARTUP',
    'RUBYOPT',
    'PERL5OPT',
    'npm_config_x',
  ];

  test.each(vars)('%s is set and unset by administrators only, in a socs space', async (name) => {
    const dev = platform.named('dev');
    const set = { app, vars: { COLOUR: 'red', [name]: 'x' } };
    expect(await refused(dev.configVars.patch(set))).toMatchObject({
      id: 'administrators_only',
      message: expect.stringContaining(name),
    });
    await platform.api.configVars.patch(set);
    await dev.configVars.patch(set);
    const unset = dev.configVars.patch({ app, vars: { [name]: null } });
    expect(await refused(unset)).toMatchObject({ id: 'administrators_only' });
    await platform.api.spaces.create({ name: 'shop' });
    await platform.api.apps.create({ name: 'web', space: 'shop' });
    await dev.configVars.patch({ ...set, app: 'web-shop' });
  });

  test('come by no credential either, whatever its names begin with', async () => {
    const dev = platform.named('dev');
    const config = { OPTIONS: 'x' };
    const create = dev.addons.createInApp({
      app,
      plan: 'credentials:general',
      config,
      attachment: { name: 'NODE' },
    });
    expect(await refused(create)).toMatchObject({ id: 'administrators_only' });
  });
});

async function join(): Promise<void> {
  await platform.api.pipelines.create({ name: 'line' });
  await platform.named('dev').pipelineCouplings.create({ app, pipeline: 'line', stage: 'production' });
}

describe('an app that joins a pipeline', () => {
  test('has the builds that wait, are queued or are being built wait for the check of the pipeline', async () => {
    const [waits, queued, begun] = [await newBuild(), await newBuild(), await newBuild()];
    for (const { id } of [queued, begun]) await pass(id);
    beginBuild(session, begun.id);
    await join();
    expect(await missingOf(waits.id)).toEqual([...contexts, 'pipeline/line']);
    for (const { id } of [queued, begun]) {
      expect([await missingOf(id), (await buildNow(id)).status]).toEqual([['pipeline/line'], 'pending']);
      make(id);
    }
    expect(await platform.api.releases.list({ app })).toEqual([]);
    await pass(queued.id);
    make(queued.id);
    expect(await platform.api.releases.list({ app })).toHaveLength(1);
    expect(tryChecks(session, spaceFor(platform.store, 'vault'))).toMatchObject([{ state: 'ok' }]);
  });

  test('is found out if what it runs was released without that check', async () => {
    await join();
    await released();
    platform.store.db.run("DELETE FROM build_checks WHERE context = 'pipeline/line'");
    expect(tryChecks(session, spaceFor(platform.store, 'vault'))).toMatchObject([
      { state: 'failed', evidence: 'released without pipeline/line of web' },
    ]);
  });
});

/** The check of the source of a build. */
const sourceCheck = async ({ id }: Build) => (await buildNow(id)).checks[0];

describe('a commit that was approved with its content', () => {
  const [context = ''] = contexts;
  const at = new Date().toISOString();
  const event = { ...commit, check: 'ci', state: 'success', description: '', url: '', at } as const;

  async function said(): Promise<void> {
    await platform
      .named('eve', 'admin')
      .checks.add({ context, kind: 'webhook', follows: 'ci', name: 'hook' });
    const hook = platform.store.reporters.find('hook');
    if (hook !== undefined) takeCommitEvent(session, hook, event);
  }

  test('does not pass other content that is uploaded as it, before or after the webhook reports', async () => {
    const [first, waits] = [await newBuild(), await newBuild()];
    await platform.api.checks.add({ context, kind: 'user', user: 'eve' });
    const { checksum = '' } = first.source_blob ?? {};
    const report = { app, build: first.id, context, state: 'success', checksum: checksum ?? '' } as const;
    const eve = platform.named('eve');
    expect(await refused(eve.builds.report({ ...report, build: waits.id }))).toMatchObject({
      id: 'other_content',
      status: 409,
    });
    expect(await eve.builds.report(report)).toMatchObject({ passed: true, covers: 'content', checksum });
    await said();
    for (const other of [waits, await newBuild()]) {
      expect(await sourceCheck(other)).toMatchObject({
        state: 'pending',
        description: expect.stringContaining('other content'),
      });
    }
    const again = await platform.named('dev').builds.create({ app, checksum: checksum ?? '', ...commit });
    expect(await sourceCheck(again)).toMatchObject({ state: 'success' });
  });

  test('says that it covers the commit only where no content was approved', async () => {
    await said();
    expect(await sourceCheck(await newBuild())).toMatchObject({ state: 'success', covers: 'commit' });
  });
});
