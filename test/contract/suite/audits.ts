import { describe, expect, test } from '@jest/globals';
import type { AuditLines } from '../../../src/contract/apps-api.js';
import type { AuditLine, AuditVerdict } from '../../../src/contract/wire.js';
import { auditLineText } from '../../../src/model/audit-line.js';
import { verifyExport } from '../../../src/platform/audit/exported.js';
import { missing, refused } from './answers.js';
import type { Given } from './given.js';

async function exported(lines: Promise<AuditLines>): Promise<AuditLine[]> {
  const all: AuditLine[] = [];
  for await (const line of await lines) all.push(line);
  return all;
}

/** The verdict on a file with these lines. */
async function checked(lines: readonly AuditLine[]): Promise<AuditVerdict> {
  const file = async function* () {
    yield Buffer.from(lines.map((line) => `${auditLineText(line)}\n`).join(''));
  };
  return verifyExport(file());
}

function timeOf(record: string | undefined): string | undefined {
  return record === undefined ? undefined : (JSON.parse(record) as { at: string }).at;
}

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

    test.each([[{ size: 0 }], [{ size: 10_001 }], [{ since: 'yesterday' }], [{ since: '2026-02-30' }]])(
      'refuse %j',
      async (filter) => {
        expect((await refused(given.api.audits.list(filter as object))).status).toBe(422);
      },
    );

    test('are of a time on if asked, together with all else that is asked', async () => {
      await given.spaceWith(['web'], { name: 'shop' });
      await given.spaceWith(['web'], { name: 'bank' });
      const all = await given.api.audits.list({ size: 100 });
      const third = all.find(({ action, space }) => action === 'space.create' && space === 'bank');
      const since = third?.received_at ?? '';
      const later = all.filter(({ received_at: at }) => at >= since);
      expect(later.length).toBeLessThan(all.length);
      expect(await given.api.audits.list({ size: 100, since })).toEqual(later);
      expect(await given.api.audits.list({ size: 100, since, space: 'shop' })).toEqual(
        later.filter(({ space }) => space === 'shop'),
      );
      expect(await given.api.audits.list({ since, app: 'web-bank' })).toEqual(
        later.filter(({ app }) => app === 'web'),
      );
      expect(await given.api.audits.list({ size: 1, since: '1h' })).toEqual(all.slice(0, 1));
      expect(await given.api.audits.list({ since: '2999-01-01' })).toEqual([]);
    });

    test('have every head that they had, and no other', async () => {
      await given.spaceWith(['web']);
      const { head, records } = await given.api.audits.verify();
      await given.spaceWith([], { name: 'bank' });
      expect(await given.api.audits.verify({ against: head })).toMatchObject({
        ok: true,
        records: records + 1,
        against: { head, found: true, seq: records },
      });
      const against = 'f'.repeat(64);
      expect(await given.api.audits.verify({ against })).toMatchObject({
        ok: false,
        records: records + 1,
        against: { head: against, found: false },
      });
      expect((await refused(given.api.audits.verify({ against: 'f' }))).status).toBe(422);
    });

    test('are exported whole, or those of a space among digests of the others, and need no platform to be checked', async () => {
      await given.spaceWith(['web'], { name: 'shop' });
      await given.spaceWith([], { name: 'bank', description: 'of \u202e money' });
      const [newest, ...earlier] = await given.api.audits.list({ size: 100 });
      const all = await exported(given.api.audits.export());
      expect(all.map(({ record }) => record)).toEqual(
        [newest, ...earlier].map((event) => event?.info).toReversed(),
      );
      expect(await checked(all)).toMatchObject({ ok: true, hidden: 0, head: newest?.hash });

      const bank = await exported(given.api.audits.export({ space: 'Bank' }));
      expect(bank.map(({ record }) => record !== undefined)).toEqual(
        [newest, ...earlier].map((event) => event?.space === 'bank').toReversed(),
      );
      expect(await checked(bank)).toMatchObject({
        ok: true,
        records: all.length,
        hidden: all.length - 1,
        unchecked: 0,
        head: newest?.hash,
      });

      const since = newest?.received_at ?? '';
      const late = await exported(given.api.audits.export({ since }));
      expect(late).toEqual(all.slice(all.findIndex(({ record }) => (timeOf(record) ?? '') >= since)));
      expect(await checked(late)).toMatchObject({ ok: true, records: late.length });
      expect(await exported(given.api.audits.export({ since: '2999-01-01' }))).toEqual([]);
    });

    test('of a space that is gone are exported, and those of one that never was are not', async () => {
      await given.spaceWith([], { name: 'bank' });
      await given.api.spaces.destroy({ space: 'bank' });
      const told = (await exported(given.api.audits.export({ space: 'bank' }))).filter(
        ({ record }) => record,
      );
      expect(told).toHaveLength(2);
      // That something was refused in it does not make it one.
      await refused(given.api.apps.create({ name: 'web', space: 'nowhere' }));
      expect(await refused(given.api.audits.export({ space: 'nowhere' }))).toMatchObject(
        missing('space', 'nowhere'),
      );
      expect((await refused(given.api.audits.export({ since: 'yesterday' }))).status).toBe(422);
    });

    test('of all spaces are for administrators; that somebody else asked is recorded', async () => {
      expect(await refused(given.user.audits.export())).toMatchObject({
        id: 'administrators_only',
        status: 403,
      });
      const [event] = await given.api.audits.list({ size: 1 });
      expect(event).toMatchObject({ action: 'access.refuse', outcome: 'refused', username: 'ursula' });
      expect(JSON.parse(event?.info ?? '{}')).toMatchObject({ details: { look: 'audits.export' } });
    });

    test('have none of what could never be right', async () => {
      const before = await given.records();
      await refused(given.api.spaces.create({ name: '!' }));
      await refused(given.api.spaces.create({ name: 'shop', x: 1 } as { name: string }));
      expect(await given.records()).toBe(before);
    });
  });
}
