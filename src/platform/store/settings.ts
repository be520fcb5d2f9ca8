import { DEFAULT_SETTINGS, type SettingName, type Settings } from '../../model/settings.js';
import type { Database } from './database.js';

/** Written when the daemon finds out what the machine can't hold. */
const NOT_ENFORCED = 'not_enforced';

/** Something that platforms promise and this machine can't hold. */
export interface NotEnforced {
  readonly promise: string;
  /** Why not, for people, without a full stop. */
  readonly how: string;
}
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

  /** As the daemon last found; undefined if it never ran. */
  get notEnforced(): readonly NotEnforced[] | undefined {
    const row = this.#db.get<{ value: string }>('SELECT value FROM settings WHERE name = ?', NOT_ENFORCED);
    return row === undefined ? undefined : (JSON.parse(row.value) as NotEnforced[]);
  }

  rememberNotEnforced(found: readonly NotEnforced[]): void {
    this.#put(NOT_ENFORCED, JSON.stringify(found));
  }

  #put(name: SettingName | typeof NETWORK_CHOSEN | typeof NOT_ENFORCED, value: string): void {
    this.#db.run(
      'INSERT INTO settings (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2',
      name,
      value,
    );
  }
}
