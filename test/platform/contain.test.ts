import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { DAEMON } from '../../src/platform/caller.js';
import { keepLastWords } from '../../src/platform/daemon/last-words.js';
import { lastWordsFile } from '../../src/platform/daemon/launch.js';
import type { Surroundings } from '../../src/platform/part.js';
import { BuildQueue } from '../../src/platform/reconciler/build-queue.js';
import { HostServices } from '../../src/platform/reconciler/host-services.js';
import type { Store } from '../../src/platform/store/store.js';
import { until } from './engine/engines.js';
import { openMachinery } from './reconciler/machinery.js';
import { ModelEngine } from './reconciler/model-engine.js';

const cleanUps: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

const unreadable = (): never => {
  throw new Error('disk I/O error');
};

test('the daemon starts and goes on where its standard error can not be read', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'aka-'));
  cleanUps.push(() => rmSync(dataDir, { recursive: true }));
  mkdirSync(lastWordsFile(dataDir));
  const notes: string[] = [];
  const part = await keepLastWords({
    folders: { dataDir, configDir: dataDir },
    note: (line: string) => notes.push(line),
  } as unknown as Surroundings);
  await part.stop();
  await until('both were noted', () => notes.length === 2);
  expect(notes[0]).toMatch(/^The standard error of the daemon could not be moved to its log: /);
});

test('a change while builds can not be read is noted', () => {
  const notes: string[] = [];
  const queue = new BuildQueue({
    session: { store: { builds: { toDo: unreadable } } as unknown as Store, caller: DAEMON },
    note: (line: string) => notes.push(line),
  } as unknown as ConstructorParameters<typeof BuildQueue>[0]);
  queue.look();
  expect(notes).toEqual(['Builds could not be begun: disk I/O error']);
});

test('a connection to a service of the machine is reset while what is allowed can not be read', async () => {
  const notes: string[] = [];
  const socket = new Socket().on('error', () => undefined);
  const store = { allowedHosts: { all: () => [{ port: 5432 }], of: unreadable } } as unknown as Store;
  const services = new HostServices(
    store,
    {
      serveGateway: async (_port, serve) => {
        serve({ id: 'web.1', space: 'shop' }, socket);
        return () => undefined;
      },
    },
    (line) => notes.push(line),
  );
  services.look();
  await until('it was reset', () => socket.destroyed);
  expect(notes).toEqual(['A connection of space shop to port 5432 failed: disk I/O error']);
  services.close();
});

test('apps come up although what hears of room fails', async () => {
  let defects = 3;
  const m = await openMachinery(
    { name: 'of a model', rootless: true },
    { settle: 1, again: 1 },
    {
      openEngine: async (heard) => new ModelEngine(heard),
      onRoom: () => {
        defects -= 1;
        if (defects >= 0) unreadable();
      },
    },
  );
  cleanUps.push(() => m.close());
  const app = await m.app('web', {}, { web: 'node server.js' });
  await m.dynos(app, ([dyno]) => dyno?.state === 'up');
  await m.api.formations.update({ app, type: 'web', quantity: 2 });
  await m.dynos(app, (dynos) => dynos.length === 2 && dynos.every(({ state }) => state === 'up'));
  expect(m.notes).toContain('Apps could not be brought to what they should be: disk I/O error');
});
