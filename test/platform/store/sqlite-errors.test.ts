import { closeSync, openSync, writeSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { AppsApiError } from '../../../src/contract/errors.js';
import { appsService } from '../../../src/platform/services/apps.js';
import { Database } from '../../../src/platform/store/database.js';
import { isDamage, translated } from '../../../src/platform/store/sqlite-errors.js';
import { databaseFile, openStore } from '../../../src/platform/store/store.js';
import { openTemporary, refusal, temporaryFolder } from './temporary.js';

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('Nothing was thrown.');
}

function small(): Database {
  const db = new Database(`${temporaryFolder()}/small.db`);
  db.exec('CREATE TABLE t (x UNIQUE)');
  return db;
}

describe('what SQLite can not do', () => {
  test('for a full disk is no defect, and leaves what was there', () => {
    const db = small();
    db.run('INSERT INTO t VALUES (1)');
    db.exec(`PRAGMA max_page_count = ${Number(db.get('PRAGMA page_count')?.page_count)}`);
    const fill = () => db.transaction(() => db.run('INSERT INTO t VALUES (randomblob(1000000))'));
    expect(thrownBy(fill)).toMatchObject({ id: 'disk_full', status: 507 });
    expect(db.all('SELECT x FROM t')).toEqual([{ x: 1 }]);
    db.close();
  });

  test('with a database that may only be read says why', () => {
    const db = small();
    db.exec('PRAGMA query_only = ON');
    const error = thrownBy(() => db.run('INSERT INTO t VALUES (1)'));
    expect(error).toMatchObject({ id: 'data_unusable', status: 503 });
    expect(String(error)).toContain('readonly');
    expect(isDamage(error)).toBe(false);
    db.close();
  });

  test('where there is no folder says so', () => {
    const error = thrownBy(() => new Database(`${temporaryFolder()}/nowhere/a.db`));
    expect(error).toMatchObject({ id: 'data_unusable', status: 503 });
    expect(isDamage(error)).toBe(false);
  });

  test('for a mistake of this program is passed on as it is', () => {
    const db = small();
    db.run('INSERT INTO t VALUES (1)');
    for (const sql of ['INSERT INTO t VALUES (1)', 'INSERT INTO nothing VALUES (1)', 'NO SQL']) {
      expect(thrownBy(() => db.run(sql))).not.toBeInstanceOf(AppsApiError);
    }
    db.close();
    const other = new TypeError('of another kind');
    expect(translated(other)).toBe(other);
  });
});

test.each([
  ['spaces', (db: Database) => db.all('SELECT * FROM spaces')],
  ['audit', (db: Database) => [...db.each('SELECT record FROM audit')]],
])('a damaged table is called that: %s', (table, read) => {
  const { folders, close, raw } = openTemporary();
  raw.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  const size = Number(raw.get('PRAGMA page_size')?.page_size);
  const page = Number(raw.get('SELECT rootpage FROM sqlite_schema WHERE name = ?', table)?.rootpage);
  close();
  const file = databaseFile(folders.dataDir);
  const fd = openSync(file, 'r+');
  writeSync(fd, Buffer.alloc(size, 0xa5), 0, size, (page - 1) * size);
  closeSync(fd);
  const db = new Database(file);
  const error = thrownBy(() => read(db));
  const hint: unknown = expect.stringContaining('platform:restore');
  expect(error).toMatchObject({ id: 'damaged_data', status: 503, hint });
  expect(isDamage(error)).toBe(true);
  db.close();
});

test('several reads for one list see one state, whatever others do meanwhile', async () => {
  const { api, raw, folders } = openTemporary();
  await api.spaces.create({ name: 'shop' });
  await api.apps.create({ name: 'web', space: 'shop' });
  const store = openStore(folders);
  const find = store.spaces.find.bind(store.spaces);
  store.spaces.find = (key) => {
    raw.exec("DELETE FROM apps; DELETE FROM spaces WHERE name = 'shop'");
    return find(key);
  };
  const session = {
    store,
    caller: { name: 'ann', role: 'admin', origin: 'cli' },
    now: () => new Date(),
  } as const;
  const { items } = await appsService(session).list();
  expect(items.map(({ name }) => name)).toEqual(['web-shop']);
  expect(await refusal(api.spaces.get({ space: 'shop' }))).toMatchObject({ id: 'not_found' });
  store.db.close();
});
