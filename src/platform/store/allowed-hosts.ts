import type { Database } from './database.js';

/** A service of this machine that the dynos of a space may reach. */
export interface AllowedHost {
  readonly space: string;
  readonly port: number;
  /** How they call the machine. */
  readonly name: string;
  readonly createdAt: string;
}

type AllowedRow = { space: string; port: number; name: string; created_at: string };

/** Which services of this machine are open to which spaces. */
export class AllowedHosts {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** By port. */
  of(space: string): AllowedHost[] {
    return this.#db
      .all<AllowedRow>('SELECT * FROM allowed_hosts WHERE space = ? ORDER BY port', space)
      .map(({ created_at: createdAt, ...rest }) => ({ ...rest, createdAt }));
  }

  /** By port, then space. */
  all(): AllowedHost[] {
    return this.#db
      .all<AllowedRow>('SELECT * FROM allowed_hosts ORDER BY port, space')
      .map(({ created_at: createdAt, ...rest }) => ({ ...rest, createdAt }));
  }

  /** The same port again takes the new name. */
  put({ space, port, name, createdAt }: AllowedHost): void {
    this.#db.run(
      `INSERT INTO allowed_hosts (space, port, name, created_at) VALUES (?1, ?2, ?3, ?4)
       ON CONFLICT (space, port) DO UPDATE SET name = ?3`,
      space,
      port,
      name,
      createdAt,
    );
  }

  /** False if it wasn't there. */
  remove(space: string, port: number): boolean {
    const there = this.#db.get('SELECT 1 FROM allowed_hosts WHERE space = ? AND port = ?', space, port);
    this.#db.run('DELETE FROM allowed_hosts WHERE space = ? AND port = ?', space, port);
    return there !== undefined;
  }
}
