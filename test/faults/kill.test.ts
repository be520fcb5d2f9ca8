import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { databaseFile, type Folders } from '../../src/platform/store/store.js';
import { LONG, runsWhole } from '../long-tests.js';
import { flawsOf, openTemporary, temporaryFolder, temporaryFolders } from '../platform/store/temporary.js';
import { inTurns, launch } from './processes.js';
import { FULL_BLOCK, perform, STEPS, visible } from './workload.js';

const WHOLE = runsWhole('kills');

/** A platform as the workload wants it, and what can be seen of it before and after each step. */
let template: Folders;
const states: unknown[] = [];

beforeAll(async () => {
  const platform = openTemporary();
  await platform.api.spaces.create({ name: 'full' });
  for (let n = 0; n < FULL_BLOCK; n++) await platform.api.apps.create({ name: `a${n}`, space: 'full' });
  platform.close();
  template = platform.folders;

  const run = openTemporary(copyOf(template));
  states.push(await visible(run.api));
  for (const step of STEPS) {
    await perform(run.api, step);
    states.push(await visible(run.api));
  }
  run.close();
}, LONG);

const points: string[] = [];
// How the points spread belongs to the result: it is what the test is worth.
afterAll(() => void process.stderr.write(`killed at: ${points.join(', ')}\n`));

/** The same data once more. The key belongs to both. */
function copyOf({ dataDir, configDir }: Folders): Folders {
  const copy = { dataDir: join(temporaryFolder(), 'data'), configDir };
  cpSync(dataDir, copy.dataDir, { recursive: true });
  return copy;
}

/** Every `stride`th number below `count`, beginning anywhere. */
function spread(count: number, wanted: number): number[] {
  const stride = WHOLE ? 1 : Math.max(1, Math.floor(count / wanted));
  const first = Math.floor(Math.random() * stride);
  return Array.from({ length: count }, (_, point) => point).filter((point) => point % stride === first);
}

async function pointsOf(folders: Folders, ...rest: string[]): Promise<number> {
  const { said, code, stderr } = await launch('work', folders, '-1', ...rest).ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return (said.at(-1) as { points: number }).points;
}

describe('a process killed (kill -9)', () => {
  test(
    'at every call to SQLite or the file system while it makes changes leaves each of them whole or absent',
    async () => {
      const count = await pointsOf(copyOf(template));
      expect(count).toBeGreaterThan(200);
      const chosen = spread(count, 60);
      await inTurns(chosen, 2, async (point) => {
        const folders = copyOf(template);
        const { said, signal, stderr } = await launch('work', folders, String(point)).ended;
        expect({ point, signal, stderr }).toEqual({ point, signal: 'SIGKILL', stderr: '' });

        const acknowledged = said.filter((line) => line === 'done').length;
        const { api, raw, close } = openTemporary(folders);
        const found = JSON.stringify(await visible(api));
        const nth = [acknowledged, acknowledged + 1].find((n) => JSON.stringify(states[n]) === found);
        if (nth === undefined) expect(JSON.parse(found)).toEqual(states[acknowledged]);
        expect(flawsOf(raw)).toEqual([]);
        expect(await api.audits.verify()).toMatchObject({ ok: true });

        // Whoever asked repeats what was not answered, and goes on.
        for (const [index, step] of STEPS.entries()) {
          const isUnknown = index === acknowledged && ![2, 8, 9, 10].includes(index);
          if (index >= (nth ?? 0) || isUnknown) await perform(api, step);
        }
        expect(await visible(api)).toEqual(states.at(-1));
        expect(flawsOf(raw)).toEqual([]);
        close();
      });
      points.push(`${chosen.length} of ${count} calls of spaces:create, apps:create and other changes`);
    },
    LONG,
  );

  test(
    'at every call while it makes a new platform leaves none or a whole one, and nothing that stays',
    async () => {
      const count = await pointsOf(temporaryFolders(), 'open only');
      const chosen = spread(count, 30);
      await inTurns(chosen, 2, async (point) => {
        const folders = temporaryFolders();
        const { signal, stderr } = await launch('work', folders, String(point), 'open only').ended;
        expect({ point, signal, stderr }).toEqual({ point, signal: 'SIGKILL', stderr: '' });
        const { api, raw, close } = openTemporary(folders);
        await api.apps.create({ name: 'web', space: 'default' });
        await api.configVars.patch({ app: 'web-default', vars: { GREETING: 'hello' } });
        expect(await api.audits.verify()).toMatchObject({ ok: true, records: 3 });
        expect(flawsOf(raw)).toEqual([]);
        close();
        const left = readdirSync(folders.dataDir).filter((name) => !/^platform\.db(-wal|-shm)?$/.test(name));
        expect({ point, left }).toEqual({ point, left: [] });
      });
      points.push(`${chosen.length} of ${count} calls of the first opening`);
    },
    LONG,
  );

  test(
    'at any moment while it and another one create without end loses nothing that was answered',
    async () => {
      const folders = temporaryFolders();
      openTemporary(folders).close();
      let answered = 0;
      const kills = WHOLE ? 60 : 12;
      for (let round = 0; round < kills; round++) {
        const victim = launch('loop', folders, `${round}a`);
        const survivor = launch('loop', folders, `${round}b`);
        const both = [victim, survivor];
        try {
          await Promise.all(both.map((each) => each.start()));
          await victim.saidMoreThan(Math.random() * 40);
          victim.kill();
          await victim.ended;
          await survivor.saidMoreThan(survivor.said.length + 3);
        } finally {
          for (const each of both) each.kill();
          await Promise.all(both.map((each) => each.ended));
        }

        const { api, raw, close } = openTemporary(folders);
        const there = new Set(
          [(await api.spaces.list()).items, (await api.apps.list()).items].flat().map(({ name }) => name),
        );
        const told = both.flatMap(({ said }) => said as string[]);
        answered += told.length;
        expect(told.filter((name) => !there.has(name))).toEqual([]);
        expect(await api.audits.verify()).toMatchObject({ ok: true });
        expect(flawsOf(raw)).toEqual([]);
        close();
      }
      expect(answered).toBeGreaterThan(kills * 3);
      points.push(`${kills * 2} random moments among ${answered} creations`);
    },
    LONG,
  );
});

describe('a write-ahead log that ends anywhere', () => {
  // WAL format (SQLite file format, 4.1): a header, then frames of a header and a page.
  const [HEADER, FRAME] = [32, 24 + 4096];

  test(
    'as a process killed within a commit leaves it, is the state before that commit or after it',
    async () => {
      const { api, folders, close } = openTemporary(copyOf(template));
      const wal = `${databaseFile(folders.dataDir)}-wal`;
      // The log of the copy is folded into its file first, so that every page of what follows is in the log.
      const raw = openTemporary(folders).raw;
      raw.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      const base = copyOf(folders);
      const ends = [0];
      for (const step of STEPS) {
        await perform(api, step);
        ends.push(readFileSync(wal).length);
      }
      const log = readFileSync(wal);
      const frames = (log.length - HEADER) / FRAME;
      const cuts = Array.from({ length: frames + 1 }, (_, frame) => HEADER + frame * FRAME).flatMap((end) =>
        [end - 1, end, end + 12, end + 24 + 2048].filter((cut) => cut >= 0 && cut <= log.length),
      );
      const chosen = WHOLE ? cuts : cuts.filter((_, index) => index % 4 === Math.floor(index / 4) % 4);
      for (const cut of chosen) {
        const cutData = join(temporaryFolder(), 'data');
        mkdirSync(cutData, { mode: 0o700 });
        const cutFile = databaseFile(cutData);
        copyFileSync(databaseFile(base.dataDir), cutFile);
        writeFileSync(`${cutFile}-wal`, log, { mode: 0o600 });
        truncateSync(`${cutFile}-wal`, cut);
        const { api: after, raw: flawless, close: done } = openTemporary({ ...folders, dataDir: cutData });
        const whole = ends.findLastIndex((end) => end <= cut);
        expect({ cut, state: await visible(after) }).toEqual({ cut, state: states[whole] });
        expect(flawsOf(flawless)).toEqual([]);
        done();
      }
      close();
      points.push(`${chosen.length} of ${cuts.length} places within the commits of ${STEPS.length} changes`);
    },
    LONG,
  );
});
