import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, expect, test } from '@jest/globals';
import { Builds } from '../../../src/platform/builds/builds.js';
import { Slugs } from '../../../src/platform/builds/slugs.js';
import { DAEMON } from '../../../src/platform/caller.js';
import { BuildQueue } from '../../../src/platform/reconciler/build-queue.js';
import { openUploads } from '../../../src/platform/services/sources.js';
import { until } from '../engine/engines.js';
import { type Temporary, temporaryPlatform } from './temporary-platform.js';

let platform: Temporary;
let folder: string;
afterEach(() => {
  platform.remove();
  rmSync(folder, { recursive: true, force: true });
});

test('none begins while that is not allowed, and the next look begins it', async () => {
  platform = temporaryPlatform();
  folder = mkdtempSync(join(tmpdir(), 'aka-'));
  const { store, api } = platform;
  const slugs = await Slugs.open(join(folder, 'slugs'));
  let isAllowed = false;
  const queue = new BuildQueue({
    session: { store, caller: DAEMON, now: () => new Date() },
    slugs,
    uploads: await openUploads(store),
    builds: await Builds.open({ folder: join(folder, 'builds'), slugs }),
    openEngine: async () => {
      throw new Error('There is no engine.');
    },
    logs: { write: () => undefined, end: () => undefined, flush: async () => undefined },
    note: () => undefined,
    mayBegin: () => isAllowed,
  });
  await api.spaces.create({ name: 'shop' });
  await api.apps.create({ name: 'web', space: 'shop' });
  const { checksum } = await api.sources.upload(Readable.from([randomBytes(32)]));
  const { id } = await api.builds.create({ app: 'web-shop', checksum });
  const status = async () => (await api.builds.get({ app: 'web-shop', build: id })).status;
  queue.start();
  expect(await status()).toBe('queued');
  isAllowed = true;
  queue.look();
  await until('it was begun', async () => (await status()) === 'failed');
  await queue.close();
});

test('a failure that can not be recorded is recorded later, without building again and again', async () => {
  platform = temporaryPlatform();
  folder = mkdtempSync(join(tmpdir(), 'aka-'));
  const { store, api } = platform;
  const notes: string[] = [];
  let tries = 0;
  const slugs = await Slugs.open(join(folder, 'slugs'));
  const queue = new BuildQueue({
    session: { store, caller: DAEMON, now: () => new Date() },
    slugs,
    uploads: await openUploads(store),
    builds: await Builds.open({ folder: join(folder, 'builds'), slugs }),
    openEngine: async () => {
      tries += 1;
      throw new Error('There is no engine.');
    },
    logs: { write: () => undefined, end: () => undefined, flush: async () => undefined },
    note: (text) => notes.push(text),
    retry: 20,
  });
  await api.spaces.create({ name: 'shop' });
  await api.apps.create({ name: 'web', space: 'shop' });
  const { checksum } = await api.sources.upload(Readable.from([randomBytes(32)]));
  // As on a full disk: neither that it was begun can be written, nor anything else about it.
  store.db.exec("CREATE TRIGGER full BEFORE UPDATE ON builds BEGIN SELECT RAISE(ABORT, 'full'); END");
  const { id } = await api.builds.create({ app: 'web-shop', checksum });
  queue.start();
  await until('it was noticed', () => notes.some((note) => note.includes('recorded yet')));
  store.db.exec('DROP TRIGGER full');
  await until('it is recorded', async () => {
    const { status } = await api.builds.get({ app: 'web-shop', build: id });
    return status === 'failed';
  });
  expect(notes).toHaveLength(2);
  expect(tries).toBe(0);
  await queue.close();
});
