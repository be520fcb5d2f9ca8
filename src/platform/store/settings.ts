import { DEFAULT_SETTINGS, type SettingName, type Settings } from '../../model/settings.js';
import type { Database } from './database.js';

/** Written when the daemon has once chosen what the platform's addresses are to be. */
const CHOSEN = 'addresses_chosen';

/** What administrators decided; the rest is as it is unless told. */
export class SettingsTable {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  all(): Settings {
    const rows = this.#db.all<{ name: string; value: string }>('SELECT name, value FROM settings');
    const set = rows.filter(({ name }) => Object.hasOwn(DEFAULT_SETTINGS, name));
    return {
      ...DEFAULT_SETTINGS,
      ...Object.fromEntries(set.map(({ name, value }) => [name, JSON.parse(value)])),
    };
  }

  set(changes: Partial<Settings>): void {
    for (const [name, value] of Object.entries(changes))
      this.#put(name as SettingName, JSON.stringify(value));
  }

  /** Whether the network mode and the router's ports are those of an earlier start. */
  get areAddressesChosen(): boolean {
    return this.#db.get('SELECT 1 FROM settings WHERE name = ?', CHOSEN) !== undefined;
  }

  rememberAddresses(at: string): void {
    this.#put(CHOSEN, at);
  }

  #put(name: SettingName | typeof CHOSEN, value: string): void {
    this.#db.run(
      'INSERT INTO settings (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2',
      name,
      value,
    );
  }
}
