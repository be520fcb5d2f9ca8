import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, expect, test } from '@jest/globals';
import { Builds } from '../../../src/platform/builds/builds.js';
import { Slugs } from '../../../src/platform/builds/slugs.js';
import { DAEMON } from '../../../src/platform/caller.js';
import { BuildQueue, type BuildQueueOptions } from '../../../src/platform/reconciler/build-queue.js';
import { openUploads } from '../../../src/platform/services/sources.js';
import { until } from '../engine/engines.js';
import { type Temporary, temporaryPlatform } from './temporary-platform.js';

let platform: Temporary;
let folder: string;

/** A queue of builds on a new platform with app web-shop, where no engine can be had. */
async function openQueue(more: Partial<BuildQueueOptions>): Promise<BuildQueue> {
  platform = temporaryPlatform();
  folder = mkdtempSync(join(tmpdir(), 'aka-'));
  const { store, api } = platform;
  const slugs = await Slugs.open(join(folder, 'slugs'));
  await api.spaces.create({ name: 'shop' });
  await api.apps.create({ name: 'web', space: 'shop' });
  return new BuildQueue({
    session: { store, caller: DAEMON, now: () => new Date() },
    slugs,
    uploads: await openUploads(store),
    builds: await Builds.open({ folder: join(folder, 'builds'), slugs }),
    openEngine: async () => {
      throw new Error('There is no engine.');
    },
    logs: { write: () => undefined, end: () => undefined, flush: async () => undefined },
    note: () => undefined,
    ...more,
  });
}

afterEach(() => {
  platform.remove();
  rmSync(folder, { recursive: true, force: true });
});

test('none begins while that is not allowed, and the next look begins it', async () => {
  let isAllowed = false;
  const queue = await openQueue({ mayBegin: () => isAllowed });
  const { api } = platform;
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
  const notes: string[] = [];
  let tries = 0;
  const queue = await openQueue({
    openEngine: async () => {
      tries += 1;
      throw new Error('There is no engine.');
    },
    note: (text) => notes.push(text),
    retry: 20,
  });
  const { store, api } = platform;
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

test('what a URL without a checksum held is recorded, and must be the same from then on', async () => {
  const content = randomBytes(32);
  const server = createServer((_, response) => response.end(content)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/source.tgz`;
  const queue = await openQueue({ fetchOptions: { fromThisMachine: true } });
  const { api } = platform;
  const build = await api.builds.create({ app: 'web-shop', url });
  expect(build.source_blob?.checksum).toBeNull();
  queue.start();
  await until('it was begun', async () => {
    const { status } = await api.builds.get({ app: 'web-shop', build: build.id });
    return status === 'failed';
  });
  await queue.close();
  server.close();
  const checksum = `sha256:${createHash('sha256').update(content).digest('hex')}`;
  const after = await api.builds.get({ app: 'web-shop', build: build.id });
  expect(after).toMatchObject({ reason: 'There is no engine.', source_blob: { checksum, url } });
  const [finished] = await api.audits.list({ app: 'web', space: 'shop', size: 1 });
  expect(JSON.parse(finished?.info ?? '')).toMatchObject({ action: 'build.finish', details: { checksum } });
});
