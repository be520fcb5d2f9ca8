import { renameSync, rmSync } from 'node:fs';
import { conflict } from '../../contract/errors.js';
import { syncFolder } from '../files/private-files.js';
import { takeRole } from '../files/process-lock.js';
import type { Database } from '../store/database.js';
import { schemaOf } from '../store/schema-check.js';
import { tablesOf } from './content.js';

/**
 * Replaces everything in an open database by what is in the database `file`, which is of the same version, in one
 * transaction: other processes may have it open, and see either all that was or all that is. `before` and `after` run
 * in it, when nobody else writes.
 */
export function replaceContent(
  db: Database,
  file: string,
  { before = () => {}, after }: { before?: () => void; after: () => void },
): void {
  db.exec('PRAGMA foreign_keys = OFF');
  db.run('ATTACH ? AS restored', file);
  db.transaction(() => {
    before();
    for (const table of tablesOf(db)) db.exec(`DROP TABLE main."${table}"`);
    const objects = schemaOf(db, 'restored');
    for (const { name, sql } of objects.filter(({ type }) => type === 'table')) {
      db.exec(sql);
      const columns = db.all<{ name: string }>('SELECT name FROM pragma_table_info(?)', name);
      const list = columns.map((column) => `"${column.name}"`).join(', ');
      db.exec(`INSERT INTO main."${name}" (${list}) SELECT ${list} FROM restored."${name}"`);
    }
    // Triggers guard what users do, not this.
    for (const { sql } of objects.filter(({ type }) => type !== 'table')) db.exec(sql);
    for (const pragma of ['application_id', 'user_version']) {
      db.exec(`PRAGMA main.${pragma} = ${Number(db.get(`PRAGMA restored.${pragma}`)?.[pragma])}`);
    }
    after();
  });
}

/**
 * Puts a whole database file into the place of one that nothing can be made of. Throws an AppsApiError (409) if that
 * would be under the feet of a running server.
 */
export function replaceFile(dataDir: string, damaged: string, whole: string): void {
  const server = takeRole(dataDir, 'server', serverRuns);
  try {
    // What is left of the old write-ahead log must never meet the new file.
    for (const suffix of ['-wal', '-shm', '-journal']) rmSync(`${damaged}${suffix}`, { force: true });
    renameSync(whole, damaged);
    syncFolder(dataDir);
  } finally {
    server.release();
  }
}

function serverRuns(pid: number | undefined) {
  return conflict(
    'server_runs',
    `The damaged database can't be replaced while the platform is being served${pid === undefined ? '' : ` (process ${pid})`}.`,
    pid === undefined ? 'Stop it first.' : `Stop it first: kill ${pid}`,
  );
}
