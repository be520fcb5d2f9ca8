import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { AppsApi } from '../../../src/contract/apps-api.js';
import { DAEMON } from '../../../src/platform/caller.js';
import { settleRelease } from '../../../src/platform/services/releases.js';
import { type TemporaryPlatform, temporaryPlatform } from '../../contract/platforms.js';
import { refused } from '../../contract/suite/answers.js';

type Required = readonly string[];

/** What a build must say of its source where checks are asked of it. */
const SOURCE = { repo: 'https://github.com/acme/shop.git', sha: 'a'.repeat(40) };

let temporary: TemporaryPlatform;
let admin: AppsApi;
let user: AppsApi;
let bob: AppsApi;
beforeEach(() => {
  temporary = temporaryPlatform();
  const as = (name: string, role: 'admin' | 'user') => temporary.platform.as({ name, role, origin: 'cli' });
  [admin, user, bob] = [as('adam', 'admin'), as('ursula', 'user'), as('bob', 'user')];
});
afterEach(() => temporary.remove());

const promotion = (from: string) => ({ pipeline: { id: 'ladder' }, source: { app: { id: `web-${from}` } } });
const promote = (from: string) => user.pipelinePromotions.create(promotion(from));

/** Makes a space with an app `web`; vault is a socs space. */
async function webIn(space: string): Promise<void> {
  await admin.spaces.create({ name: space, compliance: space === 'vault' ? ['socs'] : [] });
  await admin.apps.create({ name: 'web', space });
}

/** Makes pipeline ladder with an app in each of these spaces, at these stages. */
async function ladder(
  stages: Readonly<Record<string, string>>,
  required: Readonly<Record<string, Required>> = {},
): Promise<void> {
  await user.pipelines.create({ name: 'ladder' });
  for (const [space, stage] of Object.entries(stages)) {
    await webIn(space);
    await user.pipelineCouplings.create({
      app: `web-${space}`,
      pipeline: 'ladder',
      stage,
      ...(required[space] && { required_status_checks: { contexts: [...required[space]] } }),
    });
  }
}

/** Says that the dynos of a release are up. */
async function settled(app: string): Promise<void> {
  const [newest] = await user.releases.list({ app });
  settleRelease(temporary.platform.session(DAEMON), newest?.id ?? '', undefined);
}

describe('promotions into a socs space', () => {
  const app = 'web-vault';
  const needs = ['source/github.com/acme/shop', `app/${app}`, 'pipeline/ladder'];
  const build = '1';

  /** Builds web-dev of a commit, as ursula, and has adam report of everything that web-vault needs. */
  async function setting(required: Required = []): Promise<string> {
    await ladder({ dev: 'development', vault: 'staging' }, { vault: required });
    for (const context of needs) {
      await admin.checks.add({
        context,
        kind: 'user',
        user: 'rita',
        name: context.replaceAll(/[^a-z]+/g, '-'),
      });
    }
    return temporary.built('web-dev', { web: 'serve' }, SOURCE);
  }
  const overrule = (context: string) =>
    admin.builds.overrule({ app, build, context, reason: 'Looked at by hand' });

  test('make a build that waits for the checks of the space, and then a release of that slug', async () => {
    const slug = await setting();
    expect(await user.pipelines.plan({ pipeline: 'ladder', from: 'web-dev' })).toMatchObject({
      targets: [{ effect: 'wait', release: null, build: null }],
    });
    const done = await promote('dev');
    expect(done).toMatchObject({
      status: 'pending',
      targets: [{ app: { name: app }, effect: 'wait', release: null, build: { number: 1 } }],
    });
    expect(await user.builds.get({ app, build })).toMatchObject({
      status: 'pending',
      slug: { id: slug },
      source_blob: { commit: SOURCE.sha, repo: SOURCE.repo },
      checks: needs.map((context) => ({ context, passed: false })),
    });
    expect(await user.releases.list({ app })).toEqual([]);
    // Again: it waits already.
    expect(await promote('dev')).toMatchObject({
      status: 'succeeded',
      targets: [{ effect: 'none', build: { number: 1 } }],
    });
    for (const context of needs) {
      expect(await user.releases.list({ app })).toEqual([]);
      await overrule(context);
    }
    expect(await user.releases.list({ app })).toMatchObject([
      {
        version: 1,
        status: 'pending',
        slug: { id: slug },
        promoted_from: { pipeline: 'ladder', app: 'web-dev', version: 1 },
      },
    ]);
    expect(await promote('dev')).toMatchObject({ targets: [{ effect: 'none', release: { version: 1 } }] });
  });

  test('need what the pipeline requires first, and the checks of the space nevertheless when that is overruled', async () => {
    await setting(['ci/tests']);
    expect(await refused(promote('dev'))).toMatchObject({ id: 'checks_missing' });
    expect(await user.builds.list({ app })).toEqual([]);
    const unsafe = { ...promotion('dev'), safe: false, reason: 'The shop is down' };
    expect(await admin.pipelinePromotions.create(unsafe)).toMatchObject({ targets: [{ effect: 'wait' }] });
    expect(await user.releases.list({ app })).toEqual([]);
  });

  test('are nothing that whoever built it could approve', async () => {
    await setting();
    await admin.checks.add({ context: `app/${app}`, kind: 'user', user: 'bob', name: 'bob' });
    await admin.pipelinePromotions.create(promotion('dev'));
    const report = { app, build, context: `app/${app}`, state: 'success' as const };
    // It was bob who built web-dev, and ursula has nothing to say.
    expect(await refused(user.builds.report(report))).toMatchObject({ status: 403 });
    const [built] = await user.builds.list({ app: 'web-dev' });
    expect(built?.user).toMatchObject({ email: 'bob' });
    expect(await refused(bob.builds.report(report))).toMatchObject({ id: 'own_build', status: 403 });
  });

  test('come of a build that says what it was made of', async () => {
    await ladder({ dev: 'development', vault: 'staging' });
    await temporary.built('web-dev');
    for (const call of [
      () => promote('dev'),
      () => user.pipelines.plan({ pipeline: 'ladder', from: 'web-dev' }),
    ]) {
      expect(await refused(call())).toMatchObject({ id: 'source_not_named', status: 409 });
    }
    expect(await user.builds.list({ app })).toEqual([]);
  });

  test('go to all of the targets or to none, also where a check refuses at once', async () => {
    await setting();
    await webIn('test');
    await user.pipelineCouplings.create({ app: 'web-test', pipeline: 'ladder', stage: 'staging' });
    expect(await promote('dev')).toMatchObject({
      targets: [{ effect: 'wait' }, { app: { name: 'web-test' }, effect: 'release' }],
    });
    for (let n = 0; n < 10; n++) {
      await temporary.built('web-dev', { web: 'serve' }, SOURCE);
      if (n < 9) await promote('dev');
    }
    expect(await refused(promote('dev'))).toMatchObject({ id: 'too_many_builds' });
    const [newest] = await user.releases.list({ app: 'web-dev' });
    const [last] = await user.releases.list({ app: 'web-test' });
    expect(last?.slug?.id).not.toBe(newest?.slug?.id);
  });

  test('look at the checks of the build that the source runs', async () => {
    const required = { live: ['pipeline/ladder'] };
    await ladder({ dev: 'development', vault: 'staging', live: 'production' }, required);
    await temporary.built('web-dev', { web: 'serve' }, SOURCE);
    await promote('dev');
    for (const context of needs) await overrule(context);
    await settled(app);
    // Overruled is not well.
    expect(await refused(promote('vault'))).toMatchObject({
      id: 'checks_missing',
      message: expect.stringContaining('pipeline/ladder (pending)'),
    });
    // Nor does it become well by what is said of the release.
    const rita = temporary.platform.as({ name: 'rita', role: 'user', origin: 'cli' });
    const said = { app, release: '1', context: 'pipeline/ladder', state: 'success' as const };
    await admin.checks.add({ context: 'pipeline/ladder', kind: 'user', user: 'rita', name: 'rita' });
    expect(await rita.releaseStatuses.create(said)).toMatchObject({ state: 'success' });
    expect(await refused(promote('vault'))).toMatchObject({ id: 'checks_missing' });
    // Who built what was promoted made this release, too.
    const tested = { ...said, context: 'ci/tests' };
    for (const maker of [bob, user]) {
      expect(await refused(maker.releaseStatuses.create(tested))).toMatchObject({ id: 'own_work' });
    }
    expect(await rita.releaseStatuses.create(tested)).toMatchObject({ state: 'success' });
  });
});

describe('statuses of releases in a socs space', () => {
  test('are not what whoever made it says of it, but what others do', async () => {
    await webIn('vault');
    const app = 'web-vault';
    await user.configVars.patch({ app, vars: { COLOUR: 'red' } });
    const status = { app, release: '1', context: 'ci/tests', state: 'success' as const };
    expect(await refused(user.releaseStatuses.create(status))).toMatchObject({
      id: 'own_work',
      status: 403,
    });
    expect(await user.releaseStatuses.create({ ...status, state: 'failure' })).toMatchObject({
      state: 'failure',
    });
    expect(await admin.releaseStatuses.create(status)).toMatchObject({ state: 'success' });
  });

  test('are only what those say who are registered for a check', async () => {
    await webIn('dev');
    await temporary.built('web-dev');
    await admin.checks.add({ context: 'app/web-dev', kind: 'user', user: 'ursula', name: 'ursula' });
    const status = { app: 'web-dev', release: '1', context: 'app/web-dev', state: 'success' as const };
    expect(await refused(admin.releaseStatuses.create(status))).toMatchObject({ id: 'not_your_check' });
    expect(await user.releaseStatuses.create(status)).toMatchObject({ state: 'success' });
  });
});

/** On behalf of somebody who may use these spaces only. */
const inSpaces = (...spaces: string[]) =>
  temporary.platform.as({ name: 'carl', role: 'user', origin: 'cli', spaces });

describe('somebody who may use some of the spaces only', () => {
  const notTheirs = { id: 'not_your_space', status: 403 };
  const notThere = { id: 'not_found', status: 404 };

  test('promotes between those, and neither out of nor into others', async () => {
    await ladder({ dev: 'development', test: 'staging', qa: 'staging' });
    await temporary.built('web-dev');
    const carl = inSpaces('dev', 'test');
    const to = (space: string) => ({ ...promotion('dev'), targets: [{ app: { id: `web-${space}` } }] });
    expect(await refused(carl.pipelinePromotions.create(promotion('dev')))).toMatchObject({
      ...notTheirs,
      message: 'Stage staging of pipeline ladder has apps in spaces that you may not use.',
    });
    expect(await refused(carl.pipelinePromotions.create(to('qa')))).toMatchObject(notTheirs);
    expect(await refused(carl.pipelines.plan({ pipeline: 'ladder', from: 'web-dev' }))).toMatchObject(
      notTheirs,
    );
    expect(await refused(inSpaces('test').pipelinePromotions.create(to('test')))).toMatchObject(notTheirs);
    expect(await carl.pipelinePromotions.create(to('test'))).toMatchObject({
      targets: [{ effect: 'release' }],
    });
    expect(await user.releases.list({ app: 'web-qa' })).toEqual([]);
  });

  test('hears nothing of the apps of others, nor of pipelines that have no others', async () => {
    await ladder({ dev: 'development', vault: 'staging' });
    const [dev, vault] = await user.pipelines.couplings({ pipeline: 'ladder' });
    const carl = inSpaces('dev');
    expect(await carl.pipelines.couplings({ pipeline: 'ladder' })).toEqual([dev]);
    expect(await carl.pipelineCouplings.list()).toEqual([dev]);
    expect(await refused(carl.pipelineCouplings.get({ coupling: vault?.id ?? '' }))).toMatchObject(notThere);
    const stranger = inSpaces('elsewhere');
    expect(await stranger.pipelines.list()).toEqual([]);
    expect(await refused(stranger.pipelines.get({ pipeline: 'ladder' }))).toMatchObject(notThere);
    expect((await refused(stranger.pipelines.get({ pipeline: 'laddr' }))).hint).not.toContain('ladder');
  });

  test('takes nothing from others: neither their coupling, nor the pipeline, nor its name', async () => {
    await ladder({ dev: 'development', qa: 'staging' });
    const [, qa] = await user.pipelines.couplings({ pipeline: 'ladder' });
    const carl = inSpaces('dev');
    const uncouple = carl.pipelineCouplings.destroy({ coupling: qa?.id ?? '' });
    expect(await refused(uncouple)).toMatchObject(notThere);
    for (const call of [
      () => carl.pipelines.destroy({ pipeline: 'ladder' }),
      () => carl.pipelines.update({ pipeline: 'ladder', name: 'lift' }),
      () => carl.pipelineCouplings.create({ app: 'web-qa', pipeline: 'ladder', stage: 'production' }),
    ]) {
      expect(await refused(call())).toMatchObject(notTheirs);
    }
    expect(await user.pipelines.couplings({ pipeline: 'ladder' })).toHaveLength(2);
  });
});

test('the destruction of a pipeline is recorded for every app that was in it', async () => {
  await ladder({ dev: 'development', vault: 'staging' });
  await admin.pipelines.destroy({ pipeline: 'ladder' });
  for (const space of ['dev', 'vault']) {
    const [last] = await admin.audits.list({ space, size: 1 });
    expect(last).toMatchObject({ action: 'pipeline.destroy', outcome: 'done', app: 'web', space });
  }
  expect(await admin.audits.verify()).toMatchObject({ ok: true });
});
