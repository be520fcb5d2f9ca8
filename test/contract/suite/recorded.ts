import { describe, expect, test } from '@jest/globals';
import { operations } from '../../../src/contract/endpoints.js';
import type { AuditEvent } from '../../../src/contract/wire.js';
import { refused } from './answers.js';
import { CHANGES, type Change, ground } from './changes.js';
import type { Given } from './given.js';

const recorded = Object.entries(CHANGES).flatMap(([name, change]) =>
  'unrecorded' in change ? [] : [{ name, change }],
);
const refusable = recorded.flatMap(({ name, change }) =>
  typeof change.refused === 'function' ? [{ name, change, refuse: change.refused }] : [],
);

export function recordedSuite(given: Given): void {
  describe('every operation that changes something', () => {
    const newest = async (): Promise<AuditEvent | undefined> => (await given.api.audits.list({ size: 1 }))[0];

    /** The record of one, and that it is the only new one of that kind. */
    const expectRecord = async (change: Change, before: number, outcome: string) => {
      const { action } = change;
      const [space, app] = [change.space ?? null, change.app ?? null];
      const event = await newest();
      expect(event).toMatchObject({ action, outcome, space, app });
      expect(event?.seq).toBeGreaterThan(before);
      const record = JSON.parse(event?.info ?? '{}') as Record<string, unknown>;
      const origin: unknown = expect.stringMatching(/^(?:cli|unix|tcp 127\.0\.0\.1)$/);
      expect(record).toMatchObject({ seq: event?.seq, action, outcome, space, app, origin });
      return record;
    };

    test('is known here, so that it says what its records are', () => {
      const changing = operations.filter(({ endpoint }) => endpoint.method !== 'GET').map(({ name }) => name);
      expect(Object.keys(CHANGES).toSorted()).toEqual([...changing, 'sources.upload'].toSorted());
    });

    test.each(recorded)('$name leaves a record of what was done', async ({ change }) => {
      await ground(given.api, given.built);
      const before = await given.records();
      await change.done(given.api);
      await expectRecord(change, before, 'done');
      expect(await given.api.audits.verify()).toMatchObject({ ok: true });
    });

    test.each(refusable)('$name leaves a record of what was refused, and why', async ({ change, refuse }) => {
      await ground(given.api, given.built);
      const before = await given.records();
      const { id, message, status } = await refused(refuse(given.api, given.user));
      expect([403, 404, 409]).toContain(status);
      const { details } = await expectRecord(change, before, 'refused');
      expect(details).toMatchObject({ id, reason: message });
      expect(await given.records()).toBe(before + 1);
    });
  });
}
