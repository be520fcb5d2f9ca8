import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { link } from '../../../src/platform/audit/chain.js';
import type { Database } from '../../../src/platform/store/database.js';
import { databaseFile } from '../../../src/platform/store/store.js';
import { openTemporary, type Temporary, temporaryFolders } from '../store/temporary.js';
import { fillLog, UNGUARDED } from './filled.js';

const RECORDS = 1000;

type Row = { seq: number; record: Uint8Array; hash: string };

function filled(): Temporary {
  const folders = temporaryFolders();
  fillLog(folders, RECORDS);
  const temporary = openTemporary(folders);
  temporary.raw.exec(UNGUARDED);
  return temporary;
}

function rowOf(raw: Database, seq: number): Row {
  const row = raw.get<Row>('SELECT seq, CAST(record AS BLOB) AS record, hash FROM audit WHERE seq = ?', seq);
  if (row === undefined) throw new Error(`There is no record ${seq}.`);
  return row;
}

/** Does something to the log, and undoes it when it was looked at. */
async function tampered<R>(raw: Database, tamper: () => void, look: () => Promise<R>): Promise<R> {
  raw.exec('CREATE TEMP TABLE saved AS SELECT seq, record, hash FROM audit');
  try {
    tamper();
    return await look();
  } finally {
    raw.transaction(() => {
      raw.exec(
        'DELETE FROM audit; INSERT INTO audit (seq, record, hash) SELECT seq, record, hash FROM saved',
      );
    });
    raw.exec('DROP TABLE saved');
  }
}

const records = fc.integer({ min: 1, max: RECORDS });

test('one flipped bit anywhere in the text, the hash or the number of a record is found, and the record named', async () => {
  const { api, raw } = filled();
  await fc.assert(
    fc.asyncProperty(
      records,
      fc.constantFrom('record', 'hash'),
      fc.nat(),
      fc.nat(7),
      async (seq, column, nth, bit) => {
        const row = rowOf(raw, seq);
        const bytes = Buffer.from(column === 'record' ? row.record : Buffer.from(row.hash));
        bytes[nth % bytes.length] = Number(bytes[nth % bytes.length]) ^ (1 << bit);
        const sql = `UPDATE audit SET ${column} = CAST(? AS TEXT) WHERE seq = ?`;
        const verdict = await tampered(
          raw,
          () => raw.run(sql, bytes, seq),
          () => api.audits.verify(),
        );
        expect(verdict).toMatchObject({ ok: false, records: seq - 1, broken: { seq } });
      },
    ),
    { numRuns: 100 },
  );
  await fc.assert(
    fc.asyncProperty(records, fc.nat(63), async (seq, bit) => {
      const other = BigInt.asIntN(64, BigInt(seq) ^ (1n << BigInt(bit)));
      const move = () => {
        raw.exec(`UPDATE audit SET seq = -9 WHERE seq = ${other}`);
        raw.exec(`UPDATE audit SET seq = ${other} WHERE seq = ${seq}`);
        raw.exec(`UPDATE audit SET seq = ${seq} WHERE seq = -9`);
      };
      const { ok, broken } = await tampered(raw, move, () => api.audits.verify());
      // The number of a record that is there is taken from it; a larger one leaves a gap; none is below the first.
      const named = other < 1n ? 1 : Math.min(seq, Number(other));
      expect({ ok, seq: broken?.seq }).toEqual({ ok: false, seq: named });
    }),
    {
      numRuns: 60,
      examples: [
        [RECORDS, 63],
        [RECORDS, 60],
      ],
    },
  );
  expect(await api.audits.verify()).toMatchObject({ ok: true, records: RECORDS });
});

test('so is one in the file of the database', async () => {
  const folders = temporaryFolders();
  fillLog(folders, RECORDS);
  const { raw, close } = openTemporary(folders);
  raw.exec('VACUUM');
  expect(raw.checkpoint()).toBe(true);
  close();
  const whole = readFileSync(databaseFile(folders.dataDir));
  await fc.assert(
    fc.asyncProperty(records, fc.integer({ min: 0, max: 200 }), fc.nat(7), async (seq, offset, bit) => {
      // What a page that was split still has of it comes before.
      const start = whole.lastIndexOf(`{"seq":${seq},"salt"`);
      expect(start).toBeGreaterThan(0);
      const at = start + offset;
      const bytes = Buffer.from(whole);
      bytes[at] = Number(bytes[at]) ^ (1 << bit);
      // A place of its own each time, which no earlier connection remembers anything of.
      const { dataDir } = temporaryFolders();
      mkdirSync(dataDir, { recursive: true, mode: 0o700 });
      writeFileSync(databaseFile(dataDir), bytes, { mode: 0o600 });
      const { api, close: end } = openTemporary({ ...folders, dataDir });
      const verdict = await api.audits.verify();
      end();
      expect(verdict).toMatchObject({ ok: false, broken: { seq } });
    }),
    { numRuns: 25 },
  );
});

test('records that were swapped, doubled, taken out or written anew are found, and the first that is wrong is named', async () => {
  const { api, raw } = filled();
  const head = (await api.audits.verify()).head;
  const copy = (from: number, to: number): void => {
    const { record, hash } = rowOf(raw, from);
    raw.run('UPDATE audit SET record = CAST(? AS TEXT), hash = ? WHERE seq = ?', record, hash, to);
  };
  const inner = fc.integer({ min: 2, max: RECORDS - 1 });
  await fc.assert(
    fc.asyncProperty(inner, fc.nat(4), async (seq, kind) => {
      const { record, hash } = rowOf(raw, seq);
      const tampers = [
        () => {
          copy(seq + 1, seq);
          raw.run('UPDATE audit SET record = CAST(? AS TEXT), hash = ? WHERE seq = ?', record, hash, seq + 1);
        },
        () => copy(seq - 1, seq),
        () => raw.run('DELETE FROM audit WHERE seq = ?', seq),
        () => {
          raw.run('DELETE FROM audit WHERE seq = ?', seq);
          for (let next = seq + 1; next <= RECORDS; next++) {
            raw.run('UPDATE audit SET seq = ? WHERE seq = ?', next - 1, next);
          }
        },
        () => {
          const text = Buffer.from(record).toString().replace('"ann"', '"eve"');
          const before = rowOf(raw, seq - 1).hash;
          raw.run('UPDATE audit SET record = ?, hash = ? WHERE seq = ?', text, link(before, text), seq);
        },
      ];
      const verdict = await tampered(
        raw,
        () => tampers[kind]?.(),
        () => api.audits.verify({ against: head }),
      );
      // With a hash of its own made anew, it is the next one that no longer fits.
      const first = kind === 4 ? seq + 1 : seq;
      expect(verdict).toMatchObject({ ok: false, broken: { seq: first }, against: { found: false } });
    }),
    { numRuns: 25 },
  );
});

test('records that were cut off at the end show against an earlier head, and only so', async () => {
  const { api, raw } = filled();
  await fc.assert(
    fc.asyncProperty(records, records, async (kept, seq) => {
      const against = rowOf(raw, seq).hash;
      const cut = () => raw.run('DELETE FROM audit WHERE seq > ?', kept);
      const [alone, compared] = await tampered(raw, cut, async () => [
        await api.audits.verify(),
        await api.audits.verify({ against }),
      ]);
      expect(alone).toMatchObject({ ok: true, records: kept });
      expect(compared).toMatchObject({
        ok: seq <= kept,
        against: seq <= kept ? { head: against, found: true, seq } : { head: against, found: false },
      });
    }),
    { numRuns: 25 },
  );
});

test('a whole log that was written anew from some record on shows against a head of then', async () => {
  const { api, raw } = filled();
  const { head } = await api.audits.verify();
  const forge = (): void => {
    let before = rowOf(raw, 499).hash;
    for (let seq = 500; seq <= RECORDS; seq++) {
      const text = Buffer.from(rowOf(raw, seq).record).toString().replace('"ann"', '"eve"');
      before = link(before, text);
      raw.run('UPDATE audit SET record = ?, hash = ? WHERE seq = ?', text, before, seq);
    }
  };
  const verdict = await tampered(raw, forge, () => api.audits.verify({ against: head }));
  expect(verdict).toMatchObject({ ok: false, records: RECORDS, against: { found: false } });
  expect(verdict.broken).toBeUndefined();
});

test('a record that can not be read any more keeps none of the others from being listed or exported', async () => {
  const { api, raw } = filled();
  // Without what is made of the text.
  raw.exec('ALTER TABLE audit ADD COLUMN space TEXT');
  const broken = () => raw.run("UPDATE audit SET record = 'no JSON' WHERE seq = 500");
  await tampered(raw, broken, async () => {
    const listed = await api.audits.list({ size: RECORDS });
    expect(listed).toHaveLength(RECORDS);
    expect(listed.find(({ seq }) => seq === 500)).toMatchObject({ action: 'unreadable', info: 'no JSON' });
    const lines: unknown[] = [];
    for await (const line of await api.audits.export({ space: 'default' })) lines.push(line);
    expect(lines).toHaveLength(RECORDS);
    expect(JSON.stringify(lines)).not.toContain('no JSON');
  });
});

test.each([
  ['record', RECORDS],
  ['hash', RECORDS],
  ['record', 7],
])('what is put behind the end of a %s is found, and the record named', async (column, seq) => {
  const { api, raw } = filled();
  raw.exec(`UPDATE audit SET ${column} = ${column} || char(0) || 'and more' WHERE seq = ${seq}`);
  expect(await api.audits.verify()).toMatchObject({ ok: false, broken: { seq } });
});

test('a log from which everything was taken is not whole', async () => {
  const { api, raw } = filled();
  raw.exec('DELETE FROM audit');
  expect(await api.audits.verify()).toMatchObject({
    ok: false,
    records: 0,
    broken: { seq: 1, reason: 'record 1 is missing' },
  });
});
