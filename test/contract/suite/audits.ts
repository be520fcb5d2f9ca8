import { describe, expect, test } from '@jest/globals';
import { refused } from './answers.js';
import type { Given } from './given.js';

export function auditsSuite(given: Given): void {
  describe('audits', () => {
    test('have a record of every change and every refusal, newest first, with who and where', async () => {
      const before = await given.records();
      await given.spaceWith(['web']);
      await refused(given.api.spaces.create({ name: 'shop' }));
      await refused(given.user.apps.update({ app: 'web-shop', space: 'default' }));
      const events = await given.api.audits.list({ size: 4 });
      expect(events).toMatchObject([
        { action: 'app.update', app: 'web', space: 'shop', outcome: 'refused', username: 'ursula' },
        { action: 'space.create', space: 'shop', outcome: 'refused' },
        { action: 'app.create', app: 'web', space: 'shop', outcome: 'done' },
        { action: 'space.create', space: 'shop', outcome: 'done' },
      ]);
      expect(await given.records()).toBe(before + 4);
      expect(events.map(({ seq = 0 }) => seq)).toEqual([4, 3, 2, 1].map((n) => before + n));
    });

    test('are chained, and can be checked', async () => {
      await given.spaceWith(['web']);
      const [newest] = await given.api.audits.list({ size: 1 });
      expect(await given.api.audits.verify()).toEqual({ ok: true, records: newest?.seq, head: newest?.hash });
    });

    test('are the ten newest unless told, and of a space, app or user if asked', async () => {
      await given.spaceWith(['web'], { name: 'shop' });
      await given.spaceWith(['web', 'api'], { name: 'bank' });
      for (let i = 0; i < 8; i++) await given.user.spaces.update({ space: 'shop', description: String(i) });
      expect(await given.api.audits.list()).toHaveLength(10);
      const size = 100;
      const of = async (filter: object) =>
        (await given.api.audits.list({ size, ...filter })).map(({ action }) => action);
      expect(await of({ space: 'bank' })).toEqual(['app.create', 'app.create', 'space.create']);
      expect(await of({ app: 'web-bank' })).toEqual(['app.create']);
      expect(await of({ app: 'web' })).toEqual(['app.create', 'app.create']);
      expect(await of({ user: 'ursula' })).toEqual(Array.from({ length: 8 }, () => 'space.update'));
      expect(await of({ user: 'nobody' })).toEqual([]);
    });

    test.each([[{ size: 0 }], [{ size: 10_001 }], [{ since: 'yesterday' }]])('refuse %j', async (filter) => {
      expect((await refused(given.api.audits.list(filter as object))).status).toBe(422);
    });

    test('have none of what could never be right', async () => {
      const before = await given.records();
      await refused(given.api.spaces.create({ name: '!' }));
      await refused(given.api.spaces.create({ name: 'shop', x: 1 } as { name: string }));
      expect(await given.records()).toBe(before);
    });
  });
}
