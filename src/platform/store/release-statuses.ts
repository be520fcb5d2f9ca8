import type { CheckState } from '../../model/checks.js';
import type { Database } from './database.js';

/** What somebody says about a release, under the name of a check. */
export interface ReleaseStatusRecord {
  readonly id: string;
  /** The id of its release. */
  readonly release: string;
  /** The name of the check, once a release. */
  readonly context: string;
  readonly state: CheckState;
  readonly name: string;
  readonly description: string;
  readonly targetUrl: string;
  readonly imageUrl: string;
  /** Who said so last. */
  readonly user: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

type StatusRow = Record<
  | 'id'
  | 'release'
  | 'context'
  | 'state'
  | 'name'
  | 'description'
  | 'target_url'
  | 'image_url'
  | 'user'
  | 'created_at'
  | 'updated_at',
  string
>;

/** What is said about releases. It goes with them. */
export class ReleaseStatuses {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** By context. */
  of(release: string): ReleaseStatusRecord[] {
    return this.#db
      .all<StatusRow>('SELECT * FROM release_statuses WHERE release = ? ORDER BY context', release)
      .map(record);
  }

  /** What was ever reported of what some apps ran, by context, with the names they have for people. */
  contextsOf(apps: readonly string[]): { context: string; name: string }[] {
    return this.#db.all<{ context: string; name: string }>(
      `SELECT context, max(release_statuses.name) AS name FROM release_statuses
       JOIN releases ON releases.id = release_statuses.release
       WHERE releases.app IN (SELECT value FROM json_each(?)) GROUP BY context ORDER BY context`,
      JSON.stringify(apps),
    );
  }

  /** In the place of one with the same context. */
  put(status: ReleaseStatusRecord): void {
    this.#db.run(
      `INSERT INTO release_statuses
         (id, release, context, state, name, description, target_url, image_url, user, created_at, updated_at)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
       ON CONFLICT (release, context) DO UPDATE SET state = ?4, name = ?5, description = ?6, target_url = ?7,
         image_url = ?8, user = ?9, updated_at = ?11`,
      status.id,
      status.release,
      status.context,
      status.state,
      status.name,
      status.description,
      status.targetUrl,
      status.imageUrl,
      status.user,
      status.createdAt,
      status.updatedAt,
    );
  }
}

function record(row: StatusRow): ReleaseStatusRecord {
  const {
    created_at: createdAt,
    updated_at: updatedAt,
    target_url: targetUrl,
    image_url: imageUrl,
    state,
    ...rest
  } = row;
  return { ...rest, state: state as CheckState, targetUrl, imageUrl, createdAt, updatedAt };
}
