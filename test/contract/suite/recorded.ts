import { rmSync } from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import { operations } from '../../../src/contract/endpoints.js';
import { refused } from './answers.js';
import { CHANGES, type Change, ground } from './changes.js';
import type { Given, Reach } from './given.js';

const recorded = Object.entries(CHANGES).flatMap(([name, change]) =>
  'unrecorded' in change ? [] : [{ name, change }],
);
const refusable = recorded.flatMap(({ name, change }) =>
  typeof change.refused === 'function' ? [{ name, change, refuse: change.refused }] : [],
);

/** Who the administrator is: the user of the socket, or whom the token stands for. */
const ADMIN: Readonly<Record<string, string>> = { cli: 'adam', unix: 'ann', 'tcp 127.0.0.1': 'adam' };

/** Reaches platforms with what {@link ground} makes, which is made once and copied. */
export function grounded(reach: Reach): Reach {
  let made: Promise<string> | undefined;
  afterAll(async () => {
    if (made !== undefined) rmSync(await made, { recursive: true });
  });
  const make = async (): Promise<string> => {
    const reached = await reach();
    await ground(reached.admin, reached.user, (app) => reached.built(app));
    return reached.keep();
  };
  return async () => reach(await (made ??= make()));
}

/** `given` has platforms that are {@link grounded}. */
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
      const before = await given.records();
      await change.done(given.api);
      const record = await expectRecord(change, before, 'done');
      expect(record).toMatchObject({ username: ADMIN[given.origin], role: 'admin', origin: given.origin });
      expect(await given.api.audits.verify()).toMatchObject({ ok: true });
    });

    test.each(refusable)('$name leaves a record of what was refused, and why', async ({ change, refuse }) => {
      const before = await given.records();
      const { id, message, status } = await refused(refuse(given.api, given.user));
      expect([403, 404, 409]).toContain(status);
      const { details } = await expectRecord(change, before, 'refused');
      expect(details).toMatchObject({ id, reason: message });
      expect(await given.records()).toBe(before + 1);
    });
  });
}
