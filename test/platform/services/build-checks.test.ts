import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { AppsApi } from '../../../src/contract/apps-api.js';
import type { Build } from '../../../src/contract/wire.js';
import { parsePipelineName } from '../../../src/model/pipelines.js';
import { Builds } from '../../../src/platform/builds/builds.js';
import { Slugs } from '../../../src/platform/builds/slugs.js';
import { DAEMON } from '../../../src/platform/caller.js';
import { tryChecks } from '../../../src/platform/check/records.js';
import { BuildQueue } from '../../../src/platform/reconciler/build-queue.js';
import { appFor } from '../../../src/platform/services/apps.js';
import {
  addBuild,
  beginBuild,
  failBuild,
  requeueBuilds,
  succeedBuild,
} from '../../../src/platform/services/builds.js';
import { change } from '../../../src/platform/services/change.js';
import { takeCommitEvent } from '../../../src/platform/services/commit-events.js';
import type { Session } from '../../../src/platform/services/session.js';
import { openUploads, uploadsToBuild } from '../../../src/platform/services/sources.js';
import { spaceFor } from '../../../src/platform/services/spaces.js';
import type { ReporterRecord } from '../../../src/platform/store/reporters.js';
import type { SlugRecord } from '../../../src/platform/store/slugs.js';
import { refused } from '../../contract/suite/answers.js';
import { until } from '../engine/engines.js';
import { type Temporary, temporaryPlatform } from '../reconciler/temporary-platform.js';

const app = 'web-vault';
const commit = { repo: 'https://github.com/acme/shop', sha: 'a'.repeat(40) };
const [source, own] = ['source/github.com/acme/shop', 'app/web-vault'];

let platform: Temporary;
let session: Session;
beforeEach(async () => {
  platform = temporaryPlatform();
  session = { store: platform.store, caller: DAEMON, now: () => new Date() };
  await platform.api.spaces.create({ name: 'vault', compliance: ['socs'] });
  await platform.api.spaces.create({ name: 'shop' });
  for (const space of ['vault', 'shop']) await platform.api.apps.create({ name: 'web', space });
});
afterEach(() => platform.remove());

async function build(of = app): Promise<Build> {
  const { checksum } = await platform.api.sources.upload(Readable.from([randomBytes(32)]));
  return platform.api.builds.create({ app: of, checksum, ...commit });
}

async function overrule({ id }: Build): Promise<void> {
  for (const context of [source, own]) {
    await platform.api.builds.overrule({ app, build: id, context, reason: 'This is a test' });
  }
}

const statusOf = async ({ id, app: { name } }: Build): Promise<string> =>
  (await platform.api.builds.get({ app: name, build: id })).status;

function newSlug(): SlugRecord {
  const digest = randomBytes(32).toString('hex');
  return { digest, bytes: 1, processTypes: { web: 'serve' }, path: [], folders: {}, createdAt: 't' };
}

/** Builds and releases what is queued; answers its slug. */
function built({ id }: Build): string {
  const slug = newSlug();
  beginBuild(session, id);
  if (succeedBuild(session, id, { slug, madeOf: slug.digest }) === undefined) throw new Error('not wanted');
  return slug.digest;
}

describe('a build that waits for its checks', () => {
  test('is no work for the daemon, whenever that starts, until nothing is missing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'aka-'));
    const slugs = await Slugs.open(join(folder, 'slugs'));
    let begun = 0;
    const queue = new BuildQueue({
      session,
      slugs,
      uploads: await openUploads(platform.store),
      builds: await Builds.open({ folder: join(folder, 'builds'), slugs }),
      openEngine: async () => {
        begun += 1;
        throw new Error('There is no engine.');
      },
      logs: { write: () => undefined, end: () => undefined, flush: async () => undefined },
      note: () => undefined,
    });
    const [waits, other] = [await build(), await build('web-shop')];
    queue.start();
    await until('the other one was tried', async () => (await statusOf(other)) === 'failed');
    expect([await statusOf(waits), begun]).toEqual(['pending', 1]);
    await overrule(waits);
    queue.look();
    await until('it was tried', async () => (await statusOf(waits)) === 'failed');
    expect(begun).toBe(2);
    await queue.close();
    rmSync(folder, { recursive: true });
  });

  test('stays so when a daemon takes up what another one left, and its source is kept', async () => {
    const waits = await build();
    const [queued, begun] = [await build('web-shop'), await build('web-shop')];
    beginBuild(session, begun.id);
    requeueBuilds(session);
    expect(await Promise.all([waits, queued, begun].map(statusOf))).toEqual(['pending', 'queued', 'queued']);
    expect(platform.store.builds.toDo().map(({ id }) => id)).toEqual([queued.id, begun.id]);
    const needed = waits.source_blob?.checksum?.replace('sha256:', '') ?? '';
    expect([...uploadsToBuild(platform.store)]).toContain(needed);
  });

  test('is not begun, and nothing that is said to have come of it is released', async () => {
    const waits = await build();
    expect(beginBuild(session, waits.id)).toBe(false);
    const slug = newSlug();
    expect(succeedBuild(session, waits.id, { slug, madeOf: slug.digest })).toBeUndefined();
    failBuild(session, waits.id, 'It failed.');
    expect(await statusOf(waits)).toBe('pending');
    expect(await platform.api.releases.list({ app })).toEqual([]);
  });

  test('is held by the database, too', async () => {
    const { db, builds, releases, slugs } = platform.store;
    const waits = await build();
    for (const status of ['queued', 'succeeded'] as const) {
      expect(() => builds.update(waits.id, { status }, 't')).toThrow(/waits for its checks/);
    }
    db.run('DELETE FROM build_checks');
    expect(() => builds.update(waits.id, { status: 'queued' }, 't')).toThrow(/waits for its checks/);
    const record = builds.byId(waits.id);
    if (record === undefined) throw new Error('It is gone.');
    expect(() => builds.insert({ ...record, id: randomUUID(), number: 2, status: 'queued' })).toThrow(
      /waits for its checks/,
    );
    const slug = newSlug();
    slugs.insert(slug);
    const release = {
      id: randomUUID(),
      app: record.app,
      version: 1,
      status: 'pending',
      reason: null,
    } as const;
    const facts = {
      description: '',
      build: null,
      slug: slug.digest,
      user: 'eve',
      createdAt: 't',
      updatedAt: 't',
    };
    expect(() => releases.insert({ ...release, ...facts }, {})).toThrow(/passed its checks/);
  });

  test('needs a check of each pipeline that its app is in', async () => {
    const { pipelines } = platform.store;
    for (const name of ['shop', 'all'].map(parsePipelineName)) {
      pipelines.insert({ id: name, name, description: '', createdAt: 't', updatedAt: 't' });
      const coupling = {
        id: name,
        pipeline: name,
        app: appFor(platform.store, app).id,
        stage: 'production',
      } as const;
      pipelines.couple({ ...coupling, required: [], createdAt: 't', updatedAt: 't' });
    }
    const { checks } = await build();
    expect(checks.map(({ context }) => context)).toEqual([source, own, 'pipeline/all', 'pipeline/shop']);
    const added = await platform.api.checks.add({ context: 'pipeline/shop', kind: 'user', user: 'bob' });
    expect(added).toMatchObject({ name: 'shop-user', context: 'pipeline/shop' });
  });
});

/** Another administrator adds it. */
async function webhook(name: string): Promise<ReporterRecord> {
  await platform.named('eve', 'admin').checks.add({ context: source, kind: 'webhook', follows: 'ci', name });
  const found = platform.store.reporters.find(name);
  if (found === undefined) throw new Error('It was not added.');
  return found;
}

describe('what a webhook says', () => {
  const at = '2026-01-01T00:00:00.000Z';
  const event = { ...commit, check: 'ci', state: 'success', description: '', url: '', at } as const;

  test('reaches the builds that wait, also when whoever took it first ended too early', async () => {
    const hook = await webhook('hook');
    const waits = await build();
    platform.store.reporters.remember(hook.id, { ...event, targetUrl: '' }, at);
    expect(takeCommitEvent(session, hook, event)).toEqual({ result: 'seen_before', builds: 1 });
    expect(takeCommitEvent(session, hook, event)).toEqual({ result: 'seen_before', builds: 0 });
    expect((await platform.api.builds.get({ app, build: waits.id })).checks[0]).toMatchObject({
      passed: true,
    });
  });

  test('does not undo, when it is said again, what somebody else said since', async () => {
    const [hook, other] = [await webhook('hook'), await webhook('other')];
    const waits = await build();
    takeCommitEvent(session, hook, event);
    takeCommitEvent(session, other, { ...event, state: 'pending' });
    expect(takeCommitEvent(session, hook, event)).toEqual({ result: 'seen_before', builds: 0 });
    expect((await platform.api.builds.get({ app, build: waits.id })).checks[0]).toMatchObject({
      state: 'pending',
      by: 'other',
    });
  });
});

describe('what is brought here with its slug', () => {
  const at = new Date().toISOString();
  const facts = {
    source: { checksum: `sha256:${'0'.repeat(64)}`, ...commit, author: 'ann' },
    user: 'bob',
    at,
  };

  const promote = (to: string, slug: string) =>
    change(session, { action: 'pipeline.promote', input: {} }, () => {
      const { build: made, verdict } = addBuild(platform.store, appFor(platform.store, to), {
        ...facts,
        slug,
      });
      return { build: made.id, verdict };
    });

  test('is released at once where nothing is required, and else when its checks are well', async () => {
    const slug = built(await build('web-shop'));
    expect(promote('web-shop', slug)).toMatchObject({ verdict: 'released' });
    const { build: id, verdict } = promote(app, slug);
    expect(verdict).toBe('waits');
    expect(platform.store.builds.toDo()).toEqual([]);
    expect(platform.store.slugs.inUse()).toContain(slug);
    expect(await platform.api.releases.list({ app })).toEqual([]);
    const waiting = await platform.api.builds.get({ app, build: id });
    expect(waiting).toMatchObject({ status: 'pending', slug: { id: slug }, user: { email: 'bob' } });
    await overrule(waiting);
    expect(await platform.api.builds.get({ app, build: id })).toMatchObject({
      status: 'succeeded',
      release: { version: 1 },
    });
    expect(await platform.api.releases.list({ app })).toMatchObject([
      { slug: { id: slug }, status: 'pending' },
    ]);
    expect(await platform.api.formations.list({ app })).toMatchObject([{ type: 'web' }]);
  });

  test('is approved neither by who brought it, nor by who had it built', async () => {
    const { build: id } = promote(app, built(await build('web-shop')));
    for (const user of ['ann', 'bob', 'eve']) {
      await platform.api.checks.add({ context: own, kind: 'user', user, name: user });
    }
    const report = { app, build: id, context: own, state: 'success' } as const;
    expect(await refused(platform.api.builds.report(report))).toMatchObject({ id: 'own_build' });
    expect(await refused(platform.named('bob').builds.report(report))).toMatchObject({ id: 'own_build' });
    expect(await platform.named('eve').builds.report(report)).toMatchObject({ by: 'eve', passed: true });
  });
});

/** On behalf of a new token of an administrator, which somebody makes. */
async function tokenFor(api: AppsApi, name: string): Promise<AppsApi> {
  await api.tokens.create({ name, role: 'admin' });
  return platform.named(name, 'admin');
}

describe('somebody who made a token for another name', () => {
  const user = { context: own, kind: 'user', user: 'dev', name: 'dev' } as const;
  const report = { app, build: '1', context: own, state: 'success' } as const;
  const isOwn = { id: 'own_build', status: 403 };

  test('approves no build of theirs by it, nor by another one that was made by it', async () => {
    await build();
    await platform.api.checks.add(user);
    const puppet = await tokenFor(platform.api, 'puppet');
    const dev = await tokenFor(puppet, 'dev');
    expect(await refused(dev.builds.report(report))).toMatchObject(isOwn);
    await puppet.tokens.revoke({ token: 'puppet' });
    expect(await refused(dev.builds.report(report))).toMatchObject(isOwn);
    const { secret } = await dev.checks.add({ context: own, kind: 'token' });
    const said = platform.named('eve', 'admin').builds.report({ ...report, token: secret });
    expect(await refused(said)).toMatchObject(isOwn);
    expect(await statusOf({ id: '1', app: { name: app } } as Build)).toBe('pending');
  });

  test('leaves it free to report of what others asked for', async () => {
    const { checksum } = await platform.api.sources.upload(Readable.from([randomBytes(32)]));
    await platform.named('bob').builds.create({ app, checksum, ...commit });
    await platform.api.checks.add(user);
    const dev = await tokenFor(platform.api, 'dev');
    expect(await dev.builds.report(report)).toMatchObject({ by: 'dev', passed: true });
  });

  test('does not say by it that a release is well which they made', async () => {
    const waits = await build();
    await overrule(waits);
    built(waits);
    const dev = await tokenFor(platform.api, 'dev');
    const said = { app, release: 'v1', context: 'ci/tests', state: 'success' } as const;
    expect(await refused(dev.releaseStatuses.create(said))).toMatchObject({ id: 'own_work', status: 403 });
  });
});

describe('what a socs space releases', () => {
  test('came of builds that passed, also when it is rolled back; what runs may get other config', async () => {
    const first = await build();
    await overrule(first);
    built(first);
    const second = await build();
    await overrule(second);
    const slug = built(second);
    const space = spaceFor(platform.store, 'vault');
    expect(tryChecks(session, space)).toMatchObject([{ promise: 'checks', state: 'ok' }]);
    // As if both were from before there were checks.
    platform.store.db.run('DELETE FROM passed_slugs');
    expect(await refused(platform.api.releases.create({ app, release: 'v1' }))).toMatchObject({
      id: 'never_checked',
      status: 409,
    });
    await platform.api.configVars.patch({ app, vars: { COLOUR: 'red' } });
    expect(await platform.api.releases.list({ app })).toMatchObject([
      { version: 3, slug: { id: slug }, status: 'pending' },
      { version: 2 },
      { version: 1 },
    ]);
    expect(tryChecks(session, space)).toMatchObject([
      { promise: 'checks', state: 'failed', evidence: 'never checked: web v3', hint: `aka deploy -a ${app}` },
    ]);
    expect(tryChecks(session, spaceFor(platform.store, 'shop'))).toEqual([]);
  });

  test('is found out when the database would let a build begin without', async () => {
    platform.store.db.exec('DROP TRIGGER builds_begin_by_waiting');
    expect(tryChecks(session, spaceFor(platform.store, 'vault'))).toMatchObject([{ state: 'failed' }]);
    expect(await platform.api.builds.list({ app })).toEqual([]);
  });
});
