import type { Cipher } from './cipher.js';
import type { Database } from './database.js';

export type ReleaseStatus = 'pending' | 'succeeded' | 'failed';

/** A slug with the config vars of a moment. */
export interface ReleaseRecord {
  readonly id: string;
  /** The id of its app. */
  readonly app: string;
  /** Counts from 1 within its app. */
  readonly version: number;
  readonly status: ReleaseStatus;
  readonly reason: string | null;
  readonly description: string;
  readonly build: string | null;
  /** The digest of its slug; null before anything was built. */
  readonly slug: string | null;
  /** Who made it. */
  readonly user: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

type ReleaseRow = Record<
  'id' | 'app' | 'status' | 'description' | 'user' | 'created_at' | 'updated_at',
  string
> & { version: number; reason: string | null; build: string | null; slug: string | null };

const COLUMNS = 'id, app, version, status, reason, description, build, slug, user, created_at, updated_at';

/** So many releases of an app are kept besides those that run. */
const KEPT = 100;

/** The releases of apps. Their config vars are sealed. */
export class Releases {
  readonly #db: Database;
  readonly #cipher: () => Cipher;

  constructor(db: Database, cipher: () => Cipher) {
    this.#db = db;
    this.#cipher = cipher;
  }

  /** Newest first. */
  of(app: string): ReleaseRecord[] {
    return this.#db
      .all<ReleaseRow>(`SELECT ${COLUMNS} FROM releases WHERE app = ? ORDER BY version DESC`, app)
      .map(record);
  }

  byId(id: string): ReleaseRecord | undefined {
    const row = this.#db.get<ReleaseRow>(`SELECT ${COLUMNS} FROM releases WHERE id = ?`, id);
    return row && record(row);
  }

  byVersion(app: string, version: number): ReleaseRecord | undefined {
    const row = this.#db.get<ReleaseRow>(
      `SELECT ${COLUMNS} FROM releases WHERE app = ? AND version = ?`,
      app,
      version,
    );
    return row && record(row);
  }

  /** The newest one of this status. */
  newest(app: string, status?: ReleaseStatus): ReleaseRecord | undefined {
    const row = this.#db.get<ReleaseRow>(
      `SELECT ${COLUMNS} FROM releases WHERE app = ?1 AND (?2 IS NULL OR status = ?2) ORDER BY version DESC LIMIT 1`,
      app,
      status ?? null,
    );
    return row && record(row);
  }

  /** The ids of so many, the newest, and of those that dynos run. */
  recent(app: string, count: number): string[] {
    return this.#db
      .all<{ id: string }>(
        `SELECT id FROM releases WHERE app = ?1
           AND (version > (SELECT max(version) FROM releases WHERE app = ?1) - ?2
             OR id IN (SELECT release FROM dynos WHERE app = ?1))`,
        app,
        count,
      )
      .map((row) => row.id);
  }

  /** The ids of the apps that have something to run. */
  appsWithSlugs(): string[] {
    return this.#db
      .all<{ app: string }>('SELECT DISTINCT app FROM releases WHERE slug IS NOT NULL')
      .map((row) => row.app);
  }

  /** Those that are not settled, newest first. */
  pending(app: string): ReleaseRecord[] {
    return this.#db
      .all<ReleaseRow>(
        `SELECT ${COLUMNS} FROM releases WHERE app = ? AND status = 'pending' ORDER BY version DESC`,
        app,
      )
      .map(record);
  }

  /** The one that a build made; those after it, and those of other apps, only took its slug over. */
  ofBuild(build: string): ReleaseRecord | undefined {
    const row = this.#db.get<ReleaseRow>(
      `SELECT ${COLUMNS} FROM releases
       WHERE build = ?1 AND app = (SELECT app FROM builds WHERE id = ?1) ORDER BY version LIMIT 1`,
      build,
    );
    return row && record(row);
  }

  /** Every release of what a build made, also those of other apps, newest first. */
  allOfBuild(build: string): ReleaseRecord[] {
    return this.#db
      .all<ReleaseRow>(`SELECT ${COLUMNS} FROM releases WHERE build = ? ORDER BY created_at DESC, id`, build)
      .map(record);
  }

  /** The config vars that were in force. */
  configOf(id: string): Record<string, string> {
    const row = this.#db.get<{ config: Uint8Array }>('SELECT config FROM releases WHERE id = ?', id);
    return row === undefined
      ? {}
      : (JSON.parse(this.#cipher().open(row.config, place(id))) as Record<string, string>);
  }

  /** Also forgets the oldest ones, when there are many; never what runs, nor what may be fallen back to. */
  insert(release: ReleaseRecord, config: Readonly<Record<string, string>>): void {
    this.#db.run(
      `INSERT INTO releases (${COLUMNS}, config) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      release.id,
      release.app,
      release.version,
      release.status,
      release.reason,
      release.description,
      release.build,
      release.slug,
      release.user,
      release.createdAt,
      release.updatedAt,
      this.#cipher().seal(JSON.stringify(config), place(release.id)),
    );
    this.#db.run(
      `DELETE FROM releases WHERE app = ?1 AND version <= ?2 AND status <> 'pending'
         AND version < (SELECT max(version) FROM releases WHERE app = ?1 AND status = 'succeeded')
         AND id NOT IN (SELECT release FROM dynos WHERE release IS NOT NULL)`,
      release.app,
      release.version - KEPT,
    );
  }

  settle(id: string, status: ReleaseStatus, reason: string | null, at: string): void {
    this.#db.run(
      'UPDATE releases SET status = ?, reason = ?, updated_at = ? WHERE id = ?',
      status,
      reason,
      at,
      id,
    );
  }

  /** Seals every config anew, with another key; answers how many there are. */
  reseal(from: Cipher, to: Cipher): number {
    const rows = this.#db.all<SealedConfig>('SELECT id, config FROM releases');
    for (const { id, config } of rows) {
      const at = place(id);
      this.#db.run('UPDATE releases SET config = ? WHERE id = ?', to.seal(from.open(config, at), at), id);
    }
    return rows.length;
  }

  /** Throws if a config can't be opened. */
  checkAll(): void {
    for (const { id, config } of this.#db.each<SealedConfig>('SELECT id, config FROM releases')) {
      this.#cipher().open(config, place(id));
    }
  }
}

type SealedConfig = { id: string; config: Uint8Array };

function place(id: string): string {
  return `release ${id}`;
}

function record(row: ReleaseRow): ReleaseRecord {
  const { created_at: createdAt, updated_at: updatedAt, status, ...rest } = row;
  return { ...rest, status: status as ReleaseStatus, createdAt, updatedAt };
}
