import { describe, expect, test } from '@jest/globals';
import type { Build } from '../../../src/contract/wire.js';
import { refused } from './answers.js';
import type { Given } from './given.js';

export function checksSuite(given: Given): void {
  const app = 'web-vault';
  const commit = { repo: 'git@github.com:Acme/Shop.git', sha: 'a'.repeat(40) };
  const [source, own] = ['source/github.com/acme/shop', 'app/web-vault'];

  /** An app in a socs space, and a build of it that ursula asked for. */
  async function waiting(): Promise<Build> {
    await given.spaceWith(['web'], { name: 'vault', compliance: ['socs'] });
    return given.user.builds.create({ app, checksum: await given.uploaded(), ...commit });
  }

  /** The token of somebody who may report of a check, added by an administrator. */
  async function reporter(context: string): Promise<string> {
    return (await given.api.checks.add({ context, kind: 'token' })).secret ?? '';
  }

  const statusOf = async (): Promise<string> => (await given.api.builds.get({ app, build: '1' })).status;

  describe('checks of builds', () => {
    test('are waited for in a socs space, and the build goes on when all of them are well', async () => {
      const build = await waiting();
      expect(build).toMatchObject({
        status: 'pending',
        checks: [
          { context: source, state: 'pending', passed: false, by: null, reporters: [] },
          { context: own, state: 'pending', passed: false, by: null, reporters: [] },
        ],
      });
      const [forSource, forApp] = [await reporter(source), await reporter(own)];
      const report = { app, build: '1', state: 'success' } as const;
      const said = { name: 'scan', description: 'No holes', target_url: 'https://ci.example/1' };
      expect(
        await given.api.builds.report({ ...report, ...said, context: own, token: forApp }),
      ).toMatchObject({ context: own, state: 'success', ...said, passed: true, by: 'web-vault-token' });
      expect(await statusOf()).toBe('pending');
      expect(await given.user.builds.statuses({ app, build: build.id })).toMatchObject({
        build: { id: build.id },
        state: 'pending',
        statuses: [
          { context: source, passed: false, reporters: ['shop-token'] },
          { context: own, passed: true },
        ],
      });
      await given.api.builds.report({ ...report, context: source, state: 'pending', token: forSource });
      await given.api.builds.report({ ...report, context: source, token: forSource });
      expect(await statusOf()).toBe('queued');
      expect(await given.user.builds.statuses({ app, build: '1' })).toMatchObject({ state: 'success' });
    });

    test('are not needed elsewhere', async () => {
      await given.spaceWith(['web']);
      const build = await given.user.builds.create({ app: 'web-shop', checksum: await given.uploaded() });
      expect(build).toMatchObject({ status: 'queued', checks: [] });
      const report = { app: 'web-shop', build: '1', context: 'app/web-shop', state: 'success' } as const;
      expect(await refused(given.api.builds.report(report))).toMatchObject({ status: 404 });
    });

    test.each(['failure', 'error'] as const)('end a build for good by a %s', async (state) => {
      await waiting();
      const [forSource, forApp] = [await reporter(source), await reporter(own)];
      const report = { app, build: '1', context: own, token: forApp } as const;
      await given.api.builds.report({ ...report, state, description: '2 holes' });
      expect(await given.api.builds.get({ app, build: '1' })).toMatchObject({
        status: 'failed',
        reason: `${own} is ${state}, says web-vault-token: 2 holes`,
      });
      for (const later of [
        given.api.builds.report({ ...report, state: 'success' }),
        given.api.builds.report({ ...report, context: source, token: forSource, state: 'success' }),
        given.api.builds.overrule({ app, build: '1', context: own, reason: 'I know better' }),
      ]) {
        expect(await refused(later)).toMatchObject({ id: 'not_waiting', status: 409 });
      }
      expect(await statusOf()).toBe('failed');
    });

    test('said again change nothing, and are not recorded again', async () => {
      await waiting();
      const report = { app, build: '1', context: own, token: await reporter(own) } as const;
      const first = await given.api.builds.report({ ...report, state: 'success' });
      const before = await given.records();
      expect(await given.api.builds.report({ ...report, state: 'success' })).toEqual(first);
      expect(await given.records()).toBe(before);
    });

    test('are not reported by those whose build it is, nor with what is theirs', async () => {
      await waiting();
      await given.api.checks.add({ context: own, kind: 'user', user: 'Ursula' });
      const theirs = await given.api.builds.create({ app, checksum: await given.uploaded(), ...commit });
      const mine = await reporter(own);
      const report = { context: own, state: 'success', app } as const;
      for (const attempt of [
        given.user.builds.report({ ...report, build: '1' }),
        given.user.builds.report({ ...report, build: '1', token: mine }),
        // The administrator who asked for this one knows the secret of the token.
        given.api.builds.report({ ...report, build: theirs.id, token: mine }),
        given.user.builds.report({ ...report, build: theirs.id, token: mine }),
      ]) {
        expect(await refused(attempt)).toMatchObject({
          id: 'own_build',
          status: 403,
          message: expect.stringMatching(/^Nobody approves their own build/),
        });
      }
      const [last] = await given.api.audits.list({ space: 'vault', size: 1 });
      expect(last).toMatchObject({ action: 'build.status', outcome: 'refused', app: 'web' });
      expect((await given.api.builds.list({ app })).map(({ status }) => status)).toEqual([
        'pending',
        'pending',
      ]);
      // Somebody who logs in as themselves reports of the build of another.
      await given.user.builds.report({ ...report, build: theirs.id });
    });

    test('are reported by nobody else', async () => {
      await waiting();
      const other = await reporter(source);
      const report = { app, build: '1', context: own, state: 'success' } as const;
      for (const attempt of [
        given.user.builds.report(report),
        given.api.builds.report(report),
        given.api.builds.report({ ...report, token: other }),
        given.api.builds.report({ ...report, token: 'a'.repeat(43) }),
      ]) {
        expect(await refused(attempt)).toMatchObject({ id: 'not_your_check', status: 403 });
      }
      const wrong = { ...report, context: 'app/web-other' };
      expect(await refused(given.api.builds.report(wrong))).toMatchObject({ status: 404 });
      expect(await statusOf()).toBe('pending');
    });

    test.each([
      [{}, 'source_not_named'],
      [{ repo: commit.repo }, 'source_not_named'],
      [{ sha: commit.sha }, 'source_not_named'],
      [{ ...commit, sha: 'abcdef0' }, 'commit_not_whole'],
      [{ ...commit, repo: '/srv/shop' }, 'invalid_repository'],
      [{ ...commit, repo: 'https://ann:hunter2@github.com/acme/shop' }, 'secret_in_address'],
      [{ url: 'https://example.com/a.tgz' }, 'source_not_named'],
    ])('need a build that names its commit: %p is refused, %s', async (named, id) => {
      await given.spaceWith(['web'], { name: 'vault', compliance: ['socs', 'prod'] });
      const checksum = await given.uploaded();
      const error = await refused(given.user.builds.create({ app, checksum, ...named }));
      expect(error).toMatchObject({ id, hint: expect.stringMatching(/\S/) });
      expect(error.message).not.toContain('hunter2');
      expect(await given.api.builds.list({ app })).toEqual([]);
    });

    test('are overruled by administrators, with a reason that stays', async () => {
      await waiting();
      const overruling = { app, build: '1', reason: 'The scanner is down' };
      const notAllowed = { id: 'administrators_only', status: 403 };
      expect(await refused(given.user.builds.overrule({ ...overruling, context: own }))).toMatchObject(
        notAllowed,
      );
      expect(
        await refused(given.api.builds.overrule({ ...overruling, context: own, reason: ' ' })),
      ).toMatchObject({
        id: 'reason_missing',
      });
      const { name } = await given.api.account.get();
      expect(await given.api.builds.overrule({ ...overruling, context: own })).toMatchObject({
        state: 'pending',
        passed: true,
        overruled: { by: name, reason: 'The scanner is down' },
      });
      const report = { app, build: '1', context: own, state: 'failure', token: await reporter(own) } as const;
      expect(await refused(given.api.builds.report(report))).toMatchObject({ id: 'overruled', status: 409 });
      expect(await refused(given.api.builds.overrule({ ...overruling, context: own }))).toMatchObject({
        id: 'overruled',
      });
      await given.api.builds.overrule({ ...overruling, context: source });
      expect(await statusOf()).toBe('queued');
      const [record] = await given.api.audits.list({ space: 'vault', size: 1 });
      expect(record).toMatchObject({ action: 'build.overrule', outcome: 'done', username: name });
      expect(JSON.parse(record?.info ?? '')).toMatchObject({
        details: { build: 1, context: source, reason: 'The scanner is down', verdict: 'queued' },
      });
    });

    test('that passed once let a release go back to what they passed', async () => {
      await given.spaceWith(['web'], { name: 'vault', compliance: ['socs'] });
      const first = await given.built(app);
      await given.built(app);
      await given.api.configVars.patch({ app, vars: { COLOUR: 'red' } });
      expect(await given.api.releases.create({ app, release: 'v1' })).toMatchObject({
        version: 4,
        slug: { id: first },
      });
    });

    test('can be given up with their build', async () => {
      await waiting();
      const report = { app, build: '1', context: own, state: 'success', token: await reporter(own) } as const;
      expect(await given.user.builds.stop({ app, build: '1' })).toMatchObject({ status: 'failed' });
      expect(await refused(given.api.builds.report(report))).toMatchObject({ id: 'not_waiting' });
    });
  });

  describe('reporters', () => {
    test('are added and removed by administrators, and their secrets are shown once', async () => {
      await given.spaceWith(['web'], { name: 'vault', compliance: ['socs'] });
      const add = { context: own, kind: 'token', name: 'CI' } as const;
      expect(await refused(given.user.checks.add(add))).toMatchObject({ status: 403 });
      expect(await refused(given.user.checks.list())).toMatchObject({ status: 403 });
      const { secret, ...added } = await given.api.checks.add(add);
      expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
      const { name } = await given.api.account.get();
      expect(added).toMatchObject({ name: 'ci', context: own, kind: 'token', added_by: name, path: null });
      expect(await refused(given.api.checks.add(add))).toMatchObject({ id: 'exists', status: 409 });
      const hook = await given.api.checks.add({ context: source, kind: 'webhook', follows: 'ci/test' });
      expect(hook).toMatchObject({
        name: 'shop-webhook',
        path: `/checks/${hook.id}/github`,
        follows: 'ci/test',
      });
      const listed = await given.api.checks.list();
      expect(listed.map((each) => each.name)).toEqual(['ci', 'shop-webhook']);
      expect(JSON.stringify([listed, await given.api.audits.list({ size: 100 })])).not.toContain(secret);
      expect(await given.api.checks.list({ context: own })).toEqual([added]);
      expect(await refused(given.user.checks.remove({ reporter: 'ci' }))).toMatchObject({ status: 403 });
      expect(await given.api.checks.remove({ reporter: 'CI' })).toEqual(added);
      expect(await refused(given.api.checks.remove({ reporter: 'ci' }))).toMatchObject({ status: 404 });
      // All of it stands with the app, whose space has its digests and exports.
      const told = await given.api.audits.list({ space: 'vault', app: 'web-vault', size: 100 });
      const ofChecks = told.filter(({ action }) => action.startsWith('check.')).toReversed();
      expect(ofChecks.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
        'check.add refused',
        'check.add done',
        'check.add refused',
        'check.remove refused',
        'check.remove done',
      ]);
    });

    test('of a repeated request are added once, and the secret is not given again', async () => {
      await given.spaceWith(['web'], { name: 'vault', compliance: ['socs'] });
      const add = { context: own, kind: 'token', name: 'ci' } as const;
      const options = { idempotencyKey: 'the-same' };
      await given.api.checks.add(add, options);
      expect(await refused(given.api.checks.add(add, options))).toMatchObject({
        id: 'shown_once',
        status: 409,
      });
      const user = { context: own, kind: 'user', user: 'ann', name: 'ann' } as const;
      const people = { idempotencyKey: 'people' };
      expect(await given.api.checks.add(user, people)).toEqual(await given.api.checks.add(user, people));
      expect(await given.api.checks.list()).toHaveLength(2);
    });

    test('that are removed are not believed any more, where it still counts', async () => {
      await waiting();
      const [forSource, forApp] = [await reporter(source), await reporter(own)];
      const report = { app, build: '1', state: 'success' } as const;
      await given.api.builds.report({ ...report, context: own, token: forApp });
      await given.api.checks.remove({ reporter: 'web-vault-token' });
      expect(
        await refused(given.api.builds.report({ ...report, context: own, token: forApp })),
      ).toMatchObject({
        id: 'not_your_check',
      });
      await given.api.builds.report({ ...report, context: source, token: forSource });
      expect(await given.api.builds.get({ app, build: '1' })).toMatchObject({
        status: 'pending',
        checks: [{ passed: true }, { state: 'pending', passed: false, by: null }],
      });
    });

    test.each([
      [{ context: 'app/web-nope', kind: 'token' }, 'not_found'],
      [{ context: 'pipeline/nope', kind: 'token' }, 'not_found'],
      [{ context: 'ci/tests', kind: 'token' }, 'invalid_context'],
      [{ context: own, kind: 'webhook', follows: 'ci' }, 'webhook_of_no_repository'],
      [{ context: source, kind: 'webhook' }, 'check_not_named'],
      [{ context: source, kind: 'token', follows: 'ci' }, 'no_webhook'],
      [{ context: own, kind: 'user' }, 'user_not_named'],
      [{ context: own, kind: 'token', user: 'ann' }, 'user_not_named'],
      [{ context: own, kind: 'token', name: 'a b' }, 'invalid_reporter_name'],
      [{ context: own, kind: 'magic' }, 'invalid_input'],
    ] as const)('%p are refused: %s', async (add, id) => {
      await given.spaceWith(['web'], { name: 'vault', compliance: ['socs'] });
      expect(await refused(given.api.checks.add(add as never))).toMatchObject({ id });
      expect(await given.api.checks.list()).toEqual([]);
    });
  });
}
