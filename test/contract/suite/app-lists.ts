import { beforeEach, describe, expect, test } from '@jest/globals';
import { missing, pagesOf, refused } from './answers.js';
import type { Given } from './given.js';

export function appListsSuite(given: Given): void {
  describe('lists of apps', () => {
    beforeEach(async () => {
      await given.spaceWith(['web', 'api'], { name: 'shop' });
      await given.spaceWith(['web', 'db'], { name: 'bank' });
    });

    // oxlint-disable-next-line unicorn/consistent-function-scoping -- it belongs to these lists
    const keys = async (filter = {}): Promise<string[]> =>
      (await given.api.apps.list(filter)).items.map(({ name }) => name);

    test('are by name, then space', async () => {
      expect(await keys()).toEqual(['api-shop', 'db-bank', 'web-bank', 'web-shop']);
    });

    test('can be of one space', async () => {
      expect(await keys({ space: 'bank' })).toEqual(['db-bank', 'web-bank']);
      const { id } = await given.api.spaces.get({ space: 'shop' });
      expect(await keys({ space: id })).toEqual(['api-shop', 'web-shop']);
      expect(await keys({ space: 'default' })).toEqual([]);
      expect(await refused(given.api.apps.list({ space: 'shpo' }))).toMatchObject(missing('space', 'shpo'));
    });

    test('are of short objects for clients that send simple, whatever it says', async () => {
      const { items } = await given.api.apps.list();
      expect(items.filter(({ formation }) => Array.isArray(formation))).toHaveLength(4);
      for (const simple of [true, 'false', 'maybe']) {
        const short = await given.api.apps.list({ simple });
        expect(short.items.map(({ name }) => name)).toEqual(items.map(({ name }) => name));
        expect(short.items.filter((app) => 'formation' in app || 'slug_size' in app)).toEqual([]);
      }
    });

    test.each([
      [1, undefined],
      [2, undefined],
      [3, undefined],
      [1, 'bank'],
      [2, 'shop'],
    ])('come in pages of %d of space %s that make up the whole', async (limit, space) => {
      const filter = space === undefined ? {} : { space };
      const pages = await pagesOf((cursor) =>
        given.api.apps.list({ ...filter, limit, ...(cursor !== undefined && { cursor }) }),
      );
      expect(pages.flat()).toEqual((await given.api.apps.list(filter)).items);
      expect(pages.every((items) => items.length <= limit && items.length > 0)).toBe(true);
    });

    test.each([
      ['an unknown member', { state: 'up' }],
      ['a limit of 0', { limit: 0 }],
      ['a cursor of nothing', { limit: 1, cursor: 'x' }],
    ])('refuse %s', async (_, filter) => {
      expect((await refused(given.api.apps.list(filter as object))).status).toBe(422);
    });
  });
}
