import type { AppName, SpaceName } from '../../model/names.js';
import type { Database } from './database.js';

/** An app as it is kept. */
export interface AppRecord {
  readonly id: string;
  readonly name: AppName;
  readonly space: SpaceName;
  /** The name of its organization. */
  readonly organization: string;
  /** Counted from the start of the pool; its for life. */
  readonly address: number;
  readonly description: string;
  readonly labels: string;
  readonly maintenance: boolean;
  readonly createdAt: string;
  readonly updatedAt: string;
}

type AppChanges = Partial<Pick<AppRecord, 'description' | 'labels' | 'maintenance'>>;

type AppRow = Record<
  'id' | 'name' | 'space' | 'organization' | 'description' | 'labels' | 'created_at' | 'updated_at',
  string
> & { address: number; maintenance: number };

/** The apps of all spaces, without their config vars. */
export class Apps {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  byId(id: string): AppRecord | undefined {
    const row = this.#db.get<AppRow>('SELECT * FROM apps WHERE id = ?', id);
    return row && record(row);
  }

  byName(name: string, space: string): AppRecord | undefined {
    const row = this.#db.get<AppRow>('SELECT * FROM apps WHERE name = ? AND space = ?', name, space);
    return row && record(row);
  }

  /** By name, then space; those after `after`, at most `limit` of them (-1: all), only in these spaces if told. */
  list(
    after: { name: string; space: string },
    limit: number,
    among: readonly string[] | undefined,
  ): AppRecord[] {
    return this.#db
      .all<AppRow>(
        `SELECT * FROM apps WHERE (name, space) > (?1, ?2)
           AND (?3 IS NULL OR space IN (SELECT value FROM json_each(?3)))
         ORDER BY name, space LIMIT ?4`,
        after.name,
        after.space,
        among === undefined ? null : JSON.stringify(among),
        limit,
      )
      .map(record);
  }

  /** The apps of a space by name; those after `after`, at most `limit` of them (-1: all). */
  inSpace(space: string, after = '', limit = -1): AppRecord[] {
    return this.#db
      .all<AppRow>(
        'SELECT * FROM apps WHERE space = ? AND name > ? ORDER BY name LIMIT ?',
        space,
        after,
        limit,
      )
      .map(record);
  }

  countIn(space: string): number {
    return this.#db.get<{ n: number }>('SELECT count(*) AS n FROM apps WHERE space = ?', space)?.n ?? 0;
  }

  /** The address of every app of a space, in ascending order. */
  addressesIn(space: string): number[] {
    return this.#db
      .all<{ address: number }>('SELECT address FROM apps WHERE space = ? ORDER BY address', space)
      .map((row) => row.address);
  }

  insert(app: AppRecord): void {
    this.#db.run(
      `INSERT INTO apps (id, name, space, organization, address, description, labels, maintenance, created_at, updated_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      app.id,
      app.name,
      app.space,
      app.organization,
      app.address,
      app.description,
      app.labels,
      app.maintenance ? 1 : 0,
      app.createdAt,
      app.updatedAt,
    );
  }

  update(id: string, changes: AppChanges, at: string): void {
    this.#db.run(
      `UPDATE apps SET description = coalesce(?, description), labels = coalesce(?, labels),
         maintenance = coalesce(?, maintenance), updated_at = ? WHERE id = ?`,
      changes.description ?? null,
      changes.labels ?? null,
      changes.maintenance === undefined ? null : Number(changes.maintenance),
      at,
      id,
    );
  }

  /** Its config vars go with it. */
  remove(id: string): void {
    this.#db.run('DELETE FROM apps WHERE id = ?', id);
  }
}

function record(row: AppRow): AppRecord {
  return {
    id: row.id,
    name: row.name as AppName,
    space: row.space as SpaceName,
    organization: row.organization,
    address: row.address,
    description: row.description,
    labels: row.labels,
    maintenance: row.maintenance === 1,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
