import type { Database } from './database.js';

/**
 * What a dyno is doing: `starting` until it is well, `up`, `stopping`, `waiting` to be started again after it ended,
 * `crashed` when that was given up.
 */
export type DynoLife = 'starting' | 'up' | 'stopping' | 'waiting' | 'crashed';

/** A dyno as the daemon last wrote it. */
export interface DynoRecord {
  readonly id: string;
  /** The id of its app. */
  readonly app: string;
  /** The id of its release. */
  readonly release: string | null;
  readonly type: string;
  /** Counts from 1 within its type. */
  readonly number: number;
  readonly state: DynoLife;
  /** Why, where that isn't plain. */
  readonly reason: string | null;
  /** Counted from the start of the pool. */
  readonly address: number;
  readonly port: number | null;
  readonly size: string;
  readonly command: string;
  readonly restarts: number;
  /** It has the discovery vars of apps that were created until then. */
  readonly knowsUntil: string;
  /** The number of the last change when its environment was made; 0 before that. */
  readonly environmentSeq: number;
  /** Somebody wants another in its place. */
  readonly renew: boolean;
  readonly createdAt: string;
  readonly updatedAt: string;
}

type DynoRow = Record<
  'id' | 'app' | 'type' | 'state' | 'size' | 'command' | 'knows_until' | 'created_at' | 'updated_at',
  string
> & {
  release: string | null;
  number: number;
  reason: string | null;
  address: number;
  port: number | null;
  restarts: number;
  environment_seq: number;
  renew: number;
};

/** The dynos that the daemon has running. */
export class Dynos {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** By type, then number; of several in one place the oldest first. */
  of(app: string): DynoRecord[] {
    return this.#db
      .all<DynoRow>('SELECT * FROM dynos WHERE app = ? ORDER BY type, number, created_at', app)
      .map(record);
  }

  all(): DynoRecord[] {
    return this.#db.all<DynoRow>('SELECT * FROM dynos').map(record);
  }

  inSpace(space: string): DynoRecord[] {
    return this.#db
      .all<DynoRow>(
        `SELECT dynos.* FROM dynos JOIN apps ON apps.id = dynos.app WHERE apps.space = ?
         ORDER BY apps.name, dynos.type, dynos.number, dynos.created_at`,
        space,
      )
      .map(record);
  }

  /** Puts one in, or replaces what is known of it. Whether it is to be renewed stays. */
  put(dyno: Omit<DynoRecord, 'renew'>): void {
    this.#db.run(
      `INSERT INTO dynos (id, app, release, type, number, state, reason, address, port, size, command, restarts,
         knows_until, renew, created_at, updated_at, environment_seq)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 0, ?14, ?15, ?16)
       ON CONFLICT (id) DO UPDATE SET state = ?6, reason = ?7, restarts = ?12, knows_until = ?13,
         updated_at = ?15, environment_seq = ?16`,
      dyno.id,
      dyno.app,
      dyno.release,
      dyno.type,
      dyno.number,
      dyno.state,
      dyno.reason,
      dyno.address,
      dyno.port,
      dyno.size,
      dyno.command,
      dyno.restarts,
      dyno.knowsUntil,
      dyno.createdAt,
      dyno.updatedAt,
      dyno.environmentSeq,
    );
  }

  renew(id: string): void {
    this.#db.run('UPDATE dynos SET renew = 1 WHERE id = ?', id);
  }

  keepAsIs(id: string): void {
    this.#db.run('UPDATE dynos SET renew = 0 WHERE id = ?', id);
  }

  /** The ids of those that are to be renewed. */
  toRenew(): string[] {
    return this.#db.all<{ id: string }>('SELECT id FROM dynos WHERE renew = 1').map((row) => row.id);
  }

  remove(id: string): void {
    this.#db.run('DELETE FROM dynos WHERE id = ?', id);
  }

  /** What an earlier daemon had running is gone with it. */
  clear(): void {
    this.#db.run('DELETE FROM dynos');
  }
}

function record(row: DynoRow): DynoRecord {
  const {
    created_at: createdAt,
    updated_at: updatedAt,
    knows_until: knowsUntil,
    environment_seq: environmentSeq,
    state,
    renew,
    ...rest
  } = row;
  return {
    ...rest,
    state: state as DynoLife,
    knowsUntil,
    environmentSeq,
    renew: renew === 1,
    createdAt,
    updatedAt,
  };
}
