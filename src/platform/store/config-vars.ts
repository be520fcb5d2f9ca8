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

  /** Seals every value anew, with another key; answers how many there are. */
  reseal(from: Cipher, to: Cipher): number {
    const rows = this.#db.all<SealedVar>('SELECT app, name, value FROM config_vars');
    for (const { app, name, value } of rows) {
      const at = place(app, name);
      const sealed = to.seal(from.open(value, at), at);
      this.#db.run('UPDATE config_vars SET value = ? WHERE app = ? AND name = ?', sealed, app, name);
    }
    return rows.length;
  }

  /** Throws if a value can't be opened. */
  checkAll(): void {
    for (const { app, name, value } of this.#db.each<SealedVar>('SELECT app, name, value FROM config_vars')) {
      this.#cipher().open(value, place(app, name));
    }
  }
}

type SealedVar = { app: string; name: string; value: Uint8Array };

function place(app: string, name: string): string {
  return `config ${app} ${name}`;
}
