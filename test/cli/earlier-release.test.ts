import { expect, test } from '@jest/globals';
import { lastGoodRelease } from '../../src/cli/earlier-release.js';
import type { AppsApi } from '../../src/contract/apps-api.js';

type Row = [version: number, status: string, slug: string];

const lastGood = async (...rows: Row[]): Promise<number> => {
  const list = async () => rows.map(([version, status, id]) => ({ version, status, slug: { id } }));
  return (await lastGoodRelease({ releases: { list } } as unknown as AppsApi, 'web-shop')).version;
};

test('the last good release is the last that succeeded with another slug than the newest', async () => {
  expect(await lastGood([2, 'succeeded', 'b'], [1, 'succeeded', 'a'])).toBe(1);
  // The newest did not come up: what runs is good.
  expect(await lastGood([3, 'failed', 'c'], [2, 'succeeded', 'b'], [1, 'succeeded', 'a'])).toBe(2);
  expect(await lastGood([3, 'succeeded', 'c'], [2, 'failed', 'b'], [1, 'succeeded', 'a'])).toBe(1);
  // A change of config vars is a release of the same slug.
  expect(await lastGood([3, 'succeeded', 'b'], [2, 'succeeded', 'b'], [1, 'succeeded', 'a'])).toBe(1);
});

test('without one, there is nothing to go back to', async () => {
  await expect(lastGood([2, 'succeeded', 'a'], [1, 'succeeded', 'a'])).rejects.toMatchObject({ status: 409 });
  await expect(lastGood()).rejects.toMatchObject({ status: 404 });
});
