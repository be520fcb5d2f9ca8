import type { CheckState } from '../../model/checks.js';
import type { Database } from './database.js';

/** A check that a build needs, and what was reported of it last. */
export interface BuildCheck {
  readonly id: string;
  /** The id of its build. */
  readonly build: string;
  readonly context: string;
  readonly state: CheckState;
  readonly name: string;
  readonly description: string;
  /** Pages about it; empty if there are none. */
  readonly targetUrl: string;
  readonly imageUrl: string;
  /** The id of whoever reported last; none if nobody did, or they may no more. */
  readonly reporter: string | null;
  readonly reportedBy: string | null;
  /** The checksum of the source that the reporter named; null if they named none. */
  readonly checksum: string | null;
  readonly overruledBy: string | null;
  /** Why it was overruled. */
  readonly because: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** What is said of a check. */
export type Said = Pick<
  BuildCheck,
  'state' | 'name' | 'description' | 'targetUrl' | 'imageUrl' | 'reporter' | 'reportedBy' | 'checksum'
>;

type CheckRow = Record<
  | 'id'
  | 'build'
  | 'context'
  | 'state'
  | 'name'
  | 'description'
  | 'target_url'
  | 'image_url'
  | 'created_at'
  | 'updated_at',
  string
> &
  Record<'reporter' | 'reported_by' | 'checksum' | 'overruled_by' | 'because', string | null>;

/** A check that still stands between a build and its beginning. */
const MISSING = "state <> 'success' AND overruled_by IS NULL";

/** Whether a check is well, or was overruled. */
export function isPassed({ state, overruledBy }: BuildCheck): boolean {
  return state === 'success' || overruledBy !== null;
}

/** The checks that builds need, and the slugs that came of builds which passed theirs. */
export class BuildChecks {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** In the order in which they were asked for: source, app, pipelines. */
  of(build: string): BuildCheck[] {
    return this.#db
      .all<CheckRow>(
        `SELECT * FROM build_checks WHERE build = ?
         ORDER BY context LIKE 'source/%' DESC, context LIKE 'app/%' DESC, context`,
        build,
      )
      .map(check);
  }

  find(build: string, context: string): BuildCheck | undefined {
    const row = this.#db.get<CheckRow>(
      'SELECT * FROM build_checks WHERE build = ? AND context = ?',
      build,
      context,
    );
    return row && check(row);
  }

  /** Whether any of them still stands in the way. */
  isMissingAny(build: string): boolean {
    return this.#db.get(`SELECT 1 FROM build_checks WHERE build = ? AND ${MISSING}`, build) !== undefined;
  }

  /** Has a build need a check, of which nothing is known yet. */
  require(build: string, context: string, id: string, at: string): void {
    this.#db.run(
      `INSERT INTO build_checks (build, context, id, state, name, description, target_url, image_url, created_at,
         updated_at) VALUES (?1, ?2, ?3, 'pending', '', '', '', '', ?4, ?4)`,
      build,
      context,
      id,
      at,
    );
  }

  report({ build, context }: Pick<BuildCheck, 'build' | 'context'>, said: Said, at: string): void {
    this.#db.run(
      `UPDATE build_checks SET state = ?, name = ?, description = ?, target_url = ?, image_url = ?, reporter = ?,
         reported_by = ?, checksum = ?, updated_at = ? WHERE build = ? AND context = ?`,
      said.state,
      said.name,
      said.description,
      said.targetUrl,
      said.imageUrl,
      said.reporter,
      said.reportedBy,
      said.checksum,
      at,
      build,
      context,
    );
  }

  overrule(
    { build, context }: Pick<BuildCheck, 'build' | 'context'>,
    by: string,
    because: string,
    at: string,
  ): void {
    this.#db.run(
      'UPDATE build_checks SET overruled_by = ?, because = ?, updated_at = ? WHERE build = ? AND context = ?',
      by,
      because,
      at,
      build,
      context,
    );
  }

  /** What somebody reported of builds that still wait counts no more; answers of how many. */
  withdraw(reporter: string, at: string): number {
    const waiting = this.#db.all<{ build: string; context: string }>(
      `SELECT build, context FROM build_checks c WHERE reporter = ? AND
         (SELECT status FROM builds WHERE id = c.build) = 'pending' AND
         EXISTS (SELECT 1 FROM build_checks WHERE build = c.build AND ${MISSING})`,
      reporter,
    );
    const nothing: Said = {
      state: 'pending',
      name: '',
      description: '',
      targetUrl: '',
      imageUrl: '',
      reporter: null,
      reportedBy: null,
      checksum: null,
    };
    for (const each of waiting) this.report(each, nothing, at);
    return waiting.length;
  }

  /** The ids of the builds that wait for this context to be well, for a commit. */
  waitingFor(context: string, sha: string): string[] {
    return this.#db
      .all<{ id: string }>(
        // Both statuses, as the index has them: of builds that are over there are many.
        `SELECT b.id FROM builds b JOIN build_checks c ON c.build = b.id
         WHERE b.status IN ('queued', 'pending') AND b.status = 'pending' AND c.context = ? AND lower(json_extract(b.source, '$.sha')) = ?
           AND EXISTS (SELECT 1 FROM build_checks WHERE build = b.id AND ${MISSING})
         ORDER BY b.created_at`,
        context,
        sha,
      )
      .map(({ id }) => id);
  }

  /** Whether a check approved a commit with content of another checksum than this one. */
  isApprovedOtherwise(context: string, sha: string, checksum: string): boolean {
    const row = this.#db.get(
      `SELECT 1 FROM build_checks c JOIN builds b ON b.id = c.build
       WHERE c.checksum IS NOT NULL AND c.checksum <> ? AND c.state = 'success' AND c.context = ?
         AND lower(json_extract(b.source, '$.sha')) = ?`,
      checksum,
      context,
      sha,
    );
    return row !== undefined;
  }

  /** Remembers that an app may run a slug. */
  pass(app: string, slug: string, at: string): void {
    this.#db.run(
      'INSERT INTO passed_slugs VALUES (?, ?, ?) ON CONFLICT (app, slug) DO NOTHING',
      app,
      slug,
      at,
    );
  }

  hasPassed(app: string, slug: string): boolean {
    return this.#db.get('SELECT 1 FROM passed_slugs WHERE app = ? AND slug = ?', app, slug) !== undefined;
  }
}

function check(row: CheckRow): BuildCheck {
  return {
    id: row.id,
    build: row.build,
    context: row.context,
    state: row.state as CheckState,
    name: row.name,
    description: row.description,
    targetUrl: row.target_url,
    imageUrl: row.image_url,
    reporter: row.reporter,
    reportedBy: row.reported_by,
    checksum: row.checksum,
    overruledBy: row.overruled_by,
    because: row.because,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
