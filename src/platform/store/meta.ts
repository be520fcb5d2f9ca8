import { AppsApiError } from '../../contract/errors.js';
import { type NetworkMode, type Pool, parsePool } from '../../model/addresses.js';
import type { Database } from './database.js';

/** Facts about the platform as a whole. Only a restore changes them, and a rotation the key. */
interface MetaFacts {
  data_id: string;
  /** Which key the secrets are sealed with. */
  key_id: string;
  pool: string;
  network_mode: NetworkMode;
}

/** Reads those facts, each once in a transaction. */
export class Meta {
  readonly #db: Database;
  readonly #facts = new Map<string, string>();
  /** The transaction that the facts were read in; in another one they may be others. */
  #readIn: number | undefined;

  constructor(db: Database) {
    this.#db = db;
  }

  get dataId(): string {
    return this.#read('data_id');
  }

  get keyId(): string {
    return this.#read('key_id');
  }

  /** Names the key that the secrets are sealed with from now on. */
  set keyId(id: string) {
    this.#db.run("UPDATE meta SET value = ? WHERE name = 'key_id'", id);
    this.#facts.clear();
  }

  get pool(): Pool {
    return parsePool(this.#read('pool'));
  }

  get networkMode(): NetworkMode {
    return this.#read('network_mode') as NetworkMode;
  }

  /** Every address of an app is made of it. */
  set networkMode(mode: NetworkMode) {
    this.#db.run("UPDATE meta SET value = ? WHERE name = 'network_mode'", mode);
    this.#facts.clear();
  }

  insert(facts: MetaFacts): void {
    for (const [name, value] of Object.entries(facts)) {
      this.#db.run('INSERT INTO meta (name, value) VALUES (?, ?)', name, value);
    }
  }

  #read(name: keyof MetaFacts): string {
    const transaction = this.#db.transactionNumber;
    if (transaction === undefined || transaction !== this.#readIn) this.#facts.clear();
    this.#readIn = transaction;
    let value = this.#facts.get(name);
    if (value === undefined) {
      value = this.#db.get<{ value: string }>('SELECT value FROM meta WHERE name = ?', name)?.value;
      if (value === undefined) {
        throw new AppsApiError({
          id: 'damaged_data',
          status: 500,
          message: `The platform's data lacks its ${name}.`,
        });
      }
      this.#facts.set(name, value);
    }
    return value;
  }
}
