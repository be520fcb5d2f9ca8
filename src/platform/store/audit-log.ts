import { type AuditRecord, type ChainLink, genesis, link } from '../audit/chain.js';
import type { Database, Row } from './database.js';

type Link = Row & { seq: number; record: string; hash: string };

interface AuditSelection {
  readonly space?: string | undefined;
  readonly app?: string | undefined;
  readonly user?: string | undefined;
}

/** The audit log as it is kept: only ever appended to, within the transaction of the change it records. */
export class AuditLog {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Adds the next record. */
  append(dataId: string, facts: Omit<AuditRecord, 'seq'>): void {
    const last = this.last();
    const seq = (last?.seq ?? 0) + 1;
    const record = JSON.stringify({ seq, ...facts });
    const hash = link(last?.hash ?? genesis(dataId), record);
    this.#db.run('INSERT INTO audit (seq, record, hash) VALUES (?, ?, ?)', seq, record, hash);
  }

  last(): ChainLink | undefined {
    return this.#db.get<Link>('SELECT seq, record, hash FROM audit ORDER BY seq DESC LIMIT 1');
  }

  /** Those after a number, oldest first. */
  after(seq: number): ChainLink[] {
    return this.#db.all<Link>('SELECT seq, record, hash FROM audit WHERE seq > ? ORDER BY seq', seq);
  }

  /** Those of a space after a number and up to another, oldest first. */
  ofSpace(space: string, after: number, last: number): IterableIterator<ChainLink> {
    return this.#db.each<Link>(
      'SELECT seq, record, hash FROM audit WHERE space = ? AND seq > ? AND seq <= ? ORDER BY seq',
      space,
      after,
      last,
    );
  }

  /** The number of the newest of a space from before a time (ISO 8601, UTC); 0 if there is none. */
  lastBefore(space: string, time: string): number {
    const row = this.#db.get<{ seq: number | null }>(
      "SELECT max(seq) AS seq FROM audit WHERE space = ? AND json_extract(record, '$.at') < ?",
      space,
      time,
    );
    return row?.seq ?? 0;
  }

  /** From the first to the last. */
  links(): IterableIterator<ChainLink> {
    return this.#db.each<Link>('SELECT seq, record, hash FROM audit ORDER BY seq');
  }

  /** The newest first, at most `size`. */
  newest(selection: AuditSelection, size: number): ChainLink[] {
    const wanted = Object.entries({
      space: selection.space,
      app: selection.app,
      username: selection.user,
    }).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const where = wanted.map(([column]) => `${column} = ?`).join(' AND ') || 'TRUE';
    return this.#db.all<Link>(
      `SELECT seq, record, hash FROM audit WHERE ${where} ORDER BY seq DESC LIMIT ?`,
      ...wanted.map(([, value]) => value),
      size,
    );
  }
}
