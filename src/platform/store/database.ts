import { closeSync, fchmodSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { DatabaseSync, type StatementSyncInstance } from '@photostructure/sqlite';
import { AppsApiError } from '../../contract/errors.js';
import { BUSY_TIMEOUT, isNotADatabase, translated } from './sqlite-errors.js';

export type Value = string | number | null | Uint8Array;
export type Row = Record<string, Value>;

/** How long a checkpoint waits for readers, in milliseconds; each takes a few of them. */
const CHECKPOINT_TIMEOUT = 2000;

/** Where a file says how it is written and read, and that this is through a write-ahead log (SQLite file format, 1.3). */
const FORMAT_OFFSET = 18;
const WAL_FORMAT = 2;

/**
 * One SQLite file in WAL mode. Every commit is on disk when it returns (`synchronous=FULL`), so that what was
 * answered survives a power cut too. Whatever it does throws an AppsApiError (503 or 507) where the machine or the
 * file is at fault.
 */
export class Database {
  readonly #db: InstanceType<typeof DatabaseSync>;
  readonly #statements = new Map<string, StatementSyncInstance>();
  #transactions = 0;

  constructor(readonly file: string) {
    this.#db = attempt(() => new DatabaseSync(file, { timeout: BUSY_TIMEOUT }));
    try {
      this.#db.exec('PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;');
    } catch (error) {
      this.#db.close();
      throw isNotADatabase(error) ? notOurData(file, { cause: error }) : translated(error);
    }
  }

  /** The first row, if there is one. */
  get<R extends Row>(sql: string, ...values: Value[]): R | undefined {
    return attempt(() => this.#statement(sql).get(...values.map(bound)) as R | undefined);
  }

  all<R extends Row>(sql: string, ...values: Value[]): R[] {
    return attempt(() => this.#statement(sql).all(...values.map(bound)) as R[]);
  }

  /** Rows one by one, for what may not fit into memory. */
  *each<R extends Row>(sql: string, ...values: Value[]): IterableIterator<R> {
    try {
      yield* this.#statement(sql).iterate(...values.map(bound)) as IterableIterator<R>;
    } catch (error) {
      throw translated(error);
    }
  }

  /** One statement that answers nothing. */
  run(sql: string, ...values: Value[]): void {
    attempt(() => this.#statement(sql).run(...values.map(bound)));
  }

  /** Several statements at once, without values. */
  exec(sql: string): void {
    attempt(() => this.#db.exec(sql));
  }

  /** The number of the transaction that is under way; undefined outside of one, where another process may write. */
  get transactionNumber(): number | undefined {
    return this.#db.isTransaction ? this.#transactions : undefined;
  }

  /** Everything that `work` writes, or nothing: a throw undoes all of it. Never nested. */
  transaction<R>(work: () => R): R {
    return this.#within('BEGIN IMMEDIATE', work);
  }

  /** One state of the database for several reads, while others write. */
  snapshot<R>(work: () => R): R {
    return this.#within('BEGIN DEFERRED', work);
  }

  /**
   * Writes one state of all of it into a new file, readable by its owner only and in WAL mode, on disk when this
   * returns, while others write. Nothing of what was deleted goes with it.
   * No connection to that file is left open: with one, the file could not be moved.
   */
  copyInto(file: string): void {
    const fd = openSync(file, 'wx', 0o600);
    try {
      fchmodSync(fd, 0o600);
      this.run('VACUUM INTO ?', file);
      writeSync(fd, Buffer.of(WAL_FORMAT, WAL_FORMAT), 0, 2, FORMAT_OFFSET);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  }

  /**
   * Folds the write-ahead log into the file and empties it. False if somebody still reads an earlier state after some
   * seconds, for which writers wait, too.
   */
  checkpoint(): boolean {
    this.exec(`PRAGMA busy_timeout = ${CHECKPOINT_TIMEOUT}`);
    try {
      return this.get('PRAGMA wal_checkpoint(TRUNCATE)')?.busy === 0;
    } finally {
      this.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT}`);
    }
  }

  /**
   * Nothing may be called afterwards. The library keeps the file open until its statements are collected or the
   * process ends, so the file must not be moved meanwhile.
   */
  close(): void {
    this.#statements.clear();
    this.#db.close();
  }

  #within<R>(begin: string, work: () => R): R {
    this.exec(begin);
    this.#transactions += 1;
    try {
      const result = work();
      this.exec('COMMIT');
      return result;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  #statement(sql: string): StatementSyncInstance {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/** The driver ends a text at a NUL, so that `web` would be found for another key; as bytes it equals no text. */
function bound(value: Value): Value {
  return typeof value === 'string' && value.includes('\0') ? Buffer.from(value) : value;
}

function attempt<R>(work: () => R): R {
  try {
    return work();
  } catch (error) {
    throw translated(error);
  }
}

/** The error for a file that some other program made. */
export function notOurData(name: string, options?: ErrorOptions): AppsApiError {
  const facts = {
    id: 'not_our_data',
    status: 503,
    message: `${name} is not the database of a platform.`,
    hint: 'Point AKA_DATA_DIR at the folder of a platform, or at an empty one for a new platform.',
  };
  return new AppsApiError(facts, options);
}
