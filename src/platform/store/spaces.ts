import { COMPLIANCES, type Compliance, isCompliance, orderCompliance } from '../../model/compliance.js';
import type { SpaceName } from '../../model/names.js';
import type { Database } from './database.js';

/** A space as it is kept. */
export interface SpaceRecord {
  readonly id: string;
  readonly name: SpaceName;
  readonly compliance: readonly Compliance[];
  /** The name of its stack. */
  readonly stack: string;
  readonly description: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

type SpaceRow = Record<
  'id' | 'name' | 'compliance' | 'stack' | 'description' | 'created_at' | 'updated_at',
  string
>;

/** The spaces, without the blocks of addresses that they have. */
export class Spaces {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** By name or id. */
  find(key: string): SpaceRecord | undefined {
    const row = this.#db.get<SpaceRow>('SELECT * FROM spaces WHERE name = ?1 OR id = ?1', key);
    return row && record(row);
  }

  /** By name, those after `after` and at most `limit` of them (-1: all). */
  list(
    filter: {
      compliance: readonly Compliance[];
      stack?: string | undefined;
      /** Only these. */
      among?: readonly string[] | undefined;
    },
    after: string,
    limit: number,
  ): SpaceRecord[] {
    return this.#db
      .all<SpaceRow>(
        `SELECT * FROM spaces
         WHERE name > ?1 AND (?2 IS NULL OR stack = ?2)
           AND (?3 = '' OR compliance IN (SELECT value FROM json_each(?4)))
           AND (?5 IS NULL OR name IN (SELECT value FROM json_each(?5)))
         ORDER BY name LIMIT ?6`,
        after,
        filter.stack ?? null,
        filter.compliance.join(','),
        JSON.stringify(setsWith(filter.compliance)),
        filter.among === undefined ? null : JSON.stringify(filter.among),
        limit,
      )
      .map(record);
  }

  names(): string[] {
    return this.#db.all<{ name: string }>('SELECT name FROM spaces ORDER BY name').map((row) => row.name);
  }

  insert(space: SpaceRecord): void {
    this.#db.run(
      'INSERT INTO spaces (id, name, compliance, stack, description, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
      space.id,
      space.name,
      space.compliance.join(','),
      space.stack,
      space.description,
      space.createdAt,
      space.updatedAt,
    );
  }

  describe(name: SpaceName, description: string, at: string): void {
    this.#db.run('UPDATE spaces SET description = ?, updated_at = ? WHERE name = ?', description, at, name);
  }

  remove(name: SpaceName): void {
    this.#db.run('DELETE FROM spaces WHERE name = ?', name);
  }
}

function record(row: SpaceRow): SpaceRecord {
  return {
    id: row.id,
    name: row.name as SpaceName,
    compliance: row.compliance.split(',').filter(isCompliance),
    stack: row.stack,
    description: row.description,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** Every stored form of a set that holds all of `wanted`. */
function setsWith(wanted: readonly Compliance[]): string[] {
  const others = COMPLIANCES.filter((each) => !wanted.includes(each));
  const subsets = others.reduce<Compliance[][]>(
    (sets, each) => [...sets, ...sets.map((set) => [...set, each])],
    [[]],
  );
  return subsets.map((subset) => orderCompliance([...wanted, ...subset]).join(','));
}
