import type { Cipher } from './cipher.js';
import type { Database } from './database.js';

type SealedName = 'smtp_password';
type SealedSetting = { name: string; value: Uint8Array };

/** What administrators decided and nobody may see. */
export class SealedSettings {
  readonly #db: Database;
  readonly #cipher: () => Cipher;

  constructor(db: Database, cipher: () => Cipher) {
    this.#db = db;
    this.#cipher = cipher;
  }

  get(name: SealedName): string | undefined {
    const row = this.#row(name);
    return row && this.#cipher().open(row.value, place(name));
  }

  /** Needs no key. */
  has(name: SealedName): boolean {
    return this.#row(name) !== undefined;
  }

  set(name: SealedName, value: string): void {
    this.#db.run(
      'INSERT INTO sealed_settings (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2',
      name,
      this.#cipher().seal(value, place(name)),
    );
  }

  remove(name: SealedName): void {
    this.#db.run('DELETE FROM sealed_settings WHERE name = ?', name);
  }

  /** Seals every one anew, with another key; answers how many there are. */
  reseal(from: Cipher, to: Cipher): number {
    const rows = this.#db.all<SealedSetting>('SELECT name, value FROM sealed_settings');
    for (const { name, value } of rows) {
      const sealed = to.seal(from.open(value, place(name)), place(name));
      this.#db.run('UPDATE sealed_settings SET value = ? WHERE name = ?', sealed, name);
    }
    return rows.length;
  }

  /** Throws if one can't be opened. */
  checkAll(): void {
    for (const { name, value } of this.#db.all<SealedSetting>('SELECT name, value FROM sealed_settings')) {
      this.#cipher().open(value, place(name));
    }
  }

  #row(name: string): SealedSetting | undefined {
    return this.#db.get<SealedSetting>('SELECT name, value FROM sealed_settings WHERE name = ?', name);
  }
}

function place(name: string): string {
  return `setting ${name}`;
}
