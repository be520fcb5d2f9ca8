import { randomUUID } from 'node:crypto';
import { type AuditFacts, type ChainLink, genesis, link } from '../audit/chain.js';
import type { Database, Row, Value } from './database.js';

type Link = Row & { seq: number; record: string; hash: string };

/** A link whose number, tampered with, may be larger than one of JavaScript: it is no record's number in any case. */
const LINK = `max(min(seq, ${Number.MAX_SAFE_INTEGER}), ${Number.MIN_SAFE_INTEGER}) AS seq, record, hash`;

/** The same with nothing in the place of a text that has a NUL: none was written, and nobody reads on after one. */
const WHOLE_LINK = LINK.replace('record, hash', `${whole('record')}, ${whole('hash')}`);

/** By how much a clock may be set back, in milliseconds. */
const CLOCK_SLACK = 24 * 3_600_000;

function whole(column: string): string {
  return `iif(instr(${column}, char(0)) > 0, '', ${column}) AS ${column}`;
}

interface AuditSelection {
  readonly space?: string | undefined;
  readonly app?: string | undefined;
  readonly user?: string | undefined;
  /** Only records about one of these spaces. */
  readonly among?: readonly string[] | undefined;
  /** ISO 8601, UTC, in milliseconds. */
  readonly since?: string | undefined;
}

/** The audit log as it is kept: only ever appended to, within the transaction of the change it records. */
export class AuditLog {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Adds the next record. */
  append(dataId: string, facts: AuditFacts): void {
    const last = this.last();
    const seq = (last?.seq ?? 0) + 1;
    const record = JSON.stringify({ seq, salt: randomUUID(), ...facts });
    const hash = link(last?.hash ?? genesis(dataId), record);
    this.#db.run('INSERT INTO audit (seq, record, hash) VALUES (?, ?, ?)', seq, record, hash);
  }

  /**
   * Returns the time of the last record if it is later than `now`, and otherwise `now`, as ISO 8601 in milliseconds: records
   * are in the order of their times also while the clock is set back a little. Of a clock that was ahead by more than
   * {@link CLOCK_SLACK} the time was false, and is not kept.
   */
  notBefore(now: Date): string {
    const last = this.#db.get<{ at: Value }>(
      "SELECT iif(json_valid(record), json_extract(record, '$.at'), NULL) AS at FROM audit ORDER BY audit.seq DESC LIMIT 1",
    );
    const ahead = typeof last?.at === 'string' ? Date.parse(last.at) - now.getTime() : 0;
    return new Date(now.getTime() + (ahead > 0 && ahead <= CLOCK_SLACK ? ahead : 0)).toISOString();
  }

  last(): ChainLink | undefined {
    return this.#db.get<Link>(`SELECT ${LINK} FROM audit ORDER BY audit.seq DESC LIMIT 1`);
  }

  /** The number of the last change. */
  number(): number {
    return this.#db.get<{ n: number }>('SELECT coalesce(max(seq), 0) AS n FROM audit')?.n ?? 0;
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

  /**
   * Those of a space and those of no space, which are of the whole platform, after a number and up to another, oldest
   * first.
   */
  ofSpaceAndPlatform(space: string, after: number, last: number): IterableIterator<ChainLink> {
    return this.#db.each<Link>(
      // Two statements in one, for with OR SQLite would sort all that it found.
      `SELECT seq, record, hash FROM audit WHERE space = ?1 AND seq > ?2 AND seq <= ?3
       UNION ALL
       SELECT seq, record, hash FROM audit WHERE space IS NULL AND seq > ?2 AND seq <= ?3
       ORDER BY seq`,
      space,
      after,
      last,
    );
  }

  /** Those of a space at the very time, oldest first. */
  ofSpaceAt(space: string, time: string): ChainLink[] {
    const sql = 'SELECT seq, record, hash FROM audit WHERE at = ? AND space = ? ORDER BY seq';
    return this.#db.all<Link>(sql, time, space);
  }

  /** The next ones after a number, oldest first, at most `size`, as they are to be checked. */
  page(seq: number, size: number): ChainLink[] {
    const sql = `SELECT ${WHOLE_LINK} FROM audit WHERE audit.seq > ? ORDER BY audit.seq LIMIT ?`;
    return this.#db.all<Link>(sql, seq, size);
  }

  /** The number of the first record of a time or later; after a clock went back, earlier ones may follow it. */
  firstSince(time: string): number | undefined {
    const found = this.#db.get<{ seq: number | null }>(
      // Without the sign, every older record would be read, for SQLite finds the least number by going through them.
      'SELECT min(+seq) AS seq FROM audit WHERE at >= ?',
      time,
    );
    return found?.seq ?? undefined;
  }

  /** Whether anything was ever done in a space, which may be gone. That something was refused says nothing of its being there. */
  knows(space: string): boolean {
    const done = this.#db.get(
      `SELECT 1 FROM audit WHERE space = ? AND json_extract(record, '$.outcome') = 'done' LIMIT 1`,
      space,
    );
    return done !== undefined;
  }

  /** From the first to the last. */
  links(): IterableIterator<ChainLink> {
    return this.#db.each<Link>('SELECT seq, record, hash FROM audit ORDER BY seq');
  }

  /** Whether somebody of this name did something without coming in over the network. */
  hasOwnWay(username: string): boolean {
    const own = this.#db.get(
      `SELECT 1 FROM audit WHERE username = ? AND json_extract(record, '$.origin') NOT LIKE 'tcp %' LIMIT 1`,
      username,
    );
    return own !== undefined;
  }

  /** The newest first, at most `size`. */
  newest({ space, app, user, since, among }: AuditSelection, size: number): ChainLink[] {
    const from = since === undefined ? undefined : this.firstSince(since);
    if (since !== undefined && from === undefined) return [];
    const wanted = [
      ['space = ?', space],
      ['app = ?', app],
      ['username = ?', user],
      // Those before need not be looked at, whatever else is asked for.
      ['seq >= ?', from],
      ['at >= ?', since],
      ['space IN (SELECT value FROM json_each(?))', among && JSON.stringify(among)],
    ].filter((each): each is [string, string | number] => each[1] !== undefined);
    return this.#db.all<Link>(
      `SELECT seq, record, hash FROM audit WHERE ${wanted.map(([is]) => is).join(' AND ') || 'TRUE'}
       ORDER BY seq DESC LIMIT ?`,
      ...wanted.map(([, value]) => value),
      size,
    );
  }
}
