import { DEFAULT_SETTINGS, type SettingName, type Settings } from '../../model/settings.js';
import type { Database } from './database.js';

/** Written when the network mode is decided, by an administrator or by the first start of the daemon. */
const NETWORK_CHOSEN = 'network_chosen';

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

  /** Whether somebody decided this one, or the first start of the daemon did. */
  isChosen(name: SettingName | 'network'): boolean {
    const row = name === 'network' ? NETWORK_CHOSEN : name;
    return this.#db.get('SELECT 1 FROM settings WHERE name = ?', row) !== undefined;
  }

  rememberNetwork(at: string): void {
    this.#put(NETWORK_CHOSEN, JSON.stringify(at));
  }

  #put(name: SettingName | typeof NETWORK_CHOSEN, value: string): void {
    this.#db.run(
      'INSERT INTO settings (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2',
      name,
      value,
    );
  }
}
