import { join } from 'node:path';
import { type AuditRecord, verifyChain } from '../audit/chain.js';
import { draftOf, removeDatabase } from '../files/drafts.js';
import { AuditLog } from '../store/audit-log.js';
import { Database } from '../store/database.js';
import { brokenText, headFault } from '../store/kept-head.js';
import { readKey } from '../store/keys.js';
import { Meta } from '../store/meta.js';
import { schemaVersion } from '../store/migrations.js';
import { schemaDifferences } from '../store/schema-check.js';
import { isDamage } from '../store/sqlite-errors.js';
import { databaseFile, platformExists, refuseLooseData } from '../store/store.js';
import { type Answer, type Check, type Machine, ok, problem, warning } from './check.js';
import { mayOpenData } from './folders.js';

const RESTORE = 'Restore a backup: aka platform:restore FILE';

const ACCEPT = `${RESTORE}. To accept the log as it is, on the record: aka platform:backup FILE && aka platform:restore FILE`;

/** So far ahead of the clock a record may be, in milliseconds: clocks are corrected. */
const AHEAD = 5 * 60_000;

export const dataChecks: readonly Check[] = [
  {
    name: 'sqlite',
    examine(machine) {
      const file = mayOpenData(machine) ? draftOf(join(machine.dataDir, 'doctor.db')) : ':memory:';
      const db = new Database(file);
      try {
        const mode = db.get('PRAGMA journal_mode = WAL')?.journal_mode;
        db.exec('CREATE TABLE tried (it INTEGER)');
        const version = String(db.get('SELECT sqlite_version() AS version')?.version);
        if (file === ':memory:' || mode === 'wal') return ok(`SQLite ${version} works`);
        return problem(
          `SQLite ${version} has no write-ahead log in ${machine.dataDir}.`,
          'Set AKA_DATA_DIR to a local disk.',
        );
      } finally {
        db.close();
        if (file !== ':memory:') removeDatabase(file);
      }
    },
  },
  {
    name: 'database',
    examine: (machine) =>
      withData(machine, (db) => {
        const file = databaseFile(machine.dataDir);
        refuseLooseData(file);
        const version = schemaVersion(db);
        const found = db.get('PRAGMA quick_check(1)')?.quick_check;
        if (found !== 'ok') return problem(`${file} is damaged.`, RESTORE);
        const differences = schemaDifferences(db, version);
        if (differences.length === 0) return ok(`version ${version}, sound`);
        return problem(`${file} was changed by another program: ${differences.join(', ')}.`, RESTORE);
      }),
  },
  {
    name: 'key',
    examine: (machine) =>
      withData(machine, (db) => {
        const { dataId, keyId } = new Meta(db);
        readKey(machine.configDir, { dataId, keyId });
        return ok('the key of the config vars is there, and private');
      }),
  },
  {
    name: 'audit log',
    examine: (machine) =>
      withData(machine, (db) => {
        const answer = db.snapshot(() => {
          const log = new AuditLog(db);
          const { records, broken } = verifyChain(new Meta(db).dataId, log.links());
          if (broken !== undefined) {
            return problem(brokenText(broken), RESTORE);
          }
          const last = log.last();
          const at = last === undefined ? 0 : Date.parse((JSON.parse(last.record) as AuditRecord).at);
          if (at <= Date.now() + AHEAD) return ok(`${records} records, whole`);
          return warning(
            `The last record of the audit log is of ${new Date(at).toISOString()}, after the time of this machine.`,
            'Check the clock: date',
          );
        });
        const lost = answer.state === 'problem' ? undefined : headFault(db, machine);
        return lost === undefined ? answer : problem(brokenText(lost), ACCEPT);
      }),
  },
];

/** Looks at the data if there is any, without making it. */
function withData(machine: Machine, look: (db: Database) => Answer): Answer {
  const file = databaseFile(machine.dataDir);
  if (!platformExists(machine)) return ok('none yet: it is made with the first space');
  if (!mayOpenData(machine))
    return problem(`${file} can't be looked at: it is another user's.`, 'Run aka as its owner.');
  let db: Database | undefined;
  try {
    db = new Database(file);
    return look(db);
  } catch (error) {
    if (!isDamage(error)) throw error;
    return problem(`${file} is damaged.`, RESTORE);
  } finally {
    db?.close();
  }
}

/** What is read of the data for a check of something else; undefined where there is none, or it can't be read. */
export function readData<R>(machine: Machine, read: (db: Database) => R): R | undefined {
  if (!platformExists(machine) || !mayOpenData(machine)) return undefined;
  let db: Database | undefined;
  try {
    db = new Database(databaseFile(machine.dataDir));
    return read(db);
  } catch {
    // What is wrong with it is told by the checks above.
    return undefined;
  } finally {
    db?.close();
  }
}
