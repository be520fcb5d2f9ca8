import { DEFAULT_SETTINGS, type SettingName, type Settings } from '../../model/settings.js';
import type { Database } from './database.js';

/** Written when the daemon has once chosen what the platform's addresses are to be. */
const CHOSEN = 'addresses_chosen';
/** Written when the daemon finds out what the machine can't hold. */
const NOT_ENFORCED = 'not_enforced';

/** Something that platforms promise and this machine can't hold. */
export interface NotEnforced {
  readonly promise: string;
  /** Why not, for people, without a full stop. */
  readonly how: string;
}

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

  /** As the daemon last found; undefined if it never ran. */
  get notEnforced(): readonly NotEnforced[] | undefined {
    const row = this.#db.get<{ value: string }>('SELECT value FROM settings WHERE name = ?', NOT_ENFORCED);
    return row === undefined ? undefined : (JSON.parse(row.value) as NotEnforced[]);
  }

  rememberNotEnforced(found: readonly NotEnforced[]): void {
    this.#put(NOT_ENFORCED, JSON.stringify(found));
  }

  #put(name: SettingName | typeof CHOSEN | typeof NOT_ENFORCED, value: string): void {
    this.#db.run(
      'INSERT INTO settings (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2',
      name,
      value,
    );
  }
}
