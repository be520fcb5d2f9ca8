import type { Database } from './database.js';

/** An app that somebody wants to find again. */
export interface FavoriteRecord {
  readonly id: string;
  /** Whose: their name in the audit log. */
  readonly username: string;
  /** The id of the app. */
  readonly app: string;
  readonly createdAt: string;
}

type FavoriteRow = Record<'id' | 'username' | 'app' | 'created_at', string>;

/** The favourites of everybody. They go with their apps. */
export class Favorites {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** In the order in which they came. */
  of(username: string): FavoriteRecord[] {
    return this.#db
      .all<FavoriteRow>('SELECT * FROM favorites WHERE username = ? ORDER BY created_at, id', username)
      .map(record);
  }

  find(username: string, app: string): FavoriteRecord | undefined {
    const row = this.#db.get<FavoriteRow>(
      'SELECT * FROM favorites WHERE username = ? AND app = ?',
      username,
      app,
    );
    return row && record(row);
  }

  insert({ id, username, app, createdAt }: FavoriteRecord): void {
    this.#db.run(
      'INSERT INTO favorites (id, username, app, created_at) VALUES (?, ?, ?, ?)',
      id,
      username,
      app,
      createdAt,
    );
  }

  remove({ username, app }: FavoriteRecord): void {
    this.#db.run('DELETE FROM favorites WHERE username = ? AND app = ?', username, app);
  }
}

function record({ created_at: createdAt, ...rest }: FavoriteRow): FavoriteRecord {
  return { ...rest, createdAt };
}
