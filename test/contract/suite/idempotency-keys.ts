import { describe, expect, test } from '@jest/globals';
import { refused } from './answers.js';
import type { Given } from './given.js';

export function idempotencyKeysSuite(given: Given): void {
  describe('idempotency keys', () => {
    const options = { idempotencyKey: 'key-1' };

    test('give the same answer to the same request, with one effect', async () => {
      const space = await given.api.spaces.create({ name: 'shop', compliance: ['socs'] }, options);
      const made = await given.records();
      expect(await given.api.spaces.create({ name: 'shop', compliance: ['socs'] }, options)).toEqual(space);
      await given.api.spaces.update({ space: 'shop', description: 'changed since' });
      expect(await given.api.spaces.create({ name: 'shop', compliance: ['socs'] }, options)).toEqual(space);
      expect(await given.records()).toBe(made + 1);

      const app = await given.api.apps.create({ name: 'web', space: 'shop' }, { idempotencyKey: 'key-2' });
      expect(
        await given.api.apps.create({ space: 'shop', name: 'web' }, { idempotencyKey: 'key-2' }),
      ).toEqual(app);
      expect((await given.api.spaces.get({ space: 'shop' })).apps).toBe(1);
    });

    test('give the same refusal too, though it would go well by now', async () => {
      await given.spaceWith([]);
      const refusal = await refused(given.api.spaces.create({ name: 'shop' }, options));
      await given.api.spaces.destroy({ space: 'shop' });
      expect(await refused(given.api.spaces.create({ name: 'shop' }, options))).toEqual(refusal);
      expect(await given.spaceNames()).toEqual(['default']);
    });

    test('refuse another request', async () => {
      await given.api.spaces.create({ name: 'shop' }, options);
      for (const call of [
        given.api.spaces.create({ name: 'shop', compliance: ['socs'] }, options),
        given.api.spaces.create({ name: 'other' }, options),
        given.api.apps.create({ name: 'web', space: 'shop' }, options),
      ]) {
        expect(await refused(call)).toMatchObject({ id: 'idempotency_key_reused', status: 422 });
      }
      expect(await given.spaceNames()).toEqual(['default', 'shop']);
    });

    test('are of whoever sends them', async () => {
      await given.api.spaces.create({ name: 'shop' }, options);
      expect((await given.user.spaces.create({ name: 'other' }, options)).name).toBe('other');
    });

    test('have one effect also when all come at once', async () => {
      const answers = await Promise.all(
        Array.from({ length: 6 }, () => given.api.spaces.create({ name: 'shop' }, options)),
      );
      expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
      expect(await given.spaceNames()).toEqual(['default', 'shop']);
    });

    test.each([[''], ['a b'], ['a\nb'], ['ключ'], ['x'.repeat(256)]])(
      'are refused when they are %j',
      async (key) => {
        const refusal = await refused(given.api.spaces.create({ name: 'shop' }, { idempotencyKey: key }));
        expect(refusal).toMatchObject({ id: 'invalid_idempotency_key', status: 422 });
        expect(await given.spaceNames()).toEqual(['default']);
      },
    );
  });
}
