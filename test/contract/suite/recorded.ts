import { describe, expect, test } from '@jest/globals';
import { operations } from '../../../src/contract/endpoints.js';
import { refused } from './answers.js';
import { CHANGES, type Change, ground } from './changes.js';
import type { Given } from './given.js';

const recorded = Object.entries(CHANGES).flatMap(([name, change]) =>
  'unrecorded' in change ? [] : [{ name, change }],
);
const refusable = recorded.flatMap(({ name, change }) =>
  typeof change.refused === 'function' ? [{ name, change, refuse: change.refused }] : [],
);

/** Who the administrator is: the user of the socket, or whom the token stands for. */
const ADMIN: Readonly<Record<string, string>> = { cli: 'adam', unix: 'ann', 'tcp 127.0.0.1': 'adam' };

export function recordedSuite(given: Given): void {
  /** The record of a change, which is the newest. */
  const expectRecord = async (change: Change, before: number, outcome: string) => {
    const { action } = change;
    const [space, app] = [change.space ?? null, change.app ?? null];
    const [event] = await given.api.audits.list({ size: 1 });
    expect(event).toMatchObject({ action, outcome, space, app });
    expect(event?.seq).toBeGreaterThan(before);
    const record = JSON.parse(event?.info ?? '{}') as Record<string, unknown>;
    expect(record).toMatchObject({ seq: event?.seq, action, outcome, space, app });
    return record;
  };

  describe('every operation that changes something', () => {
    test('is known here, so that it says what its records are', () => {
      const changing = operations.filter(({ endpoint }) => endpoint.method !== 'GET').map(({ name }) => name);
      expect(Object.keys(CHANGES).toSorted()).toEqual([...changing, 'sources.upload'].toSorted());
    });

    test.each(recorded)('$name leaves a record of what was done', async ({ change }) => {
      await ground(given.api, (app) => given.built(app));
      const before = await given.records();
      await change.done(given.api);
      const record = await expectRecord(change, before, 'done');
      expect(record).toMatchObject({ username: ADMIN[given.origin], role: 'admin', origin: given.origin });
      expect(await given.api.audits.verify()).toMatchObject({ ok: true });
    });

    test.each(refusable)('$name leaves a record of what was refused, and why', async ({ change, refuse }) => {
      await ground(given.api, (app) => given.built(app));
      const before = await given.records();
      const { id, message, status } = await refused(refuse(given.api, given.user));
      expect([403, 404, 409]).toContain(status);
      const { details } = await expectRecord(change, before, 'refused');
      expect(details).toMatchObject({ id, reason: message });
      expect(await given.records()).toBe(before + 1);
    });
  });
}
