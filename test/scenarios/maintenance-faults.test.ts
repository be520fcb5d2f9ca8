import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { makeBackup } from '../../src/platform/backup/make.js';
import { openBackup } from '../../src/platform/backup/restore.js';
import { runsWhole } from '../long-tests.js';
import { CALLER, contentOf, fill, inSession, namesIn, newFolder, newFolders } from '../platform/sample.js';
import { User } from './aka.js';

const FULL = runsWhole('kills');

/** A backup of another platform, in a file of its own. */
async function backupOf(mark: string, apps: number) {
  const folders = newFolders();
  await fill(folders, mark, apps);
  const file = join(newFolder(), 'a.backup');
  inSession(folders, (session) => makeBackup(session, file, { replace: false }));
  return { file, content: await contentOf(folders) };
}

test('killed at any point, a restore leaves the old state or the new one, whole', async () => {
  const user = new User();
  const { file, content: next } = await backupOf('then', 30);
  await fill(user, 'now', 30);
  const before = await contentOf(user);
  const saved = newFolder();
  const folders = [user.dataDir, user.configDir];
  folders.forEach((folder, n) => cpSync(folder, join(saved, String(n)), { recursive: true }));
  const reset = (): void =>
    folders.forEach((folder, n) => {
      rmSync(folder, { recursive: true });
      cpSync(join(saved, String(n)), folder, { recursive: true });
    });
  const command = ['platform:restore', file, '--confirm', 'a.backup'];

  const began = performance.now();
  await user.does(...command);
  const whole = performance.now() - began;
  expect(await contentOf(user)).toEqual(next);

  const points = FULL ? 200 : 30;
  let old = 0;
  for (let point = 0; point < points; point += 1) {
    reset();
    const { child, ended } = user.start(command);
    const timer = setTimeout(() => child.kill('SIGKILL'), (whole * 1.1 * point) / points);
    await ended;
    clearTimeout(timer);
    const content = await contentOf(user);
    if (JSON.stringify(content) === JSON.stringify(before)) old += 1;
    else expect(content).toEqual(next);
  }
  expect(old).toBeGreaterThan(0);

  // What the killed ones left does not matter, and goes.
  await user.does(...command);
  expect(await contentOf(user)).toEqual(next);
  expect(namesIn(user.dataDir, /draft|pid/)).toEqual([]);
  user.remove();
}, 300_000);

test('killed at any point where there was no platform, it leaves none or the new one', async () => {
  const user = new User();
  const { file, content } = await backupOf('then', 10);
  const began = performance.now();
  await user.does('platform:restore', file);
  const whole = performance.now() - began;
  const points = FULL ? 100 : 15;
  let none = 0;
  for (let point = 0; point < points; point += 1) {
    for (const folder of [user.dataDir, user.configDir]) rmSync(folder, { recursive: true, force: true });
    const { child, ended } = user.start(['platform:restore', file]);
    const timer = setTimeout(() => child.kill('SIGKILL'), (whole * 1.1 * point) / points);
    await ended;
    clearTimeout(timer);
    const found = await contentOf(user);
    if (found.spaces.length === 1) none += 1;
    else expect(found).toEqual(content);
  }
  expect(none).toBeGreaterThan(0);
  user.remove();
}, 300_000);

test('nothing that was answered is lost by a restore: it is in what is kept, or in what is there', async () => {
  const user = new User();
  const { file } = await backupOf('then', 10);
  await fill(user, 'now', 10);
  const writers = [1, 2].map((n) => user.sh(creating(`w${n}`)));
  let restores = 0;
  const all = await whileUnderWay(Promise.all(writers), async () => {
    await user.does('platform:restore', file, '--confirm', 'a.backup');
    restores += 1;
  });
  const answered = all.flatMap(({ stdout }) => stdout.split('\n').filter(Boolean));
  expect(answered).toHaveLength(24);

  const found = new Set((await contentOf(user)).spaces.map(({ name }) => name));
  const kept = namesIn(user.dataDir, /^before-restore-/);
  expect(kept).toHaveLength(restores);
  for (const name of kept) {
    const elsewhere = newFolders();
    const backup = openBackup(join(user.dataDir, name), elsewhere);
    backup.restore(CALLER, new Date());
    backup.close();
    for (const space of (await contentOf(elsewhere)).spaces) found.add(space.name);
  }
  expect(answered.filter((name) => !found.has(name))).toEqual([]);
  user.remove();
}, 300_000);

test('backups made while others write are whole, each of one moment', async () => {
  const user = new User();
  await fill(user, 'now', 5);
  const writer = user.sh(
    'for i in 1 2 3 4 5 6 7 8; do aka spaces:create w-$i && aka apps:create a$i -s w-$i; done',
  );
  const counts: number[] = [];
  const written = await whileUnderWay(writer, async () => {
    const file = join(user.cwd, `${counts.length}.backup`);
    await user.does('platform:backup', file);
    const elsewhere = newFolders();
    const backup = openBackup(file, elsewhere);
    backup.restore(CALLER, new Date());
    backup.close();
    const { spaces, apps, whole } = await contentOf(elsewhere);
    // A space is made before its app: never may an app be there without its space, nor two spaces ahead.
    expect({ whole, ahead: spaces.length - 3 - (apps.length - 5) }).toEqual({
      whole: true,
      ahead: expect.any(Number),
    });
    expect([0, 1]).toContain(spaces.length - 3 - (apps.length - 5));
    counts.push(spaces.length);
  });
  expect(written.code).toBe(0);
  expect(counts.length).toBeGreaterThan(1);
  expect(counts).toEqual(counts.toSorted((a, b) => a - b));
  user.remove();
}, 300_000);

test('killed at any point, a change of the key leaves every config var readable', async () => {
  const user = new User();
  await fill(user, 'demo', 20);
  const before = await contentOf(user);
  const began = performance.now();
  await user.does('platform:rotate-key');
  const whole = performance.now() - began;
  const points = FULL ? 100 : 20;
  let killed = 0;
  for (let point = 0; point < points; point += 1) {
    const { child, ended } = user.start(['platform:rotate-key']);
    const timer = setTimeout(() => child.kill('SIGKILL'), (whole * 1.1 * point) / points);
    killed += (await ended).signal === 'SIGKILL' ? 1 : 0;
    clearTimeout(timer);
    expect(await contentOf(user)).toEqual(before);
  }
  expect(killed).toBeGreaterThan(0);
  await user.does('platform:rotate-key');
  expect(namesIn(join(user.configDir, 'keys'))).toHaveLength(1);
  user.remove();
}, 300_000);

/** Does something again and again until something else has come to its end. */
async function whileUnderWay<R>(other: Promise<R>, work: () => Promise<void>): Promise<R> {
  const progress = { done: false };
  const watched = other.finally(() => {
    progress.done = true;
  });
  while (!progress.done) await work();
  return watched;
}

/** A line of a shell that creates twelve spaces, and says of each when it was answered. */
function creating(name: string): string {
  return `for i in 1 2 3 4 5 6 7 8 9 10 11 12; do aka spaces:create ${name}-$i >/dev/null && echo ${name}-$i; done`;
}
