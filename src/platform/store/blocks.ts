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
