import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { AppsApiError } from '../../../src/contract/errors.js';
import { Database } from '../../../src/platform/store/database.js';
import { databaseFile, type Folders } from '../../../src/platform/store/store.js';
import { ADMIN, openTemporary, refusal, temporaryFolder, temporaryFolders } from './temporary.js';

/** The error that opening ends in. Fails if it doesn't, or in any other way. */
function refusalOf(folders: Folders): AppsApiError {
  try {
    openTemporary(folders);
  } catch (error) {
    if (error instanceof AppsApiError) return error;
    throw error;
  }
  throw new Error('It was opened.');
}

/** A platform that was there and is closed, with a secret in it. */
async function closedPlatform(): Promise<Folders> {
  const platform = openTemporary();
  await platform.api.apps.create({ name: 'web', space: 'default' });
  await platform.api.configVars.patch({ app: 'web-default', vars: { GREETING: 'hello' } });
  platform.close();
  return platform.folders;
}

function keyFiles({ configDir }: Folders): string[] {
  const folder = join(configDir, 'keys');
  return readdirSync(folder).map((name) => join(folder, name));
}

/** What is in the data folder besides what SQLite keeps next to the database. */
function dataFiles({ dataDir }: Folders): string[] {
  return readdirSync(dataDir).filter((name) => !/^platform\.db-(wal|shm)$/.test(name));
}

function modes(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths = [folder, ...entries.map((entry) => join(entry.parentPath, entry.name))];
  return Object.fromEntries(
    paths.map((path) => [path.slice(folder.length), (statSync(path).mode & 0o777).toString(8)]),
  );
}

describe('the first opening', () => {
  const umask = process.umask();
  afterEach(() => void process.umask(umask));

  test.each([0, 0o022, 0o077, 0o277, 0o777])(
    'under umask %i makes files and folders for their owner only',
    async (mask) => {
      const root = temporaryFolder();
      process.umask(mask);
      const folders = { dataDir: join(root, 'a/b/data'), configDir: join(root, 'c/config') };
      const { api } = openTemporary(folders);
      await api.apps.create({ name: 'web', space: 'default' });
      await api.configVars.patch({ app: 'web-default', vars: { A: 'b' } });
      const expected = { folder: '700', file: '600' };
      for (const [path, mode] of Object.entries(modes(root)).filter(([name]) => name !== '')) {
        const isFolder = statSync(join(root, path)).isDirectory();
        expect([path, mode]).toEqual([path, isFolder ? expected.folder : expected.file]);
      }
      expect(Object.keys(modes(folders.dataDir))).toEqual(
        expect.arrayContaining(['/platform.db', '/platform.db-wal']),
      );
    },
  );

  test('works in folders with blanks, quotes, per cents and other letters', async () => {
    const root = temporaryFolder();
    for (const name of ["my data's \u6570\u636e", '100% #1?mode=ro', 'a;b&c"d', '\u00e9\u0301']) {
      const folders = { dataDir: join(root, name, 'data dir'), configDir: join(root, name, 'config dir') };
      const platform = openTemporary(folders);
      await platform.api.apps.create({ name: 'web', space: 'default' });
      await platform.api.configVars.patch({ app: 'web-default', vars: { A: 'b' } });
      platform.close();
      expect(dataFiles(folders)).toEqual(['platform.db']);
      expect(await openTemporary(folders).api.configVars.get({ app: 'web-default' })).toMatchObject({
        A: 'b',
      });
    }
    expect(readdirSync(root)).toHaveLength(4);
  });

  test('leaves nothing behind but the data and its key', () => {
    const platform = openTemporary();
    platform.close();
    expect(dataFiles(platform.folders)).toEqual(['platform.db']);
    expect(keyFiles(platform.folders)).toHaveLength(1);
    expect(statSync(databaseFile(platform.folders.dataDir)).nlink).toBe(1);
  });
});

describe('folders that are not for aka alone', () => {
  // Root can give a folder away; anybody else finds one of root's.
  const isRoot = process.geteuid?.() === 0;

  test('data of another user are refused, and nothing is written there', () => {
    const root = temporaryFolder();
    const dataDir = isRoot ? join(root, 'data') : '/';
    if (isRoot) {
      mkdirSync(dataDir, { mode: 0o700 });
      chownSync(dataDir, 12_345, 12_345);
    }
    const before = readdirSync(dataDir);
    const error = refusalOf({ dataDir, configDir: join(root, 'config') });
    expect(error).toMatchObject({
      id: 'foreign_folder',
      status: 403,
      hint: expect.stringContaining('AKA_DATA_DIR'),
    });
    expect(error.message).toContain(dataDir);
    expect(readdirSync(dataDir)).toEqual(before);
    expect(existsSync(join(root, 'config'))).toBe(false);
  });

  test('a config folder of another user is refused, and no data are made', () => {
    const root = temporaryFolder();
    const configDir = isRoot ? join(root, 'config') : '/';
    if (isRoot) {
      mkdirSync(configDir, { mode: 0o700 });
      chownSync(configDir, 12_345, 12_345);
    }
    const dataDir = join(root, 'data');
    expect(refusalOf({ dataDir, configDir })).toMatchObject({ id: 'foreign_folder', status: 403 });
    expect(readdirSync(dataDir)).toEqual([]);
  });

  test('a data folder that others can write is refused', () => {
    const folders = temporaryFolders();
    mkdirSync(folders.dataDir);
    chmodSync(folders.dataDir, 0o777);
    expect(refusalOf(folders)).toMatchObject({ id: 'loose_folder', status: 503 });
  });

  test('a database that others can read is refused', async () => {
    const folders = await closedPlatform();
    chmodSync(databaseFile(folders.dataDir), 0o644);
    const error = refusalOf(folders);
    expect(error).toMatchObject({
      id: 'loose_data',
      status: 503,
      hint: expect.stringContaining('chmod 600'),
    });
    chmodSync(databaseFile(folders.dataDir), 0o600);
    openTemporary(folders);
  });
});

describe('the key', () => {
  test.each([0o640, 0o604, 0o666])('is refused with mode %i', async (mode) => {
    const folders = await closedPlatform();
    for (const file of keyFiles(folders)) chmodSync(file, mode);
    const { api } = openTemporary(folders);
    expect(await refusal(api.configVars.get({ app: 'web-default' }))).toMatchObject({
      id: 'loose_key',
      status: 503,
    });
  });

  test('is never made anew when it is missing, and what needs none goes on', async () => {
    const folders = await closedPlatform();
    const [file = ''] = keyFiles(folders);
    const content = readFileSync(file, 'utf8');
    const { api } = openTemporary(folders);
    unlinkSync(file);
    const reading = openTemporary(folders).api;
    expect(await refusal(reading.configVars.get({ app: 'web-default' }))).toMatchObject({
      id: 'missing_key',
      status: 503,
    });
    const write = reading.configVars.patch({ app: 'web-default', vars: { A: 'b' } });
    expect(await refusal(write)).toMatchObject({ id: 'missing_key' });
    expect(await refusal(reading.spaces.create({ name: 'kept' }, { idempotencyKey: 'k' }))).toMatchObject({
      id: 'missing_key',
    });
    expect(keyFiles(folders)).toEqual([]);
    await reading.spaces.create({ name: 'free' });
    expect((await api.spaces.list()).items.map(({ name }) => name)).toEqual(['default', 'free']);
    writeFileSync(file, content, { mode: 0o600 });
    expect(await openTemporary(folders).api.configVars.get({ app: 'web-default' })).toMatchObject({
      GREETING: 'hello',
    });
  });

  test.each([
    ['cut off', (key: string) => key.slice(0, 20)],
    ['empty', () => ''],
    ['another one', (key: string) => Buffer.from(Buffer.from(key, 'base64').toReversed()).toString('base64')],
  ])('that is %s is told from a missing one', async (_, damage) => {
    const folders = await closedPlatform();
    const [file = ''] = keyFiles(folders);
    writeFileSync(file, damage(readFileSync(file, 'utf8')));
    const { api } = openTemporary(folders);
    expect(await refusal(api.configVars.get({ app: 'web-default' }))).toMatchObject({
      id: 'damaged_key',
      status: 503,
    });
  });
});

describe('a database that is not of this program', () => {
  test('of a newer one is refused, and left as it is', async () => {
    const folders = await closedPlatform();
    const file = databaseFile(folders.dataDir);
    const raw = new Database(file);
    raw.exec('PRAGMA user_version = 999');
    raw.close();
    const before = readFileSync(file);
    const error = refusalOf(folders);
    expect(error).toMatchObject({
      id: 'newer_data',
      status: 503,
      hint: expect.stringContaining('Upgrade aka'),
    });
    expect(error.message).toMatch(/data version 999, this one knows \d+/);
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test.each([
    [
      'another program',
      (file: string) => {
        const raw = new Database(file);
        raw.exec('CREATE TABLE theirs (x); PRAGMA user_version = 1');
        raw.close();
      },
    ],
    ['nobody: empty', (file: string) => writeFileSync(file, '')],
    ['nobody: no database at all', (file: string) => writeFileSync(file, 'to do: buy milk\n'.repeat(500))],
    ['nobody: cut off in its header', (file: string) => writeFileSync(file, 'SQLite format 3\0')],
  ])('of %s is refused, and left as it is', (_, make) => {
    const folders = temporaryFolders();
    mkdirSync(folders.dataDir, { mode: 0o700 });
    const file = databaseFile(folders.dataDir);
    make(file);
    chmodSync(file, 0o600);
    const before = readFileSync(file);
    expect(refusalOf(folders)).toMatchObject({ id: 'not_our_data', status: 503 });
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(readdirSync(folders.dataDir)).toEqual(['platform.db']);
  });
});

describe('several openings', () => {
  test('see what each other wrote', async () => {
    const first = openTemporary();
    const second = openTemporary(first.folders);
    await first.api.spaces.create({ name: 'shop', compliance: ['socs'] });
    expect(await second.api.spaces.get({ space: 'shop' })).toMatchObject({ compliance: ['socs'] });
    expect(await refusal(second.as(ADMIN).spaces.create({ name: 'shop' }))).toMatchObject({ id: 'exists' });
    expect(await first.api.audits.verify()).toMatchObject({ ok: true, records: 3 });
  });
});
