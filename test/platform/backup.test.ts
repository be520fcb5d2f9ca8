import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { AppsApi } from '../../src/contract/apps-api.js';
import { AppsApiError, conflict } from '../../src/contract/errors.js';
import { digestOf } from '../../src/platform/backup/content.js';
import { type BackupMade, makeBackup } from '../../src/platform/backup/make.js';
import { openBackup, type Restored } from '../../src/platform/backup/restore.js';
import { openPlatform } from '../../src/platform/embedded.js';
import { holdOffMaintenance, takeMaintenance, takeRole } from '../../src/platform/files/process-lock.js';
import { storedTokens } from '../../src/platform/server/tokens.js';
import { consoleService, openSession } from '../../src/platform/services/sessions.js';
import { Database } from '../../src/platform/store/database.js';
import { databaseFile, type Folders } from '../../src/platform/store/store.js';
import { runsWhole } from '../long-tests.js';
import { actionsOf, CALLER, contentOf, fill, inSession, namesIn, newFolder, newFolders } from './sample.js';

const umask = process.umask();
afterEach(() => {
  process.umask(umask);
});

function backUp(folders: Folders, file: string, replace = false): BackupMade {
  return inSession(folders, (session) => makeBackup(session, file, { replace }));
}

async function restore(folders: Folders, file: string): Promise<Restored> {
  const backup = openBackup(file, folders);
  try {
    return backup.restore(CALLER, new Date());
  } finally {
    backup.close();
  }
}

/** A platform and a backup of it. */
async function backedUp(mark: string, apps?: number): Promise<{ folders: Folders; file: string }> {
  const folders = newFolders();
  await fill(folders, mark, apps);
  const file = join(newFolder(), `${mark}.backup`);
  backUp(folders, file);
  return { folders, file };
}

/** The id of the error that something ends with. */
async function failureOf(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof AppsApiError) return error.id;
    throw error;
  }
  return 'none';
}

function rewrite(file: string, change: (db: Database) => void): void {
  const db = new Database(file);
  change(db);
  db.close();
}

describe('a backup', () => {
  test('restores to the same content, also where there was no platform', async () => {
    const { folders, file } = await backedUp('demo');
    const elsewhere = newFolders();
    const restored = await restore(elsewhere, file);
    expect(restored.kept).toBeNull();
    expect(await contentOf(elsewhere)).toEqual(await contentOf(folders));
  });

  test('brings tokens back as they were: those that were revoked since, and none that were made since', async () => {
    const { folders } = await backedUp('demo');
    const onIt = async <R>(work: (api: AppsApi) => Promise<R>): Promise<R> => {
      const platform = openPlatform(folders);
      try {
        return await work(platform.as(CALLER));
      } finally {
        platform.close();
      }
    };
    const { secret } = await onIt((api) =>
      api.tokens.create({ name: 'ci', role: 'user', spaces: ['demo-test'] }),
    );
    const file = join(newFolder(), 'tokens.backup');
    expect(backUp(folders, file)).toMatchObject({ tokens: 1 });
    const since = await onIt(async (api) => {
      await api.tokens.revoke({ token: 'ci' });
      return (await api.tokens.create({ name: 'cd', role: 'admin' })).secret;
    });
    const holders = (): unknown[] =>
      inSession(folders, (session) => [secret, since].map((each) => storedTokens(session)(each)));
    expect(holders()).toEqual([undefined, { name: 'cd', token: 'cd', role: 'admin' }]);
    expect(await restore(folders, file)).toMatchObject({ tokens: 1 });
    expect(holders()).toEqual([{ name: 'ci', token: 'ci', role: 'user', spaces: ['demo-test'] }, undefined]);
  });

  test('lets nobody in again who was logged in to the console', async () => {
    const folders = newFolders();
    await fill(folders, 'one');
    inSession(folders, (session) => {
      openSession(session);
      void consoleService(session).createCode();
      expect(session.store.sessions.all('')).toHaveLength(1);
      expect(session.store.sessions.codes('')).toHaveLength(1);
    });
    const file = join(newFolder(), 'one.backup');
    backUp(folders, file);
    const copy = new Database(file);
    for (const table of ['sessions', 'session_secrets', 'login_codes'])
      expect(copy.all(`SELECT * FROM ${table}`)).toEqual([]);
    copy.close();
  });

  test('says what is in it', async () => {
    const folders = newFolders();
    await fill(folders, 'demo');
    const file = join(newFolder(), 'a.backup');
    const made = backUp(folders, file);
    const chain = await openAndVerify(folders);
    expect(made).toMatchObject({
      file,
      bytes: statSync(file).size,
      spaces: 3,
      apps: 3,
      audit: { records: chain.records, head: chain.head },
      loose: false,
    });
  });

  test('is for its owner only under any umask, and a single file', async () => {
    const folders = newFolders();
    await fill(folders, 'demo');
    const folder = newFolder();
    process.umask(0);
    backUp(folders, join(folder, 'a.backup'));
    expect(statSync(join(folder, 'a.backup')).mode & 0o777).toBe(0o600);
    expect(namesIn(folder)).toEqual(['a.backup']);
  });

  test('never replaces a file, unless it is told to', async () => {
    const { folders, file } = await backedUp('demo');
    const before = readFileSync(file);
    const actions = await actionsOf(folders);
    expect(await failureOf(() => backUp(folders, file))).toBe('file_exists');
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(await actionsOf(folders)).toEqual(actions);
    backUp(folders, file, true);
    expect(readFileSync(file).equals(before)).toBe(false);
    expect(namesIn(join(file, '..'))).toEqual(['demo.backup']);
  });

  test('is recorded, in itself as well', async () => {
    const { folders, file } = await backedUp('demo', 0);
    const elsewhere = newFolders();
    await restore(elsewhere, file);
    expect(await actionsOf(folders)).toEqual([
      'platform.create',
      'space.create',
      'space.create',
      'platform.backup',
    ]);
    expect(await actionsOf(elsewhere)).toEqual([...(await actionsOf(folders)), 'platform.restore']);
  });

  test('holds nothing of what was deleted', async () => {
    const folders = newFolders();
    await fill(folders, 'demo', 1);
    const platform = openPlatform(folders);
    const api = platform.as(CALLER);
    await api.spaces.create({ name: 'gone', compliance: [], description: 'deleted-description' });
    await api.spaces.update({ space: 'gone', description: '' });
    platform.close();
    const file = join(newFolder(), 'a.backup');
    backUp(folders, file);
    expect(readFileSync(file).includes('deleted-description')).toBe(false);
  });

  test('clears away what a killed one left, and leaves nothing when it fails', async () => {
    const folders = newFolders();
    await fill(folders, 'demo', 0);
    const folder = newFolder();
    const file = join(folder, 'a.backup');
    writeFileSync(`${file}.999999999.draft`, '');
    writeFileSync(`${file}.999999999.draft-wal`, '');
    rmSync(join(folders.configDir, 'keys'), { recursive: true });
    expect(await failureOf(() => backUp(folders, file))).toBe('missing_key');
    expect(namesIn(folder)).toEqual([]);
  });

  test('of damaged data is refused rather than made', async () => {
    const folders = newFolders();
    await fill(folders, 'demo', 0);
    rewrite(databaseFile(folders.dataDir), (db) => {
      db.exec("DROP TRIGGER audit_is_append_only; UPDATE audit SET hash = 'x' WHERE seq = 2");
    });
    const folder = newFolder();
    expect(await failureOf(() => backUp(folders, join(folder, 'a.backup')))).toBe('damaged_data');
    expect(namesIn(folder)).toEqual([]);
  });

  test('waits for no other backup, but is not made while the key changes', async () => {
    const folders = newFolders();
    await fill(folders, 'demo', 0);
    const other = holdOffMaintenance(folders.dataDir);
    backUp(folders, join(newFolder(), 'a.backup'));
    other.release();
    const maintenance = takeMaintenance(folders.dataDir);
    expect(await failureOf(() => backUp(folders, join(newFolder(), 'b.backup')))).toBe('under_maintenance');
    maintenance.release();
  });
});

describe('a restore', () => {
  test('keeps what was there before as a backup of its own', async () => {
    const { file } = await backedUp('then');
    const present = await backedUp('now');
    const before = await contentOf(present.folders);
    const { kept } = await restore(present.folders, file);
    expect((await contentOf(present.folders)).spaces.map(({ name }) => name)).toContain('then-prod');
    expect(statSync(String(kept)).mode & 0o777).toBe(0o600);
    const elsewhere = newFolders();
    await restore(elsewhere, String(kept));
    expect(await contentOf(elsewhere)).toEqual(before);
  });

  test('is recorded after the head of the backup, which the record names', async () => {
    const { file } = await backedUp('then', 0);
    const { folders } = await backedUp('now', 0);
    const { audit } = await restore(folders, file);
    const platform = openPlatform(folders);
    const [last] = await platform.as(CALLER).audits.list({ size: 1 });
    platform.close();
    expect(last?.seq).toBe(audit.records + 1);
    expect(JSON.parse(last?.info ?? '')).toMatchObject({
      action: 'platform.restore',
      username: CALLER.name,
      details: audit,
    });
  });

  test('is seen by who has the platform open, who then works on with it', async () => {
    const { file } = await backedUp('then');
    const { folders } = await backedUp('now');
    const platform = openPlatform(folders);
    const api = platform.as(CALLER);
    await api.configVars.get({ app: 'app0-now-prod' });
    await restore(folders, file);
    expect(await api.configVars.get({ app: 'app0-then-prod' })).toMatchObject({ MARK: 'then' });
    await api.configVars.patch({ app: 'app0-then-prod', vars: { MARK: 'later' } });
    platform.close();
    const content = await contentOf(folders);
    expect(content.whole).toBe(true);
    expect(content.config[0]).toMatchObject({ MARK: 'later' });
  });

  test('leaves nothing behind but what it keeps', async () => {
    const { file } = await backedUp('then');
    const { folders } = await backedUp('now');
    process.umask(0);
    await restore(folders, file);
    const names = namesIn(folders.dataDir);
    expect(names.filter((name) => /draft|pid/.test(name))).toEqual([]);
    for (const name of names) expect(statSync(join(folders.dataDir, name)).mode & 0o077).toBe(0);
    // The key that is in the backup must not get into the database.
    const key = readFileSync(
      join(folders.configDir, 'keys', namesIn(join(folders.configDir, 'keys'))[0] ?? ''),
    );
    expect(readFileSync(databaseFile(folders.dataDir)).includes(key)).toBe(false);
  });

  test('does not leave the key in a database that was not there before', async () => {
    const { file } = await backedUp('then');
    const folders = newFolders();
    await restore(folders, file);
    const [name = ''] = namesIn(join(folders.configDir, 'keys'));
    const key = readFileSync(join(folders.configDir, 'keys', name));
    expect(readFileSync(file).includes(key)).toBe(true);
    expect(readFileSync(databaseFile(folders.dataDir)).includes(key)).toBe(false);
  });

  test('only one runs at a time', async () => {
    const { file } = await backedUp('then', 0);
    const { folders } = await backedUp('now', 0);
    const other = takeMaintenance(folders.dataDir);
    expect(await failureOf(() => restore(folders, file))).toBe('under_maintenance');
    other.release();
  });

  test('sees when others can read the file', async () => {
    const { file } = await backedUp('then', 0);
    const copy = join(newFolder(), 'open.backup');
    process.umask(0o022);
    writeFileSync(copy, readFileSync(file));
    const [closed, open] = [openBackup(file, newFolders()), openBackup(copy, newFolders())];
    expect([closed.loose, open.loose]).toEqual([false, true]);
    closed.close();
    open.close();
  });
});

describe('a restore mends', () => {
  const damages: [string, (folders: Folders) => void][] = [
    ['a lost key', ({ configDir }) => rmSync(join(configDir, 'keys'), { recursive: true })],
    ['an empty database', ({ dataDir }) => truncateSync(databaseFile(dataDir))],
    [
      'a database that is none',
      ({ dataDir }) => writeFileSync(databaseFile(dataDir), 'nothing\n'.repeat(9000)),
    ],
    ['pages of nonsense', ({ dataDir }) => overwritePages(databaseFile(dataDir))],
    ['half a database', ({ dataDir }) => truncateSync(databaseFile(dataDir), 5 * 4096)],
    [
      'a database that others can read',
      ({ dataDir }) => execFileSync('chmod', ['644', databaseFile(dataDir)]),
    ],
  ];

  test.each(damages)('%s', async (_, damage) => {
    const { folders: source, file } = await backedUp('then');
    const { folders } = await backedUp('now');
    damage(folders);
    const { kept } = await restore(folders, file);
    expect(existsSync(String(kept))).toBe(true);
    expect(await contentOf(folders)).toEqual(await contentOf(source));
    expect(statSync(databaseFile(folders.dataDir)).mode & 0o077).toBe(0);
  });

  test('nothing under the feet of a server that has a database open which is none', async () => {
    const { file } = await backedUp('then', 0);
    const { folders } = await backedUp('now', 0);
    writeFileSync(databaseFile(folders.dataDir), 'nothing\n'.repeat(9000));
    const server = takeRole(folders.dataDir, 'server', () => conflict('taken', 'It is taken.'));
    expect(await failureOf(() => restore(folders, file))).toBe('server_runs');
    server.release();
  });

  test('a database of another program it leaves alone', async () => {
    const { file } = await backedUp('then', 0);
    const folders = newFolders();
    mkdirSync(folders.dataDir, { mode: 0o700 });
    rewrite(databaseFile(folders.dataDir), (db) => db.exec('CREATE TABLE theirs (it TEXT)'));
    expect(await failureOf(() => restore(folders, file))).toBe('not_our_data');
  });
});

describe('what is no sound backup is refused before anything is replaced', () => {
  const refused: [string, string, (sound: string, file: string) => void][] = [
    ['a folder', 'not_a_backup', (_, file) => mkdirSync(file)],
    ['an empty file', 'not_a_backup', (_, file) => writeFileSync(file, '')],
    ['a text', 'not_a_backup', (_, file) => writeFileSync(file, 'no backup at all\n'.repeat(500))],
    ['a pipe that nobody writes to', 'not_a_backup', (_, file) => void execFileSync('mkfifo', [file])],
    [
      "another program's database",
      'not_a_backup',
      (_, file) => rewrite(file, (db) => db.exec('CREATE TABLE t (x)')),
    ],
    ['a copy of the database itself', 'not_a_backup', edited((db) => db.exec('DROP TABLE backup'))],
    ['one of a newer version', 'newer_data', edited((db) => db.exec('PRAGMA user_version = 99'))],
    [
      'a changed description',
      'damaged_backup',
      edited((db) => db.exec("UPDATE spaces SET description = 'other'")),
    ],
    [
      'a missing trigger',
      'damaged_backup',
      edited((db) => db.exec('DROP TRIGGER compliance_is_for_ever'), true),
    ],
    ['one more trigger', 'damaged_backup', edited((db) => db.exec(TRIGGER), true)],
    [
      'a config var sealed otherwise',
      'damaged_backup',
      edited((db) => db.exec("UPDATE config_vars SET value = x'01'"), true),
    ],
    [
      'the key of another platform',
      'damaged_backup',
      edited((db) => db.run('UPDATE backup SET key = ?', OTHER_KEY), true),
    ],
    ['no key', 'damaged_backup', edited((db) => db.exec('UPDATE backup SET key = NULL'), true)],
    ['two marks', 'damaged_backup', edited((db) => db.exec('INSERT INTO backup SELECT * FROM backup'))],
    ['an app in no space', 'damaged_backup', edited((db) => db.exec(ORPHAN), true)],
    ['a broken audit log', 'damaged_backup', edited((db) => db.exec(FORGED), true)],
    ['a credential where it must not be', 'damaged_backup', edited(misplace, true)],
  ];

  test.each(refused)('%s', async (_, id, make) => {
    const { file: sound } = await backedUp('then', 2);
    const { folders } = await backedUp('now', 0);
    const file = join(newFolder(), 'a.backup');
    make(sound, file);
    const before = readFileSync(databaseFile(folders.dataDir));
    expect(await failureOf(() => restore(folders, file))).toBe(id);
    expect(readFileSync(databaseFile(folders.dataDir)).equals(before)).toBe(true);
    expect(namesIn(folders.dataDir, /draft|before-restore/)).toEqual([]);
  });

  test('the key of another platform, also where there is nothing that it should open', async () => {
    const folders = newFolders();
    openPlatform(folders).close();
    const file = join(newFolder(), 'a.backup');
    backUp(folders, file);
    const other = join(newFolder(), 'a.backup');
    edited((db) => db.run('UPDATE backup SET key = ?', OTHER_KEY), true)(file, other);
    openBackup(file, newFolders()).close();
    expect(await failureOf(() => openBackup(other, newFolders()).close())).toBe('damaged_backup');
  });

  test('one that was cut off, wherever', async () => {
    const { file } = await backedUp('then', 2);
    const cut = join(newFolder(), 'a.backup');
    const { size } = statSync(file);
    for (let length = 0; length < size; length += 4096 + 331) {
      copyFileSync(file, cut);
      truncateSync(cut, length);
      expect(await failureOf(() => openBackup(cut, newFolders()).close())).toMatch(
        /^(not_a|damaged)_backup$/,
      );
    }
  });

  const OTHER_KEY = Buffer.alloc(32, 7).toString('base64');
  const TRIGGER = 'CREATE TRIGGER evil AFTER INSERT ON spaces BEGIN DELETE FROM answers; END';
  const ORPHAN = "PRAGMA foreign_keys = OFF; DELETE FROM spaces WHERE name = 'then-prod'";
  const FORGED = `
    CREATE TEMP TABLE kept AS SELECT sql FROM sqlite_schema WHERE name = 'audit_is_append_only';
    DROP TRIGGER audit_is_append_only;
    UPDATE audit SET record = replace(record, 'tester', 'nobody') WHERE seq = 3;
    CREATE TRIGGER audit_is_append_only BEFORE UPDATE ON audit
  BEGIN SELECT RAISE(ABORT, 'audit records are never changed'); END;`;
});

test('with any byte of it changed, a backup is refused or restores to the same content', async () => {
  const { folders: source, file } = await backedUp('then', 2);
  const expected = await contentOf(source);
  const sound = readFileSync(file);
  const flipped = join(newFolder(), 'a.backup');
  const points = runsWhole('kills') ? 1000 : 200;
  let refusals = 0;
  // The first hundred bytes are SQLite's settings; of the rest most are zero and belong to nothing.
  const written = [...sound.keys()].filter((at) => at >= 100 && sound[at] !== 0);
  for (let point = 0; point < points; point += 1) {
    const spread = Math.floor((written.length * (point - 100)) / (points - 100));
    const at = point < 100 ? point : (written[spread] ?? 0);
    const bytes = Buffer.from(sound);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << (point % 8));
    writeFileSync(flipped, bytes);
    const folders = newFolders();
    const failure = await failureOf(() => restore(folders, flipped));
    if (failure === 'none')
      expect({ at, content: await contentOf(folders) }).toEqual({ at, content: expected });
    else {
      expect(failure).toMatch(/^(not_a_backup|damaged_backup|newer_data)$/);
      expect(existsSync(databaseFile(folders.dataDir))).toBe(false);
      refusals += 1;
    }
  }
  expect(refusals).toBeGreaterThan(points / 4);
}, 120_000);

async function openAndVerify(folders: Folders) {
  const platform = openPlatform(folders);
  const state = await platform.as(CALLER).audits.verify();
  platform.close();
  return state;
}

/** All but the first, so that it still begins as a database. */
function overwritePages(file: string): void {
  const bytes = readFileSync(file);
  bytes.fill(0xa5, 4096);
  writeFileSync(file, bytes);
}

/** A copy of a sound backup with a change made to it, after which its digest may be made to fit. */
function edited(change: (db: Database) => unknown, fitting = false) {
  return (sound: string, file: string): void => {
    copyFileSync(sound, file);
    rewrite(file, (db) => {
      change(db);
      if (!fitting) return;
      const mark = db.get<{ made_at: string; version: string; key: string | null }>('SELECT * FROM backup');
      if (mark !== undefined) db.run('UPDATE backup SET digest = ?', digestOf(db, mark));
    });
  };
}

/** Gives an app what its space may not have, and leaves the rules as they were. */
function misplace(db: Database): void {
  const rule = 'attachments_follow_compliance';
  const { sql } = db.get<{ sql: string }>('SELECT sql FROM sqlite_schema WHERE name = ?', rule) ?? {
    sql: '',
  };
  db.exec(`DROP TRIGGER ${rule}`);
  db.exec("INSERT INTO credentials VALUES ('c', 'pay', 'credentials:general', NULL, 'socs', 't', 't')");
  db.exec("INSERT INTO attachments SELECT 't', 'c', id, 'PAY', 't' FROM apps LIMIT 1");
  db.exec(sql);
}
