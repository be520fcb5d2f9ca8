import type { Database } from './database.js';

/** Where the source of a build is from. */
export interface SourceFacts {
  /** `sha256:` and its digest: of the upload, or what the URL must have; null until a URL without one was fetched. */
  readonly checksum: string | null;
  readonly url?: string | undefined;
  readonly repo?: string | undefined;
  readonly sha?: string | undefined;
  readonly branch?: string | undefined;
  readonly version?: string | undefined;
  /** Who asked for the build it was promoted from; nobody approves what is theirs. */
  readonly author?: string | undefined;
  /** Commands of process types that are approved with the build, and set when it is released. */
  readonly commands?: Readonly<Record<string, string>> | undefined;
}

export type BuildStatus = 'queued' | 'pending' | 'succeeded' | 'failed';

export interface BuildRecord {
  readonly id: string;
  /** The id of its app. */
  readonly app: string;
  /** Counts from 1 within its app. */
  readonly number: number;
  readonly status: BuildStatus;
  readonly reason: string | null;
  readonly source: SourceFacts;
  /** Who asked for it. */
  readonly user: string;
  /** The digest of everything that goes into it, once that is known. */
  readonly madeOf: string | null;
  /** The digest of its slug. */
  readonly slug: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

type BuildRow = Record<'id' | 'app' | 'status' | 'source' | 'user' | 'created_at' | 'updated_at', string> & {
  number: number;
  reason: string | null;
  made_of: string | null;
  slug: string | null;
};

/** So many finished builds of an app are kept; what of the others a release needs is its slug. */
const KEPT = 100;

/** The builds of apps. */
export class Builds {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Newest first. */
  of(app: string): BuildRecord[] {
    return this.#db.all<BuildRow>('SELECT * FROM builds WHERE app = ? ORDER BY number DESC', app).map(record);
  }

  byId(id: string): BuildRecord | undefined {
    const row = this.#db.get<BuildRow>('SELECT * FROM builds WHERE id = ?', id);
    return row && record(row);
  }

  byNumber(app: string, number: number): BuildRecord | undefined {
    const row = this.#db.get<BuildRow>('SELECT * FROM builds WHERE app = ? AND number = ?', app, number);
    return row && record(row);
  }

  /** Those that are to be built, or are being built, oldest first; none that still waits for its checks. */
  toDo(): BuildRecord[] {
    return this.#db
      .all<BuildRow>(
        `SELECT * FROM builds b WHERE status IN ('queued', 'pending') AND NOT EXISTS
           (SELECT 1 FROM build_checks WHERE build = b.id AND state <> 'success' AND overruled_by IS NULL)
         ORDER BY created_at, app, number`,
      )
      .map(record);
  }

  /** Those that are not over: to be built, being built, or waiting for their checks. */
  underWay(): BuildRecord[] {
    return this.#db.all<BuildRow>(`SELECT * FROM builds WHERE status IN ('queued', 'pending')`).map(record);
  }

  /** Those that made a slug, newest first. */
  ofSlug(slug: string): BuildRecord[] {
    return this.#db
      .all<BuildRow>('SELECT * FROM builds WHERE slug = ? ORDER BY created_at DESC, id', slug)
      .map(record);
  }

  /** The slug that was made of the same once; it may be gone from the disk. */
  slugMadeOf(app: string, madeOf: string): string | undefined {
    return this.#db.get<{ slug: string }>(
      'SELECT slug FROM builds WHERE app = ? AND made_of = ? AND slug IS NOT NULL ORDER BY number DESC LIMIT 1',
      app,
      madeOf,
    )?.slug;
  }

  nextNumber(app: string): number {
    const row = this.#db.get<{ last: number }>(
      'SELECT coalesce(max(number), 0) AS last FROM builds WHERE app = ?',
      app,
    );
    return (row?.last ?? 0) + 1;
  }

  /** Also forgets the oldest ones that are done, when there are many. */
  insert(build: BuildRecord): void {
    this.#db.run(
      `INSERT INTO builds (id, app, number, status, reason, source, user, made_of, slug, created_at, updated_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      build.id,
      build.app,
      build.number,
      build.status,
      build.reason,
      JSON.stringify(build.source),
      build.user,
      build.madeOf,
      build.slug,
      build.createdAt,
      build.updatedAt,
    );
    this.#db.run(
      `DELETE FROM builds WHERE app = ? AND number <= ? AND status IN ('succeeded', 'failed')`,
      build.app,
      build.number - KEPT,
    );
  }

  /** Records what the URL of a build held, once and for all. */
  setChecksum(id: string, checksum: string, at: string): void {
    this.#db.run(
      `UPDATE builds SET source = json_set(source, '$.checksum', ?), updated_at = ?
       WHERE id = ? AND json_extract(source, '$.checksum') IS NULL`,
      checksum,
      at,
      id,
    );
  }

  update(
    id: string,
    changes: Partial<Pick<BuildRecord, 'status' | 'reason' | 'madeOf' | 'slug'>>,
    at: string,
  ): void {
    this.#db.run(
      `UPDATE builds SET status = coalesce(?, status), reason = coalesce(?, reason), made_of = coalesce(?, made_of),
         slug = coalesce(?, slug), updated_at = ? WHERE id = ?`,
      changes.status ?? null,
      changes.reason ?? null,
      changes.madeOf ?? null,
      changes.slug ?? null,
      at,
      id,
    );
  }
}

function record(row: BuildRow): BuildRecord {
  const { created_at: createdAt, updated_at: updatedAt, made_of: madeOf, status, source, ...rest } = row;
  return {
    ...rest,
    status: status as BuildStatus,
    source: JSON.parse(source) as SourceFacts,
    madeOf,
    createdAt,
    updatedAt,
  };
}
