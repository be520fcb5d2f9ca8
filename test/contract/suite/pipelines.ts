import { describe, expect, test } from '@jest/globals';
import type { AppsApi } from '../../../src/contract/apps-api.js';
import type { PipelineCoupling } from '../../../src/contract/wire.js';
import { missing, NOWHERE, refused, UUID } from './answers.js';
import type { Given } from './given.js';

type Required = readonly string[];

/** What is asked for to promote web of one space to that of others. */
const promotion = (from: string, to?: readonly string[]) => ({
  pipeline: { id: 'ladder' },
  source: { app: { id: `web-${from}` } },
  ...(to !== undefined && { targets: to.map((space) => ({ app: { id: `web-${space}` } })) }),
});

const promote = (api: AppsApi, from: string, to?: readonly string[]) =>
  api.pipelinePromotions.create(promotion(from, to));

export function pipelinesSuite(given: Given): void {
  const report = (state: 'success' | 'failure' | 'pending', context = 'ci/tests', app = 'web-dev') =>
    given.user.releaseStatuses.create({ app, release: '1', context, state });

  /** Makes pipeline ladder with an app `web` in each of these spaces, at these stages. */
  async function ladder(
    stages: Readonly<Record<string, string>>,
    {
      required = {},
      compliance = {},
    }: {
      required?: Readonly<Record<string, Required>>;
      compliance?: Readonly<Record<string, string[]>>;
    } = {},
  ): Promise<Record<string, PipelineCoupling>> {
    await given.user.pipelines.create({ name: 'ladder' });
    const couplings: Record<string, PipelineCoupling> = {};
    for (const [space, stage] of Object.entries(stages)) {
      await given.spaceWith(['web'], { name: space, compliance: compliance[space] ?? [] });
      couplings[space] = await given.user.pipelineCouplings.create({
        app: `web-${space}`,
        pipeline: 'ladder',
        stage,
        ...(required[space] && { required_status_checks: { contexts: [...required[space]] } }),
      });
    }
    return couplings;
  }

  describe('pipelines', () => {
    test('are created, shown, changed and destroyed', async () => {
      const created = await given.user.pipelines.create({ name: 'Ladder', description: 'Up' });
      expect(created).toMatchObject({
        id: expect.stringMatching(UUID),
        name: 'ladder',
        description: 'Up',
      });
      await given.user.pipelines.create({ name: 'belt' });
      expect((await given.user.pipelines.list()).map(({ name }) => name)).toEqual(['belt', 'ladder']);
      expect(await given.user.pipelines.get({ pipeline: created.id })).toEqual(created);
      expect(
        await given.user.pipelines.update({ pipeline: 'ladder', name: 'lift', description: '' }),
      ).toMatchObject({ id: created.id, name: 'lift', description: '' });
      expect(await refused(given.user.pipelines.update({ pipeline: 'lift', name: 'belt' }))).toMatchObject({
        id: 'exists',
        status: 409,
      });
      expect(await given.user.pipelines.destroy({ pipeline: 'lift' })).toMatchObject({ id: created.id });
      expect(await refused(given.user.pipelines.get({ pipeline: 'lift' }))).toMatchObject({
        ...missing('pipeline', 'lift'),
        hint: 'Every pipeline: aka pipelines',
      });
    });

    test.each(['la', 'l'.repeat(31), '1adder', 'lad_der', '-ladder', ''])(
      '%j is no name for one',
      async (name) => {
        expect(await refused(given.user.pipelines.create({ name }))).toMatchObject({
          id: 'invalid_pipeline_name',
          status: 422,
        });
      },
    );

    test('have a name each', async () => {
      await given.user.pipelines.create({ name: 'ladder' });
      expect(await refused(given.user.pipelines.create({ name: 'LADDER' }))).toMatchObject({
        id: 'exists',
        status: 409,
      });
    });

    test('have stages in this order', async () => {
      expect(await given.user.pipelines.stages()).toEqual({
        review: 'development',
        development: 'staging',
        staging: 'production',
        production: null,
      });
    });

    test('have apps, by stage, with what they run', async () => {
      await ladder(
        { live: 'production', dev: 'development', test: 'staging' },
        { required: { test: ['ci/tests', 'ci/lint', 'ci/tests'] } },
      );
      await given.built('web-dev');
      const couplings = await given.user.pipelines.couplings({ pipeline: 'ladder' });
      expect(couplings).toMatchObject([
        {
          app: { name: 'web-dev' },
          pipeline: { name: 'ladder' },
          stage: 'development',
          required_status_checks: { contexts: [] },
          release: { version: 1 },
        },
        {
          app: { name: 'web-test' },
          stage: 'staging',
          required_status_checks: { contexts: ['ci/tests', 'ci/lint'] },
          release: null,
        },
        { app: { name: 'web-live' }, stage: 'production' },
      ]);
      expect(await given.user.pipelineCouplings.list()).toEqual(couplings);
      expect(await given.user.pipelineCouplings.ofApp({ app: 'web-live' })).toEqual(couplings.slice(2));
      expect(await given.user.pipelineCouplings.get({ coupling: couplings[0]?.id ?? '' })).toEqual(
        couplings[0],
      );
    });

    test('have an app at one stage only', async () => {
      await ladder({ dev: 'development' });
      const again = given.user.pipelineCouplings.create({
        app: 'web-dev',
        pipeline: 'ladder',
        stage: 'staging',
      });
      expect(await refused(again)).toMatchObject({
        id: 'exists',
        message: 'web-dev is at stage development of pipeline ladder already.',
      });
      await given.user.pipelines.create({ name: 'belt' });
      await given.user.pipelineCouplings.create({ app: 'web-dev', pipeline: 'belt', stage: 'staging' });
      expect(await given.user.pipelineCouplings.ofApp({ app: 'web-dev' })).toMatchObject([
        { pipeline: { name: 'ladder' } },
        { pipeline: { name: 'belt' } },
      ]);
    });

    test('lose an app that is removed, or destroyed', async () => {
      const { dev } = await ladder({ dev: 'development', test: 'staging' });
      expect(await given.user.pipelineCouplings.destroy({ coupling: dev?.id ?? '' })).toEqual(dev);
      await given.user.apps.destroy({ app: 'web-test' });
      expect(await given.user.pipelines.couplings({ pipeline: 'ladder' })).toEqual([]);
      expect(await refused(given.user.pipelineCouplings.get({ coupling: dev?.id ?? '' }))).toMatchObject(
        missing('coupling', dev?.id ?? ''),
      );
    });

    test.each([
      [{ stage: 'canary' }, 'invalid_stage'],
      [{ stage: 'review', required_status_checks: { contexts: ['ci/tests'] } }, 'nothing_to_require'],
      [{ stage: 'staging', required_status_checks: { contexts: ['two words'] } }, 'invalid_context'],
      [{ stage: 'staging', required_status_checks: { contexts: ['c'.repeat(256)] } }, 'invalid_context'],
      [
        {
          stage: 'staging',
          required_status_checks: { contexts: Array.from({ length: 21 }, (_, n) => `ci/${n}`) },
        },
        'too_many_contexts',
      ],
    ])('take no app with %j', async (how, id) => {
      await given.spaceWith(['web']);
      await given.api.pipelines.create({ name: 'ladder' });
      const input = { app: 'web-shop', pipeline: 'ladder', ...how };
      expect(await refused(given.api.pipelineCouplings.create(input))).toMatchObject({ id, status: 422 });
    });
  });

  describe('what stands before an app of a socs or prod space', () => {
    test.each(['socs', 'prod'])('is taken away by administrators only: %s', async (compliance) => {
      const { live } = await ladder(
        { dev: 'development', live: 'staging' },
        { required: { live: ['ci/tests'] }, compliance: { live: [compliance] } },
      );
      const coupling = live?.id ?? '';
      const less = { coupling, required_status_checks: { contexts: ['ci/lint'] } };
      const loosening: readonly ((api: AppsApi) => Promise<unknown>)[] = [
        (api) => api.pipelineCouplings.update(less),
        (api) => api.pipelines.update({ pipeline: 'ladder', name: 'lift' }),
        (api) => api.pipelineCouplings.destroy({ coupling }),
        (api) => api.pipelines.destroy({ pipeline: 'lift' }),
      ];
      for (const loosen of loosening.slice(0, 3)) {
        expect(await refused(loosen(given.user))).toMatchObject({
          id: 'administrators_only',
          status: 403,
          message: expect.stringMatching(/web-live is in a (socs|prod) space\.$/),
        });
        const [last] = await given.api.audits.list({ size: 1 });
        expect(last).toMatchObject({ outcome: 'refused', space: 'live', app: 'web' });
      }
      expect(await refused(given.user.pipelines.destroy({ pipeline: 'ladder' }))).toMatchObject({
        status: 403,
      });
      // More may be asked for by anybody, and called otherwise.
      const more = { coupling, required_status_checks: { contexts: ['ci/tests', 'ci/lint'] } };
      expect(await given.user.pipelineCouplings.update(more)).toMatchObject({
        required_status_checks: more.required_status_checks,
      });
      await given.user.pipelines.update({ pipeline: 'ladder', description: 'Up' });
      for (const loosen of loosening) await loosen(given.api);
      expect(await given.api.pipelines.list()).toEqual([]);
    });
  });

  describe('promotions', () => {
    test('release what the source runs at every app of the next stage, with their own config', async () => {
      await ladder({ dev: 'development', test: 'staging', qa: 'staging', live: 'production' });
      await given.api.configVars.patch({ app: 'web-qa', vars: { COLOUR: 'red' } });
      await given.api.configVars.patch({ app: 'web-dev', vars: { COLOUR: 'blue' } });
      const slug = await given.built('web-dev', { web: 'serve', worker: 'work' });
      const done = await promote(given.user, 'dev');
      expect(done).toMatchObject({
        id: expect.stringMatching(UUID),
        pipeline: { name: 'ladder' },
        source: { app: { name: 'web-dev' }, release: { version: 2 } },
        status: 'pending',
        targets: [
          {
            app: { name: 'web-test' },
            stage: 'staging',
            effect: 'release',
            missing: [],
            release: { version: 1 },
          },
          { app: { name: 'web-qa' }, stage: 'staging', effect: 'release', release: { version: 2 } },
        ],
      });
      expect(await given.user.releases.list({ app: 'web-qa' })).toMatchObject([
        {
          version: 2,
          status: 'pending',
          slug: { id: slug },
          description: 'Promotion of v2 of web-dev',
          user: { email: expect.any(String) },
        },
        { version: 1 },
      ]);
      expect(await given.user.configVars.get({ app: 'web-qa' })).toMatchObject({ COLOUR: 'red' });
      expect(
        (await given.user.formations.list({ app: 'web-test' })).map(({ type, quantity }) => [type, quantity]),
      ).toEqual([
        ['web', 1],
        ['worker', 0],
      ]);
      expect(await given.user.releases.list({ app: 'web-live' })).toEqual([]);
      // The build is still known for the release it made.
      const [first] = await given.user.releases.list({ app: 'web-dev' });
      expect(await given.user.builds.get({ app: 'web-dev', build: '1' })).toMatchObject({
        release: { id: first?.id },
      });
    });

    test('go to later stages that are named, and nowhere else', async () => {
      await ladder({ dev: 'development', also: 'development', test: 'staging', live: 'production' });
      await given.spaceWith(['web'], { name: 'outside' });
      await given.built('web-dev');
      expect(await promote(given.user, 'dev', ['live', 'live'])).toMatchObject({
        targets: [{ app: { name: 'web-live' }, stage: 'production', effect: 'release' }],
      });
      expect(await refused(promote(given.user, 'dev', ['also']))).toMatchObject({
        id: 'not_forward',
        status: 409,
      });
      expect(await refused(promote(given.user, 'dev', ['dev']))).toMatchObject({ id: 'not_forward' });
      expect(await refused(promote(given.user, 'dev', ['outside']))).toMatchObject({ id: 'not_in_pipeline' });
      expect(await refused(promote(given.user, 'outside'))).toMatchObject({ id: 'not_in_pipeline' });
      expect(await refused(promote(given.user, 'nowhere'))).toMatchObject({ status: 404 });
    });

    test('need an app at the next stage', async () => {
      await ladder({ dev: 'development', live: 'production' });
      await given.built('web-dev');
      expect(await refused(promote(given.user, 'dev'))).toMatchObject({
        id: 'empty_stage',
        message: 'Pipeline ladder has no app at stage staging.',
      });
      await given.built('web-live');
      expect(await refused(promote(given.user, 'live'))).toMatchObject({ id: 'last_stage' });
    });

    test('need something that runs', async () => {
      await ladder({ dev: 'development', test: 'staging' });
      expect(await refused(promote(given.user, 'dev'))).toMatchObject({
        id: 'nothing_to_promote',
        status: 409,
      });
    });

    test('of what is there already are said, and make no release', async () => {
      await ladder({ dev: 'development', test: 'staging', qa: 'staging' });
      await given.built('web-dev');
      await promote(given.user, 'dev', ['test']);
      expect(await promote(given.user, 'dev')).toMatchObject({
        status: 'pending',
        targets: [
          { effect: 'none', release: { version: 1 } },
          { effect: 'release', release: { version: 1 } },
        ],
      });
      expect(await promote(given.user, 'dev')).toMatchObject({
        status: 'succeeded',
        targets: [{ effect: 'none' }, { effect: 'none' }],
      });
      expect(await given.user.releases.list({ app: 'web-test' })).toHaveLength(1);
    });

    test('two at once make one release', async () => {
      await ladder({ dev: 'development', test: 'staging' });
      await given.built('web-dev');
      const both = await Promise.all([promote(given.user, 'dev'), promote(given.api, 'dev')]);
      expect(both.flatMap(({ targets = [] }) => targets.map(({ effect }) => effect)).sort()).toEqual([
        'none',
        'release',
      ]);
      expect(await given.user.releases.list({ app: 'web-test' })).toHaveLength(1);
    });

    test('go to all of the targets or to none', async () => {
      await ladder(
        { dev: 'development', test: 'staging', qa: 'staging' },
        { required: { qa: ['ci/tests'] } },
      );
      await given.built('web-dev');
      expect(await refused(promote(given.user, 'dev'))).toMatchObject({ id: 'checks_missing' });
      const gone = {
        ...promotion('dev', ['test']),
        targets: [{ app: { id: 'web-test' } }, { app: { id: NOWHERE } }],
      };
      expect(await refused(given.user.pipelinePromotions.create(gone))).toMatchObject({ status: 404 });
      expect(await given.user.releases.list({ app: 'web-test' })).toEqual([]);
    });

    test('repeated under an idempotency key are answered alike', async () => {
      await ladder({ dev: 'development', test: 'staging' });
      await given.built('web-dev');
      const options = { idempotencyKey: 'promotion-1' };
      const first = await given.user.pipelinePromotions.create(promotion('dev'), options);
      expect(await given.user.pipelinePromotions.create(promotion('dev'), options)).toEqual(first);
    });

    test('can be looked at before', async () => {
      await ladder(
        { dev: 'development', test: 'staging', qa: 'staging' },
        { required: { qa: ['ci/tests'] } },
      );
      await given.built('web-dev');
      const records = await given.records();
      const plan = () => given.user.pipelines.plan({ pipeline: 'ladder', from: 'web-dev' });
      expect(await plan()).toMatchObject({
        pipeline: { name: 'ladder' },
        source: { app: { name: 'web-dev' }, release: { version: 1 } },
        targets: [
          { app: { name: 'web-test' }, effect: 'release', missing: [], release: null },
          { app: { name: 'web-qa' }, effect: 'blocked', missing: [{ context: 'ci/tests', state: null }] },
        ],
      });
      expect(await given.user.releases.list({ app: 'web-test' })).toEqual([]);
      expect(await given.records()).toBe(records);
      await promote(given.user, 'dev', ['test']);
      await report('success');
      expect(await plan()).toMatchObject({
        targets: [{ effect: 'none' }, { effect: 'release', missing: [] }],
      });
      const named = { pipeline: 'ladder', from: 'web-dev', to: 'web-qa,web-test' };
      expect(await given.user.pipelines.plan(named)).toMatchObject({
        targets: [{ app: { name: 'web-qa' } }, { app: { name: 'web-test' } }],
      });
    });
  });

  describe('required contexts', () => {
    const required = { test: ['ci/tests', 'approvals/product'] };
    const setting = () => ladder({ dev: 'development', test: 'staging' }, { required });

    test('must all be success on what the source runs', async () => {
      await setting();
      await given.built('web-dev');
      await report('pending');
      const answer = await refused(promote(given.user, 'dev'));
      expect(answer).toMatchObject({
        id: 'checks_missing',
        status: 409,
        message:
          'v1 of web-dev is not promoted: web-test at stage staging needs ci/tests (pending), approvals/product (not reported) to be success.',
        details: { missing: { 'web-test': ['ci/tests', 'approvals/product'] } },
      });
      const [last] = await given.api.audits.list({ size: 1 });
      expect(last).toMatchObject({
        action: 'pipeline.promote',
        outcome: 'refused',
        space: 'test',
        app: 'web',
      });
      await report('failure');
      expect(await refused(promote(given.user, 'dev'))).toMatchObject({
        message: expect.stringContaining('ci/tests (failure)'),
      });
      await report('success');
      await report('success', 'approvals/product');
      expect(await promote(given.user, 'dev')).toMatchObject({ targets: [{ effect: 'release' }] });
    });

    test('are asked of each release anew', async () => {
      await setting();
      await given.built('web-dev');
      for (const context of required.test) await report('success', context);
      await promote(given.user, 'dev');
      await given.built('web-dev');
      expect(await refused(promote(given.user, 'dev'))).toMatchObject({ id: 'checks_missing' });
    });

    test('are overruled by administrators, who say why', async () => {
      await setting();
      await given.built('web-dev');
      const unsafe = { ...promotion('dev'), safe: false, reason: 'The shop is down' };
      expect(await refused(given.user.pipelinePromotions.create(unsafe))).toMatchObject({
        id: 'administrators_only',
        status: 403,
      });
      for (const reason of [undefined, '', ' ']) {
        const silent = { ...promotion('dev'), safe: false, ...(reason !== undefined && { reason }) };
        expect(await refused(given.api.pipelinePromotions.create(silent))).toMatchObject({
          id: 'reason_missing',
          status: 422,
        });
      }
      expect(await given.api.pipelinePromotions.create(unsafe)).toMatchObject({
        targets: [{ effect: 'release' }],
      });
      const [inTarget] = await given.api.audits.list({ space: 'test', size: 1 });
      expect(JSON.parse(inTarget?.info ?? '')).toMatchObject({
        action: 'pipeline.promote',
        outcome: 'done',
        app: 'web',
        details: {
          pipeline: 'ladder',
          from: 'web-dev',
          release: 1,
          overruled: [{ context: 'ci/tests' }, { context: 'approvals/product' }],
          reason: 'The shop is down',
        },
      });
      const [inSource] = await given.api.audits.list({ space: 'dev', size: 1 });
      expect(JSON.parse(inSource?.info ?? '')).toMatchObject({
        details: { pipeline: 'ladder', version: 1, targets: [{ app: 'web-test', effect: 'release' }] },
      });
    });
  });

  describe('statuses of releases', () => {
    test('are said, changed, and told as a whole', async () => {
      await given.spaceWith(['web'], { name: 'dev' });
      await given.built('web-dev');
      const list = () => given.user.releaseStatuses.list({ app: 'web-dev', release: 'v1' });
      expect(await list()).toMatchObject({ state: 'success', statuses: [] });
      const first = await given.user.releaseStatuses.create({
        app: 'web-dev',
        release: 'v1',
        context: 'ci/tests',
        state: 'pending',
        name: 'Tests',
        description: 'They run.',
        target_url: 'https://ci.example.com/7',
      });
      expect(first).toMatchObject({ id: expect.stringMatching(UUID), state: 'pending', name: 'Tests' });
      expect(await report('success')).toMatchObject({
        id: first.id,
        state: 'success',
        created_at: first.created_at,
      });
      expect(await list()).toMatchObject({ state: 'success', statuses: [{ context: 'ci/tests' }] });
      await report('failure', 'ci/lint');
      expect(await list()).toMatchObject({
        state: 'failure',
        statuses: [{ context: 'ci/lint' }, { context: 'ci/tests' }],
      });
      const change = { app: 'web-dev', release: '1', status: first.id, description: 'They ran.' };
      expect(await given.user.releaseStatuses.update(change)).toMatchObject({
        state: 'success',
        description: 'They ran.',
      });
      expect(await refused(given.user.releaseStatuses.update({ ...change, status: NOWHERE }))).toMatchObject(
        missing('status', NOWHERE),
      );
    });

    test.each([
      [{ context: 'two words' }, 'invalid_context'],
      [{ target_url: 'javascript:alert(1)' }, 'invalid_target_url'],
      [{ target_url: 'https://ann:secret@example.com/' }, 'invalid_target_url'],
      [{ image_url: 'nowhere' }, 'invalid_target_url'],
      [{ description: 'a\0b' }, 'invalid_text'],
    ])('are not %j', async (said, id) => {
      await given.spaceWith(['web'], { name: 'dev' });
      await given.built('web-dev');
      const status = {
        app: 'web-dev',
        release: '1',
        context: 'ci/tests',
        state: 'success' as const,
        ...said,
      };
      expect(await refused(given.user.releaseStatuses.create(status))).toMatchObject({ id, status: 422 });
    });

    test('of one release do not become ever more', async () => {
      await given.spaceWith(['web'], { name: 'dev' });
      await given.built('web-dev');
      for (let n = 0; n < 100; n++) await report('success', `ci/${n}`);
      expect(await refused(report('success', 'ci/100'))).toMatchObject({
        id: 'too_many_statuses',
        status: 409,
      });
      expect(await report('failure', 'ci/99')).toMatchObject({ state: 'failure' });
    });
  });
}
