import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { databaseFile } from '../../src/platform/store/store.js';
import { LONG, runsWhole } from '../long-tests.js';
import { flawsOf, openTemporary, temporaryFolders } from '../platform/store/temporary.js';
import { launch, type Outcome, type Running } from './processes.js';

/** Starts processes at once and waits until all of them ended well. */
async function together(running: Running[]): Promise<Outcome[]> {
  await Promise.all(running.map((each) => each.start()));
  const outcomes = await Promise.all(running.map((each) => each.ended));
  for (const { code, stderr } of outcomes) expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return outcomes;
}

function tally(outcomes: readonly Outcome[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const line of outcomes.flatMap(({ said }) => said) as { made?: string; refused?: string }[]) {
    const kind = line.made === undefined ? (line.refused ?? JSON.stringify(line)) : 'made';
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

describe('four processes that create the same', () => {
  test.each(['space', 'app'])(
    '%s a thousand times: one succeeds, all others are told that it exists',
    async (noun) => {
      const { folders, api, raw } = openTemporary();
      const each = runsWhole('kills') ? 250 : 50;
      const outcomes = await together(
        Array.from({ length: 4 }, () => launch('create', folders, noun, String(each))),
      );
      expect(tally(outcomes)).toEqual({ made: 1, '409 exists': 4 * each - 1 });
      const named = (noun === 'space' ? await api.spaces.list() : await api.apps.list()).items;
      expect(named.filter(({ name }) => name.startsWith('same'))).toHaveLength(1);
      expect(await api.audits.verify()).toMatchObject({ ok: true, records: 4 * each + 1 });
      const times = raw
        .all<{ at: string }>("SELECT json_extract(record, '$.at') AS at FROM audit ORDER BY seq")
        .map(({ at }) => at);
      expect(times).toEqual(times.toSorted());
      expect(flawsOf(raw)).toEqual([]);
    },
    LONG,
  );

  test(
    'under one idempotency key all get the same answer, and it is done once',
    async () => {
      const { folders, api, raw } = openTemporary();
      const outcomes = await together(
        Array.from({ length: 4 }, () => launch('create', folders, 'space', '25', 'the-key')),
      );
      const ids = outcomes.flatMap(({ said }) => said.map((line) => (line as { made?: string }).made));
      expect(ids).toHaveLength(100);
      expect(new Set(ids)).toEqual(new Set([(await api.spaces.get({ space: 'same' })).id]));
      expect(await api.audits.verify()).toMatchObject({ ok: true, records: 2 });
      expect(flawsOf(raw)).toEqual([]);
    },
    LONG,
  );
});

test(
  'eight processes that open a platform at once for the first time make one, with one key',
  async () => {
    for (let round = 0; round < (runsWhole('kills') ? 20 : 3); round++) {
      const folders = temporaryFolders();
      const outcomes = await together(
        Array.from({ length: 8 }, (_, index) => launch('open', folders, String(index))),
      );
      expect(new Set(outcomes.flatMap(({ said }) => said)).size).toBe(1);
      const { api, raw, close } = openTemporary(folders);
      for (let index = 0; index < 8; index++) {
        expect(await api.configVars.get({ app: `web-by-${index}` })).toMatchObject({
          GREETING: `by-${index}`,
        });
      }
      expect(await api.audits.verify()).toMatchObject({ ok: true, records: 1 + 8 * 3 });
      expect(flawsOf(raw)).toEqual([]);
      const left = readdirSync(folders.dataDir).filter((name) => !/^platform\.db(-wal|-shm)?$/.test(name));
      expect(left).toEqual([]);
      expect(statSync(databaseFile(folders.dataDir)).nlink).toBe(1);
      expect(readdirSync(join(folders.configDir, 'keys'))).toHaveLength(1);
      close();
    }
  },
  LONG,
);
