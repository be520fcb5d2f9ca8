import { describe, expect, test } from '@jest/globals';
import { FEATURES } from '../../../src/model/features.js';
import { refused } from './answers.js';
import type { Given } from './given.js';

export function favoritesSuite(given: Given): void {
  describe('favourites', () => {
    test('are of whoever asks, and go with their apps', async () => {
      await given.spaceWith(['web', 'api']);
      const favorite = await given.api.favorites.add({ app: 'web-shop' });
      const { id: app, web_url: url } = await given.api.apps.get({ app: 'web-shop' });
      expect(favorite).toMatchObject({
        app,
        name: 'web-shop',
        simple_name: 'web',
        web_url: url,
        organization: { name: 'main' },
        deleted: false,
      });
      await given.user.favorites.add({ app: 'api-shop' });
      expect(await given.api.favorites.add({ app })).toEqual(favorite);
      expect(await given.api.favorites.list()).toEqual([favorite]);
      expect((await given.user.favorites.list()).map(({ name }) => name)).toEqual(['api-shop']);
      expect(await refused(given.api.favorites.remove({ app: 'api-shop' }))).toMatchObject({ status: 404 });
      await given.api.favorites.remove({ app: 'web-shop' });
      expect(await given.api.favorites.list()).toEqual([]);
      await given.api.apps.destroy({ app: 'api-shop' });
      expect(await given.user.favorites.list()).toEqual([]);
    });
  });

  describe('features', () => {
    const app = 'web-shop';

    test('say what an app has here, and are not switched', async () => {
      await given.spaceWith(['web']);
      const features = await given.api.features.list({ app });
      expect(features.map(({ name, enabled }) => [name, enabled])).toEqual(
        FEATURES.map(({ name, enabled }) => [name, enabled]),
      );
      for (const { name, enabled } of FEATURES) {
        const shown = await given.api.features.get({ app, feature: name });
        expect(await given.api.features.update({ app, feature: name, enabled })).toEqual(shown);
        expect(
          await refused(given.api.features.update({ app, feature: name, enabled: !enabled })),
        ).toMatchObject({
          id: 'fixed_feature',
          status: 409,
          message: expect.stringContaining(`always ${enabled ? 'on' : 'off'}`) as unknown,
        });
      }
      expect(await given.api.features.list({ app })).toEqual(features);
      expect(await refused(given.api.features.get({ app, feature: 'auto-relase' }))).toMatchObject({
        status: 404,
        hint: 'Did you mean auto-release?',
      });
    });
  });
}
