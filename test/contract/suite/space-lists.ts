import { beforeEach, describe, expect, test } from '@jest/globals';
import { pagesOf, refused } from './answers.js';
import type { Given } from './given.js';

export function spaceListsSuite(given: Given): void {
  describe('lists of spaces', () => {
    beforeEach(async () => {
      for (const [name, compliance] of [
        ['delta', ['socs']],
        ['alpha', ['socs', 'prod']],
        ['charlie', ['internal']],
        ['bravo', []],
      ] as const) {
        await given.api.spaces.create({ name, compliance: [...compliance] });
      }
    });

    test('are by name, and whole unless there is a limit', async () => {
      const { items, ...rest } = await given.api.spaces.list();
      expect(items.map(({ name }) => name)).toEqual(['alpha', 'bravo', 'charlie', 'default', 'delta']);
      expect(rest).toEqual({});
      expect(items[0]).toEqual(await given.api.spaces.get({ space: 'alpha' }));
    });

    test.each([[1], [2], [4], [5], [6], [1000]])(
      'come in pages of %d that make up the whole',
      async (limit) => {
        const pages = await pagesOf((cursor) =>
          given.api.spaces.list({ limit, ...(cursor !== undefined && { cursor }) }),
        );
        expect(pages.flat()).toEqual((await given.api.spaces.list()).items);
        expect(pages.slice(0, -1).map((items) => items.length)).toEqual(pages.slice(1).map(() => limit));
      },
    );

    test('keep their place while spaces come and go', async () => {
      const { next = '' } = await given.api.spaces.list({ limit: 2 });
      await given.api.spaces.destroy({ space: 'bravo' });
      await given.api.spaces.create({ name: 'aardvark' });
      const { items } = await given.api.spaces.list({ limit: 2, cursor: next });
      expect(items.map(({ name }) => name)).toEqual(['charlie', 'default']);
    });

    test('can be of those with a compliance or on a stack', async () => {
      expect(await given.spaceNames({ compliance: 'socs' })).toEqual(['alpha', 'delta']);
      expect(await given.spaceNames({ compliance: 'prod,SOCS' })).toEqual(['alpha']);
      expect(await given.spaceNames({ compliance: 'socs', limit: 1 })).toEqual(['alpha']);
      expect(await given.spaceNames({ stack: 'local' })).toHaveLength(5);
    });

    test.each([
      ['a limit of 0', { limit: 0 }, 422],
      ['a limit above 1000', { limit: 1001 }, 422],
      ['a limit that is no whole number', { limit: 1.5 }, 422],
      ['a cursor of nothing', { limit: 1, cursor: 'bm90aGluZw' }, 422],
      ['a cursor of another list', { limit: 1, cursor: 'WyJhIiwiYiJd' }, 422],
      ['an unknown compliance', { compliance: 'pro' }, 422],
      ['an unknown stack', { stack: 'nope' }, 404],
      ['an unknown member', { name: 'alpha' }, 422],
    ])('refuse %s', async (_, filter, status) => {
      expect((await refused(given.api.spaces.list(filter as object))).status).toBe(status);
    });
  });
}
