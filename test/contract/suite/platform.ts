import { describe, expect, test } from '@jest/globals';
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

    test('says who is asking, and whether they are an administrator', async () => {
      expect(await given.api.account.get()).toMatchObject({ elevated_access: true });
      expect(await given.user.account.get()).toMatchObject({ name: 'ursula', elevated_access: false });
    });
  });
}
