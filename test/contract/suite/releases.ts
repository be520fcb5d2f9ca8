import { describe, expect, test } from '@jest/globals';
import { refused } from './answers.js';
import type { Given } from './given.js';

export function releasesSuite(given: Given): void {
  const app = 'web-shop';

  describe('builds', () => {
    test('wait for their turn, numbered, and can be stopped', async () => {
      await given.spaceWith(['web']);
      const checksum = await given.uploaded();
      const sha = 'a'.repeat(40);
      const build = await given.user.builds.create({ app, checksum, sha, branch: 'main' });
      expect(build).toMatchObject({
        number: 1,
        status: 'queued',
        release: null,
        slug: null,
        source_blob: { checksum, commit: sha, branch: 'main', url: null },
        user: { email: expect.any(String) },
      });
      expect(await given.api.builds.get({ app, build: '1' })).toEqual(build);
      expect(await given.api.builds.stop({ app, build: build.id })).toMatchObject({
        status: 'failed',
        reason: expect.stringMatching(/ stopped it$/),
      });
      expect(await refused(given.api.builds.stop({ app, build: '1' }))).toMatchObject({
        id: 'build_is_over',
      });
      const second = await given.api.builds.create({ app, checksum });
      expect((await given.api.builds.list({ app })).map(({ number }) => number)).toEqual([second.number, 1]);
    });

    test.each([
      [{ url: 'http://example.com/a.tgz' }, 'invalid_source_url'],
      [{ url: 'https://ann:secret@example.com/a.tgz' }, 'invalid_source_url'],
      [{ url: 'ftp://example.com/a' }, 'invalid_source_url'],
      [{ sha: 'main' }, 'invalid_commit'],
      [{ checksum: 'md5:1' }, 'invalid_input'],
    ])('%p is refused: %s', async (source, id) => {
      await given.spaceWith(['web']);
      const checksum = await given.uploaded();
      expect(await refused(given.api.builds.create({ app, checksum, ...source }))).toMatchObject({
        id,
        status: 422,
      });
    });

    test('are made of what was uploaded, or of what an address will give', async () => {
      await given.spaceWith(['web']);
      const checksum = `sha256:${'0'.repeat(64)}`;
      expect(await refused(given.api.builds.create({ app, checksum }))).toMatchObject({
        id: 'not_found',
        status: 404,
        message: `There is no upload ${checksum}.`,
      });
      const url = 'https://example.com/a.tgz';
      expect(await given.api.builds.create({ app, checksum, url })).toMatchObject({ source_blob: { url } });
    });

    test('of one app do not wait without end', async () => {
      await given.spaceWith(['web']);
      const checksum = await given.uploaded();
      for (let n = 0; n < 10; n++) await given.api.builds.create({ app, checksum });
      expect(await refused(given.api.builds.create({ app, checksum }))).toMatchObject({
        id: 'too_many_builds',
        status: 409,
      });
    });
  });

  describe('releases', () => {
    test('are made by builds and by changes of config, the newest first', async () => {
      await given.spaceWith(['web']);
      await given.api.configVars.patch({ app, vars: { COLOUR: 'red' } });
      const slug = await given.built(app);
      await given.api.configVars.patch({ app, vars: { COLOUR: 'blue', SHAPE: 'round' } });
      await given.api.configVars.patch({ app, vars: { COLOUR: 'blue' } });
      expect(await given.api.releases.list({ app })).toMatchObject([
        {
          version: 3,
          status: 'pending',
          description: 'Set COLOUR, SHAPE',
          slug: { id: slug },
          current: false,
        },
        { version: 2, status: 'succeeded', description: 'Build 1', slug: { id: slug }, current: true },
        { version: 1, status: 'succeeded', description: 'Set COLOUR', slug: null, current: false },
      ]);
      expect(await given.api.releases.get({ app, release: 'v2' })).toMatchObject({ version: 2 });
      expect(await given.api.builds.get({ app, build: '1' })).toMatchObject({ release: { version: 2 } });
    });

    test('are rolled back by releasing an earlier slug again; a pending one gives way', async () => {
      await given.spaceWith(['web']);
      const first = await given.built(app);
      const second = await given.built(app);
      expect(await given.api.releases.create({ app, release: 'v1' })).toMatchObject({
        version: 3,
        status: 'pending',
        description: 'Rollback to v1',
        slug: { id: first },
      });
      expect(await given.api.releases.create({ app, release: '2', description: 'Forward' })).toMatchObject({
        version: 4,
        description: 'Forward',
        slug: { id: second },
      });
      expect(await given.api.releases.get({ app, release: '3' })).toMatchObject({
        status: 'failed',
        reason: 'v4 took its place',
      });
    });

    test('without a slug are nothing to roll back to', async () => {
      await given.spaceWith(['web']);
      await given.api.configVars.patch({ app, vars: { COLOUR: 'red' } });
      expect(await refused(given.api.releases.create({ app, release: '1' }))).toMatchObject({
        id: 'no_slug',
        status: 409,
      });
    });

    test('go with their app', async () => {
      await given.spaceWith(['web']);
      await given.built(app);
      await given.api.apps.destroy({ app });
      await given.api.apps.create({ name: 'web', space: 'shop' });
      expect(await given.api.releases.list({ app })).toEqual([]);
    });
  });
}
