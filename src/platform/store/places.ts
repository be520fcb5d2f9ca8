import type { Database } from './database.js';

/**
 * What a dyno is shown as that isn't there for want of room: `evicted` if it had some and gave way, `waiting` if it
 * never had any, `down` if there can't be any.
 */
export type Lack = 'evicted' | 'waiting' | 'down';

/** Where a dyno of a formation is to be. */
export interface PlaceRecord {
  /** The id of its app. */
  readonly app: string;
  readonly type: string;
  readonly number: number;
  /** Who came first is served first. */
  readonly since: string;
  readonly lack: Lack | null;
  /** Why, for people. */
  readonly reason: string | null;
  readonly lackSince: string | null;
}

type PlaceRow = Record<'app' | 'type' | 'since', string> & {
  number: number;
  lack: string | null;
  reason: string | null;
  lack_since: string | null;
};

/** The places that formations ask for. Formations make and remove them. */
export class Places {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** By type and number. */
  of(app: string): PlaceRecord[] {
    return this.#db
      .all<PlaceRow>('SELECT * FROM places WHERE app = ? ORDER BY type, number', app)
      .map(record);
  }

  /** Those of all apps that lack room, by since when. */
  lacking(): PlaceRecord[] {
    return this.#db
      .all<PlaceRow>('SELECT * FROM places WHERE lack IS NOT NULL ORDER BY lack_since, app, type, number')
      .map(record);
  }

  /** Says what is in the way of a dyno; null: nothing any more. */
  setLack(
    { app, type, number }: Pick<PlaceRecord, 'app' | 'type' | 'number'>,
    lack: { readonly lack: Lack; readonly reason: string; readonly at: string } | null,
  ): void {
    this.#db.run(
      `UPDATE places SET lack = ?4, reason = ?5, lack_since = ?6 WHERE app = ?1 AND type = ?2 AND number = ?3`,
      app,
      type,
      number,
      lack?.lack ?? null,
      lack?.reason ?? null,
      lack?.at ?? null,
    );
  }
}

function record({ lack, lack_since: lackSince, ...rest }: PlaceRow): PlaceRecord {
  return { ...rest, lack: lack as Lack | null, lackSince };
}
