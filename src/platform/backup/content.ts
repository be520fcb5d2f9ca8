import { createHash } from 'node:crypto';
import type { Database, Value } from '../store/database.js';
import { schemaOf } from '../store/schema-check.js';

/** The table that makes a copy of the platform's database a backup. */
export const BACKUP_TABLE = `
  CREATE TABLE backup (
    made_at TEXT NOT NULL,
    version TEXT NOT NULL,
    key     TEXT,
    digest  TEXT NOT NULL
  ) STRICT`;

/** What a backup says about itself. */
export interface BackupFacts {
  readonly made_at: string;
  /** The version of the program that made it. */
  readonly version: string;
  /** The key of its secrets in base64; null if it was not there any more. */
  readonly key: string | null;
}

/**
 * A digest of everything a backup holds, and of what it says about itself. SQLite notices damage to its own
 * structures, but not to a value.
 */
export function digestOf(db: Database, { made_at, version, key }: BackupFacts): string {
  const hash = createHash('sha256');
  const add = (values: Value[]): void => {
    hash.update(JSON.stringify(values.map((value) => (value instanceof Uint8Array ? [hex(value)] : value))));
  };
  add([made_at, version, key]);
  add([pragma(db, 'application_id'), pragma(db, 'user_version')]);
  for (const object of schemaOf(db)) add(Object.values(object));
  for (const table of tablesOf(db)) {
    add([table]);
    for (const row of db.each(`SELECT * FROM "${table}"`)) add(Object.values(row));
  }
  return hash.digest('hex');
}

/** The tables of the platform. */
export function tablesOf(db: Database): string[] {
  return schemaOf(db).flatMap(({ type, name }) => (type === 'table' ? [name] : []));
}

/** One of the two numbers that SQLite keeps for a program. */
export function pragma(db: Database, name: 'application_id' | 'user_version'): number {
  return Number(db.get(`PRAGMA ${name}`)?.[name]);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
