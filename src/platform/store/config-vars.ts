import type { Cipher } from './cipher.js';
import type { Database } from './database.js';

/** Config vars that users set. Values are sealed; names are not. */
export class ConfigVars {
  readonly #db: Database;
  readonly #cipher: () => Cipher;

  constructor(db: Database, cipher: () => Cipher) {
    this.#db = db;
    this.#cipher = cipher;
  }

  /** By name. */
  of(app: string): Record<string, string> {
    const rows = this.#db.all<{ name: string; value: Uint8Array }>(
      'SELECT name, value FROM config_vars WHERE app = ? ORDER BY name',
      app,
    );
    return Object.fromEntries(
      rows.map((row) => [row.name, this.#cipher().open(row.value, place(app, row.name))]),
    );
  }

  has(app: string, name: string): boolean {
    return this.#db.get('SELECT 1 FROM config_vars WHERE app = ? AND name = ?', app, name) !== undefined;
  }

  set(app: string, name: string, value: string): void {
    this.#db.run(
      'INSERT INTO config_vars (app, name, value) VALUES (?1, ?2, ?3) ON CONFLICT (app, name) DO UPDATE SET value = ?3',
      app,
      name,
      this.#cipher().seal(value, place(app, name)),
    );
  }

  count(app: string): number {
    return this.#db.get<{ n: number }>('SELECT count(*) AS n FROM config_vars WHERE app = ?', app)?.n ?? 0;
  }

  remove(app: string, name: string): void {
    this.#db.run('DELETE FROM config_vars WHERE app = ? AND name = ?', app, name);
  }
}

function place(app: string, name: string): string {
  return `config ${app} ${name}`;
}
