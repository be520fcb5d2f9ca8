import { describe, expect, test } from '@jest/globals';
import { DISCOVERY_BYTES_MAX } from '../../../src/model/discovery.js';
import { missing, refused, UUID } from './answers.js';
import type { Given } from './given.js';

export function discoverySuite(given: Given): void {
  describe('discovery', () => {
    test('gives every app of a space a place of its own, for its life', async () => {
      const space = await given.spaceWith(['web', 'api']);
      const found = await given.api.spaces.discovery({ space: 'shop' });
      expect(found).toMatchObject({
        space: { id: space.id, name: 'shop' },
        bytes_max: DISCOVERY_BYTES_MAX,
      });
      expect(found.apps).toEqual([
        {
          id: expect.stringMatching(UUID),
          name: 'api',
          host: expect.stringMatching(/^\d+(\.\d+){3}$/),
          port: expect.any(Number),
          web_url: 'https://api-shop.local.localhost:8443',
        },
        {
          id: expect.stringMatching(UUID),
          name: 'web',
          host: expect.stringMatching(/^\d+(\.\d+){3}$/),
          port: expect.any(Number),
          web_url: 'https://web-shop.local.localhost:8443',
        },
      ]);
      const [first, second] = found.apps;
      expect(`${first?.host}:${first?.port}`).not.toBe(`${second?.host}:${second?.port}`);
      await given.api.apps.create({ name: 'another', space: 'shop' });
      await given.api.apps.destroy({ app: 'api-shop' });
      const later = await given.api.spaces.discovery({ space: space.id });
      expect(later.apps.find(({ name }) => name === 'web')).toEqual(second);
    });

    test('gives the place of an app that is gone to the next one', async () => {
      await given.spaceWith(['web']);
      const [before] = (await given.api.spaces.discovery({ space: 'shop' })).apps;
      await given.api.apps.destroy({ app: 'web-shop' });
      await given.api.apps.create({ name: 'api', space: 'shop' });
      const [after] = (await given.api.spaces.discovery({ space: 'shop' })).apps;
      expect(after).toMatchObject({ name: 'api', host: before?.host, port: before?.port });
    });

    test('counts what the vars take in an environment', async () => {
      await given.spaceWith([]);
      expect((await given.api.spaces.discovery({ space: 'shop' })).bytes).toBe(0);
      await given.api.apps.create({ name: 'web', space: 'shop' });
      const { apps, bytes } = await given.api.spaces.discovery({ space: 'shop' });
      const [web] = apps;
      expect(bytes).toBe(`WEB_SERVICE_HOST=${web?.host}\0WEB_SERVICE_PORT=${web?.port}\0`.length);
    });

    test('is not there for a space that is not', async () => {
      expect(await refused(given.api.spaces.discovery({ space: 'shop' }))).toMatchObject(
        missing('space', 'shop'),
      );
    });
  });
}
