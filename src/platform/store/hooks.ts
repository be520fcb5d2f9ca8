import type { HookEventType } from '../../model/hooks.js';
import type { Cipher } from './cipher.js';
import type { Database, Row } from './database.js';

/** A hook as it is kept, without its URL and its secret. */
export interface HookRecord {
  readonly id: string;
  /** The id of its app, which may be gone. */
  readonly app: string;
  readonly events: readonly HookEventType[];
  readonly active: boolean;
  /** Where it may call: anywhere, or nothing that is private. */
  readonly reach: 'any' | 'public';
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** What of a hook is sealed. */
export interface HookSecrets {
  readonly url: string;
  /** What its calls are signed with. */
  readonly secret: string;
}

type Changeable = Pick<HookRecord, 'events' | 'active' | 'reach'> & HookSecrets;
/** What of a hook changes. */
export type HookChanges = { readonly [Member in keyof Changeable]?: Changeable[Member] | undefined };

/** A try to call a hook. */
export interface Try {
  readonly at: string;
  /** How long it took, in milliseconds. */
  readonly duration: number;
  /** The status of the answer; null if none came. */
  readonly code: number | null;
  /** Why none came, or why it is not what it should be. */
  readonly problem: string | null;
}

/** What a call was answered with, and what it was. */
export interface HookAnswer {
  readonly url: string;
  readonly request: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type DeliveryStatus = 'pending' | 'succeeded' | 'failed';

/** What a hook is to be called with, or was. */
export interface DeliveryRecord {
  readonly id: string;
  readonly hook: string;
  /** A type of event, or `ping`. */
  readonly event: string;
  /** The JSON that is sent, byte for byte. */
  readonly payload: string;
  readonly status: DeliveryStatus;
  readonly nextAt: string | null;
  /** Oldest first. */
  readonly tries: readonly Try[];
  /** Of the last try. */
  readonly answer: HookAnswer | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** What came of a try. */
export type Settled = Pick<DeliveryRecord, 'status' | 'nextAt' | 'tries' | 'answer'>;

type HookRow = Record<'id' | 'app' | 'events' | 'reach' | 'created_at' | 'updated_at', string> & {
  active: number;
};
type SealedRow = { id: string; url: Uint8Array; secret: Uint8Array };
type DeliveryRow = Row &
  Record<'id' | 'hook' | 'event' | 'payload' | 'status' | 'tries' | 'created_at' | 'updated_at', string> & {
    next_at: string | null;
    answer: string | null;
  };

const COLUMNS = 'id, app, events, active, reach, created_at, updated_at';

/** So many calls of a hook that are over are kept, and so many may wait. */
export const DELIVERIES_KEPT = 100;

/** The hooks of apps, and their calls. URL and secret are sealed. */
export class Hooks {
  readonly #db: Database;
  readonly #cipher: () => Cipher;

  constructor(db: Database, cipher: () => Cipher) {
    this.#db = db;
    this.#cipher = cipher;
  }

  /** Those of an app, the oldest first. */
  of(app: string): HookRecord[] {
    return this.#db
      .all<HookRow>(`SELECT ${COLUMNS} FROM hooks WHERE app = ? ORDER BY created_at, id`, app)
      .map(hook);
  }

  find(id: string): HookRecord | undefined {
    const row = this.#db.get<HookRow>(`SELECT ${COLUMNS} FROM hooks WHERE id = ?`, id);
    return row && hook(row);
  }

  /** A digest by which the same secret is known again, without its being told. */
  digestOf(secret: string): string {
    return this.#cipher().digest(secret, 'hook');
  }

  insert(
    { id, app, events, active, reach, createdAt, updatedAt }: HookRecord,
    { url, secret }: HookSecrets,
  ): void {
    this.#db.run(
      `INSERT INTO hooks (${COLUMNS}, url, secret) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      id,
      app,
      JSON.stringify(events),
      Number(active),
      reach,
      createdAt,
      updatedAt,
      this.#cipher().seal(url, place(id, 'url')),
      this.#cipher().seal(secret, place(id, 'secret')),
    );
  }

  update(id: string, { events, active, reach, url, secret }: HookChanges, at: string): void {
    this.#db.run(
      `UPDATE hooks SET events = coalesce(?2, events), active = coalesce(?3, active), reach = coalesce(?4, reach),
         url = coalesce(?5, url), secret = coalesce(?6, secret), updated_at = ?7 WHERE id = ?1`,
      id,
      events === undefined ? null : JSON.stringify(events),
      active === undefined ? null : Number(active),
      reach ?? null,
      url === undefined ? null : this.#cipher().seal(url, place(id, 'url')),
      secret === undefined ? null : this.#cipher().seal(secret, place(id, 'secret')),
      at,
    );
  }

  /** What of it went out goes with it. */
  remove(id: string): void {
    this.#db.run('DELETE FROM hooks WHERE id = ?', id);
  }

  /** Where a hook calls, and what it signs with. */
  secretsOf(id: string): HookSecrets {
    const row = this.#db.get<SealedRow>('SELECT id, url, secret FROM hooks WHERE id = ?', id);
    if (row === undefined) throw new Error('The hook is gone.');
    const open = this.#cipher();
    return { url: open.open(row.url, place(id, 'url')), secret: open.open(row.secret, place(id, 'secret')) };
  }

  /**
   * Ends the hooks of an app that is destroyed: nothing is called any more but those that want to hear of just that, once
   * {@link enqueue} was told of it.
   */
  end(app: string, at: string): void {
    this.#db.run('UPDATE hooks SET ended_at = ? WHERE app = ?', at, app);
    this.#db.run('DELETE FROM hook_deliveries WHERE hook IN (SELECT id FROM hooks WHERE app = ?)', app);
  }

  /** Forgets the hooks of apps that are gone which have nothing more to tell. */
  forgetEnded(): void {
    this.#db.run(
      `DELETE FROM hooks WHERE ended_at IS NOT NULL
         AND id NOT IN (SELECT hook FROM hook_deliveries WHERE next_at IS NOT NULL)`,
    );
  }

  /** Has a hook called as soon as can be. Of too many that wait, the oldest is given up. */
  enqueue(
    { id, hook: of, event, payload }: Pick<DeliveryRecord, 'id' | 'hook' | 'event' | 'payload'>,
    at: string,
  ): void {
    this.#db.run(
      `INSERT INTO hook_deliveries (id, hook, event, payload, status, next_at, tries, created_at, updated_at)
       VALUES (?1, ?2, ?3, ?4, 'pending', ?5, '[]', ?5, ?5)`,
      id,
      of,
      event,
      payload,
      at,
    );
    this.#db.run(
      `UPDATE hook_deliveries SET status = 'failed', next_at = NULL, updated_at = ?2 WHERE number IN
         (SELECT number FROM hook_deliveries WHERE hook = ?1 AND next_at IS NOT NULL
          ORDER BY number DESC LIMIT -1 OFFSET ${DELIVERIES_KEPT})`,
      of,
      at,
    );
  }

  /** Gives up what waits for a hook. */
  giveUp(id: string, at: string): void {
    this.#db.run(
      `UPDATE hook_deliveries SET status = 'failed', next_at = NULL, updated_at = ?2
       WHERE hook = ?1 AND next_at IS NOT NULL`,
      id,
      at,
    );
  }

  /**
   * The hooks with calls whose time has come, or is after `ahead`, which only a clock that was wrong can have said. However
   * many wait of each, only the first and the last are looked at.
   */
  due(now: string, ahead: string): string[] {
    return this.#db
      .all<{ hook: string }>(
        `SELECT id AS hook, CASE WHEN least <= ?1 THEN least ELSE most END AS first FROM
           (SELECT id,
              (SELECT min(next_at) FROM hook_deliveries WHERE hook = hooks.id AND next_at IS NOT NULL) AS least,
              (SELECT max(next_at) FROM hook_deliveries WHERE hook = hooks.id AND next_at IS NOT NULL) AS most
            FROM hooks)
         WHERE least <= ?1 OR most > ?2 ORDER BY first`,
        now,
        ahead,
      )
      .map((row) => row.hook);
  }

  /** The next one of a hook: first tries in the order of what happened, then those that are tried again. */
  next(id: string, now: string, ahead: string): DeliveryRecord | undefined {
    const row = this.#db.get<DeliveryRow>(
      `SELECT * FROM hook_deliveries WHERE hook = ?1 AND next_at IS NOT NULL AND (next_at <= ?2 OR next_at > ?3)
       ORDER BY tries <> '[]', number LIMIT 1`,
      id,
      now,
      ahead,
    );
    return row && delivery(row);
  }

  /** Writes down what came of a try; the oldest of very many that are over are forgotten. */
  settle(id: string, { status, nextAt, tries, answer }: Settled, at: string): void {
    this.#db.run(
      'UPDATE hook_deliveries SET status = ?2, next_at = ?3, tries = ?4, answer = ?5, updated_at = ?6 WHERE id = ?1',
      id,
      status,
      nextAt,
      JSON.stringify(tries),
      answer === null ? null : JSON.stringify(answer),
      at,
    );
    this.#db.run(
      `DELETE FROM hook_deliveries WHERE number IN
         (SELECT number FROM hook_deliveries WHERE next_at IS NULL
            AND hook = (SELECT hook FROM hook_deliveries WHERE id = ?)
          ORDER BY number DESC LIMIT -1 OFFSET ${DELIVERIES_KEPT})`,
      id,
    );
  }

  delivery(id: string): DeliveryRecord | undefined {
    const row = this.#db.get<DeliveryRow>('SELECT * FROM hook_deliveries WHERE id = ?', id);
    return row && delivery(row);
  }

  /** The newest of a hook, the oldest of them first. */
  deliveries(id: string, most: number): DeliveryRecord[] {
    return this.#db
      .all<DeliveryRow>('SELECT * FROM hook_deliveries WHERE hook = ? ORDER BY number DESC LIMIT ?', id, most)
      .map(delivery)
      .toReversed();
  }

  /** The one of a hook that was tried last. */
  lastTried(id: string): DeliveryRecord | undefined {
    const row = this.#db.get<DeliveryRow>(
      `SELECT * FROM hook_deliveries WHERE hook = ? AND tries <> '[]' ORDER BY updated_at DESC, number DESC LIMIT 1`,
      id,
    );
    return row && delivery(row);
  }

  /** How many calls wait: of a hook, or of all. */
  waiting(id?: string): number {
    const row =
      id === undefined
        ? this.#db.get<{ n: number }>('SELECT count(*) AS n FROM hook_deliveries WHERE next_at IS NOT NULL')
        : this.#db.get<{ n: number }>(
            'SELECT count(*) AS n FROM hook_deliveries WHERE hook = ? AND next_at IS NOT NULL',
            id,
          );
    return row?.n ?? 0;
  }

  /** Forgets calls that were over before a time. */
  forget(before: string): void {
    this.#db.run('DELETE FROM hook_deliveries WHERE next_at IS NULL AND updated_at < ?', before);
  }

  /** Seals every URL and secret anew, with another key; answers how many hooks there are. */
  reseal(from: Cipher, to: Cipher): number {
    const rows = this.#sealed();
    for (const { id, url, secret } of rows) {
      const [sealedUrl, sealedSecret] = [
        to.seal(from.open(url, place(id, 'url')), place(id, 'url')),
        to.seal(from.open(secret, place(id, 'secret')), place(id, 'secret')),
      ];
      this.#db.run('UPDATE hooks SET url = ?, secret = ? WHERE id = ?', sealedUrl, sealedSecret, id);
    }
    return rows.length;
  }

  /** Throws if a URL or a secret can't be opened. */
  checkAll(): void {
    for (const { id, url, secret } of this.#sealed()) {
      this.#cipher().open(url, place(id, 'url'));
      this.#cipher().open(secret, place(id, 'secret'));
    }
  }

  #sealed(): SealedRow[] {
    return this.#db.all<SealedRow>('SELECT id, url, secret FROM hooks');
  }
}

function place(id: string, what: 'url' | 'secret'): string {
  return `hook ${what} ${id}`;
}

function hook(row: HookRow): HookRecord {
  return {
    id: row.id,
    app: row.app,
    events: JSON.parse(row.events) as HookEventType[],
    active: row.active === 1,
    reach: row.reach as HookRecord['reach'],
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function delivery(row: DeliveryRow): DeliveryRecord {
  return {
    id: row.id,
    hook: row.hook,
    event: row.event,
    payload: row.payload,
    status: row.status as DeliveryStatus,
    nextAt: row.next_at,
    tries: JSON.parse(row.tries) as Try[],
    answer: row.answer === null ? null : (JSON.parse(row.answer) as HookAnswer),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
