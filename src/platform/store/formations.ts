import type { Database } from './database.js';

/** How many dynos of a process type there are to be, and how they run. */
export interface FormationRecord {
  readonly id: string;
  /** The id of its app. */
  readonly app: string;
  readonly type: string;
  /** null: the one that the slug gives this type. */
  readonly command: string | null;
  readonly quantity: number;
  readonly size: string;
  readonly port: number | null;
  readonly healthcheck: string | null;
  /** Seconds from SIGTERM to SIGKILL; null: the default. */
  readonly grace: number | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

type FormationRow = Record<'id' | 'app' | 'type' | 'size' | 'created_at' | 'updated_at', string> & {
  quantity: number;
  command: string | null;
  port: number | null;
  healthcheck: string | null;
  grace: number | null;
};

/** The process types of apps. */
export class Formations {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** By type. */
  of(app: string): FormationRecord[] {
    return this.#db
      .all<FormationRow>('SELECT * FROM formations WHERE app = ? ORDER BY type', app)
      .map(record);
  }

  /** Those of a type, over all apps of a space, that are to have fewer dynos than that; with the names of their apps. */
  below(
    space: string,
    type: string,
    quantity: number,
  ): { readonly app: string; readonly quantity: number }[] {
    return this.#db.all<{ app: string; quantity: number }>(
      `SELECT apps.name AS app, formations.quantity FROM apps JOIN formations ON formations.app = apps.id
       WHERE apps.space = ? AND formations.type = ? AND formations.quantity < ? ORDER BY apps.name`,
      space,
      type,
      quantity,
    );
  }

  find(app: string, type: string): FormationRecord | undefined {
    const row = this.#db.get<FormationRow>('SELECT * FROM formations WHERE app = ? AND type = ?', app, type);
    return row && record(row);
  }

  insert(formation: FormationRecord): void {
    const { id, app, type, command, quantity, size, port, healthcheck, grace, createdAt, updatedAt } =
      formation;
    this.#db.run(
      `INSERT INTO formations (id, app, type, command, quantity, size, port, healthcheck, grace, created_at, updated_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      id,
      app,
      type,
      command,
      quantity,
      size,
      port,
      healthcheck,
      grace,
      createdAt,
      updatedAt,
    );
    this.#setPlaces(formation);
  }

  /** Replaces everything about it that can change. */
  update(formation: FormationRecord): void {
    const { id, command, quantity, size, port, healthcheck, grace, updatedAt } = formation;
    this.#db.run(
      `UPDATE formations SET command = ?, quantity = ?, size = ?, port = ?, healthcheck = ?, grace = ?, updated_at = ?
       WHERE id = ?`,
      command,
      quantity,
      size,
      port,
      healthcheck,
      grace,
      updatedAt,
      id,
    );
    this.#setPlaces(formation);
  }

  remove(id: string): void {
    this.#db.run('DELETE FROM formations WHERE id = ?', id);
  }

  /** Those that are new take their turn now; those there were keep theirs. */
  #setPlaces({ app, type, quantity, updatedAt }: FormationRecord): void {
    this.#db.run('DELETE FROM places WHERE app = ? AND type = ? AND number > ?', app, type, quantity);
    for (let number = 1; number <= quantity; number += 1) {
      this.#db.run(
        'INSERT OR IGNORE INTO places (app, type, number, since) VALUES (?, ?, ?, ?)',
        app,
        type,
        number,
        updatedAt,
      );
    }
  }
}

function record(row: FormationRow): FormationRecord {
  const { created_at: createdAt, updated_at: updatedAt, ...rest } = row;
  return { ...rest, createdAt, updatedAt };
}
