import type { SpaceName } from '../../model/names.js';
import type { Database } from './database.js';

/** The /24 blocks of the address pool and the spaces that have them. A block has a row once it has been used. */
export class Blocks {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** The blocks of a space in the order of their numbers. */
  of(space: SpaceName): number[] {
    return this.#db
      .all<{ number: number }>('SELECT number FROM blocks WHERE space = ? ORDER BY number', space)
      .map((row) => row.number);
  }

  /** The lowest block that no space has, of a pool of `size`; undefined if there is none. */
  free(size: number): number | undefined {
    const returned = this.#db.get<{ number: number }>(
      'SELECT number FROM blocks WHERE space IS NULL AND number < ? ORDER BY number LIMIT 1',
      size,
    );
    if (returned !== undefined) return returned.number;
    const next =
      (this.#db.get<{ last: number | null }>('SELECT max(number) AS last FROM blocks')?.last ?? -1) + 1;
    return next < size ? next : undefined;
  }

  /** How many blocks spaces have. */
  taken(): number {
    return this.#db.get<{ n: number }>('SELECT count(*) AS n FROM blocks WHERE space IS NOT NULL')?.n ?? 0;
  }

  /** The first of `count` neighbours that no space has, a multiple of `count`, of a pool of `size`; undefined if there are none. */
  freeRun(size: number, count: number): number | undefined {
    if (count === 1) return this.free(size);
    const taken = new Set(
      this.#db
        .all<{ number: number }>('SELECT number FROM blocks WHERE space IS NOT NULL')
        .map(({ number }) => Math.floor(number / count)),
    );
    for (let run = 0; (run + 1) * count <= size; run++) if (!taken.has(run)) return run * count;
    return undefined;
  }

  /** Whether no other space has one of `count` blocks from `first`. */
  isFreeFor(space: SpaceName, first: number, count: number): boolean {
    const taken = this.#db.get(
      'SELECT 1 FROM blocks WHERE number >= ?1 AND number < ?1 + ?2 AND space <> ?3',
      first,
      count,
      space,
    );
    return taken === undefined;
  }

  /** Returns blocks of a space to the pool: those outside of `count` from `first` that no app has its address in. */
  giveBack(space: SpaceName, first: number, count: number): void {
    this.#db.run(
      `UPDATE blocks SET space = NULL WHERE space = ?1 AND (number < ?2 OR number >= ?2 + ?3)
         AND NOT EXISTS (SELECT 1 FROM apps WHERE space = ?1 AND address >> 8 = blocks.number)`,
      space,
      first,
      count,
    );
  }

  /** The highest block that no space has, of a pool of `size` and not among `but`; undefined if there is none. */
  lastFree(size: number, but: ReadonlySet<number>): number | undefined {
    for (let number = size - 1; number >= 0; number -= 1) {
      if (but.has(number)) continue;
      const taken = this.#db.get('SELECT 1 FROM blocks WHERE number = ? AND space IS NOT NULL', number);
      if (taken === undefined) return number;
    }
    return undefined;
  }

  give(number: number, space: SpaceName): void {
    this.#db.run(
      'INSERT INTO blocks (number, space) VALUES (?1, ?2) ON CONFLICT (number) DO UPDATE SET space = ?2 WHERE space IS NULL',
      number,
      space,
    );
  }
}
