import type { AppRecord } from './apps.js';
import type { Database } from './database.js';

/** The address of an app that was destroyed, which dynos of its space may still have in their discovery vars. */
export interface LeftAddress {
  readonly app: string;
  readonly address: number;
}

/** A dyno that has such an address in its environment. */
export interface Holder extends LeftAddress {
  /** The name of the dyno's own app. */
  readonly by: string;
  readonly type: string;
  readonly number: number;
}

/**
 * A dyno that runs holds what was there when its environment was made. One that is starting may have read it without
 * having been written yet.
 */
const HELD = `FROM left_addresses AS gone
  JOIN apps ON apps.space = gone.space
  JOIN dynos ON dynos.app = apps.id AND dynos.state IN ('starting', 'up', 'stopping')
    AND dynos.environment_seq <= gone.seq
    AND (dynos.environment_seq = 0 OR dynos.knows_until >= gone.created_at)`;

/** Addresses of destroyed apps, kept from other apps while a dyno holds them. */
export class LeftAddresses {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Keeps the address of an app that is about to be destroyed. `seq` is the number of the last change before that. */
  leave(app: AppRecord, seq: number): void {
    this.#db.run(
      'INSERT OR REPLACE INTO left_addresses (address, space, app, created_at, seq) VALUES (?, ?, ?, ?, ?)',
      app.address,
      app.space,
      app.name,
      app.createdAt,
      seq,
    );
  }

  /** Those of a space that a dyno holds, by address. The others are forgotten. Within a transaction. */
  stillHeld(space: string): LeftAddress[] {
    this.#db.run(
      `DELETE FROM left_addresses WHERE space = ? AND address NOT IN (SELECT gone.address ${HELD})`,
      space,
    );
    return this.#db.all<{ app: string; address: number }>(
      'SELECT app, address FROM left_addresses WHERE space = ? ORDER BY address',
      space,
    );
  }

  /** Those of a space with the dynos that are known to hold them. */
  holders(space: string): Holder[] {
    return this.#db.all<Record<'app' | 'by' | 'type', string> & Record<'address' | 'number', number>>(
      `SELECT gone.app AS app, gone.address AS address, apps.name AS by, dynos.type AS type, dynos.number AS number
         ${HELD} AND dynos.environment_seq > 0
       WHERE gone.space = ? ORDER BY gone.app, apps.name, dynos.type, dynos.number`,
      space,
    );
  }

  /** An app has it again. */
  take(address: number): void {
    this.#db.run('DELETE FROM left_addresses WHERE address = ?', address);
  }

  /** No dyno is left of an earlier daemon. */
  clear(): void {
    this.#db.run('DELETE FROM left_addresses');
  }
}
