import { describe, expect, test } from '@jest/globals';
import { refused } from './answers.js';
import type { Given } from './given.js';

export function platformSuite(given: Given): void {
  describe('platform and account', () => {
    test('says what the platform is and can do', async () => {
      const info = await given.api.platform.info();
      expect(info).toMatchObject({ name: 'embedded', app_key_max: 63 });
      expect(info.version).toMatch(/^\d+\.\d+\.\d+/);
      expect(info.capabilities).toEqual(
        expect.arrayContaining(['spaces.update', 'spaces.destroy', 'spaces.discovery']),
      );
    });

    test('has the capacity that an administrator says, and refuses what would never fit', async () => {
      const memory = 1024 ** 3;
      await given.spaceWith(['web']);
      expect(await given.api.platform.settings()).toMatchObject({
        capacity_memory: null,
        capacity_cpu: null,
      });
      await given.api.platform.configure({ capacity_memory: memory, capacity_cpu: 0.5 });
      const large = { app: 'web-shop', type: 'web', size: 'gp3' };
      expect(await refused(given.api.formations.create(large))).toMatchObject({ id: 'too_big', status: 409 });
      const { id } = await given.api.formations.create({ ...large, size: 'gp2' });
      expect(await refused(given.api.formations.update(large))).toMatchObject({ id: 'too_big', status: 409 });
      expect(await given.api.formations.list({ app: 'web-shop' })).toMatchObject([{ id, size: 'gp2' }]);
      const [newest] = await given.api.audits.list({ size: 1 });
      expect(newest).toMatchObject({ action: 'formation.update', outcome: 'refused', app: 'web' });

      for (const capacity of [
        { capacity_memory: 1 },
        { capacity_memory: 0.5 * 1024 ** 3 + 0.5 },
        { capacity_cpu: 0 },
      ]) {
        expect(await refused(given.api.platform.configure(capacity))).toMatchObject({
          id: 'invalid_setting',
          status: 422,
        });
      }
      expect(await refused(given.user.platform.configure({ capacity_memory: null }))).toMatchObject({
        status: 403,
      });
      expect(await given.api.platform.settings()).toMatchObject({
        capacity_memory: memory,
        capacity_cpu: 0.5,
      });
      const after = await given.api.platform.configure({ capacity_memory: null, capacity_cpu: null });
      expect(after).toMatchObject({ capacity_memory: null, capacity_cpu: null });
    });

    test('says who is asking, and whether they are an administrator', async () => {
      expect(await given.api.account.get()).toMatchObject({ elevated_access: true });
      expect(await given.user.account.get()).toMatchObject({ name: 'ursula', elevated_access: false });
    });
  });
}
