import type { CheckState } from '../../model/checks.js';
import type { Cipher } from './cipher.js';
import type { Database } from './database.js';

export type ReporterKind = 'token' | 'webhook' | 'user';

/** Somebody, or something, that may report of a check. */
export interface ReporterRecord {
  readonly id: string;
  readonly name: string;
  readonly context: string;
  readonly kind: ReporterKind;
  /** Of a webhook: which of the checks of its repository counts. */
  readonly follows: string | null;
  /** Of a user: their name. */
  readonly user: string | null;
  readonly addedBy: string;
  readonly createdAt: string;
}

/** What a webhook said of a commit last. */
export interface CommitState {
  readonly sha: string;
  readonly state: CheckState;
  readonly description: string;
  readonly targetUrl: string;
  /** By the clock of the repository. */
  readonly at: string;
}

type ReporterRow = Record<'id' | 'name' | 'context' | 'kind' | 'added_by' | 'created_at', string> &
  Record<'follows' | 'user', string | null>;
type CommitRow = Record<'sha' | 'state' | 'description' | 'target_url' | 'at', string>;
type SealedSecret = { id: string; secret: Uint8Array };

const COLUMNS = 'id, name, context, kind, follows, user, added_by, created_at';
/** So many commits are remembered of a webhook. */
const COMMITS = 1000;

/** Who may report of which check. Of tokens there is a digest; the secrets of webhooks, which sign, are sealed. */
export class Reporters {
  readonly #db: Database;
  readonly #cipher: () => Cipher;

  constructor(db: Database, cipher: () => Cipher) {
    this.#db = db;
    this.#cipher = cipher;
  }

  /** By context, then name. */
  all(): ReporterRecord[] {
    return this.#db.all<ReporterRow>(`SELECT ${COLUMNS} FROM reporters ORDER BY context, name`).map(reporter);
  }

  /** By name. */
  of(context: string): ReporterRecord[] {
    return this.#db
      .all<ReporterRow>(`SELECT ${COLUMNS} FROM reporters WHERE context = ? ORDER BY name`, context)
      .map(reporter);
  }

  /** By name or id. */
  find(key: string): ReporterRecord | undefined {
    const row = this.#db.get<ReporterRow>(`SELECT ${COLUMNS} FROM reporters WHERE name = ?1 OR id = ?1`, key);
    return row && reporter(row);
  }

  byDigest(digest: Uint8Array): ReporterRecord | undefined {
    const row = this.#db.get<ReporterRow>(`SELECT ${COLUMNS} FROM reporters WHERE digest = ?`, digest);
    return row && reporter(row);
  }

  count(): number {
    return this.#db.get<{ n: number }>('SELECT count(*) AS n FROM reporters')?.n ?? 0;
  }

  insert(
    { id, name, context, kind, follows, user, addedBy, createdAt }: ReporterRecord,
    proof: { readonly digest?: Uint8Array; readonly secret?: string },
  ): void {
    this.#db.run(
      `INSERT INTO reporters (${COLUMNS}, digest, secret) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      id,
      name,
      context,
      kind,
      follows,
      user,
      addedBy,
      createdAt,
      proof.digest ?? null,
      proof.secret === undefined ? null : this.#cipher().seal(proof.secret, place(id)),
    );
  }

  /** What it said of commits goes with it. */
  remove(id: string): void {
    this.#db.run('DELETE FROM reporters WHERE id = ?', id);
  }

  /** What a webhook signs with; undefined for any other. */
  secretOf(id: string): string | undefined {
    const row = this.#db.get<SealedSecret>(
      'SELECT id, secret FROM reporters WHERE id = ? AND secret IS NOT NULL',
      id,
    );
    return row && this.#cipher().open(row.secret, place(id));
  }

  commit(id: string, sha: string): CommitState | undefined {
    const row = this.#db.get<CommitRow>(
      'SELECT * FROM commit_states WHERE reporter = ? AND sha = ?',
      id,
      sha,
    );
    return row && commit(row);
  }

  /** Takes the place of what it said of this commit before; the oldest of very many commits is forgotten. */
  remember(id: string, { sha, state, description, targetUrl, at }: CommitState, seenAt: string): void {
    this.#db.run(
      'INSERT OR REPLACE INTO commit_states VALUES (?, ?, ?, ?, ?, ?, ?)',
      id,
      sha,
      state,
      description,
      targetUrl,
      at,
      seenAt,
    );
    this.#db.run(
      `DELETE FROM commit_states WHERE reporter = ?1 AND sha IN
         (SELECT sha FROM commit_states WHERE reporter = ?1 ORDER BY seen_at DESC LIMIT -1 OFFSET ${COMMITS})`,
      id,
    );
  }

  /** Seals every secret anew, with another key; answers how many there are. */
  reseal(from: Cipher, to: Cipher): number {
    const rows = this.#sealed();
    for (const { id, secret } of rows) {
      const sealed = to.seal(from.open(secret, place(id)), place(id));
      this.#db.run('UPDATE reporters SET secret = ? WHERE id = ?', sealed, id);
    }
    return rows.length;
  }

  /** Throws if a secret can't be opened. */
  checkAll(): void {
    for (const { id, secret } of this.#sealed()) this.#cipher().open(secret, place(id));
  }

  #sealed(): SealedSecret[] {
    return this.#db.all<SealedSecret>('SELECT id, secret FROM reporters WHERE secret IS NOT NULL');
  }
}

function place(id: string): string {
  return `reporter ${id}`;
}

function reporter(row: ReporterRow): ReporterRecord {
  const { added_by: addedBy, created_at: createdAt, kind, ...rest } = row;
  return { ...rest, kind: kind as ReporterKind, addedBy, createdAt };
}

function commit({ sha, state, description, target_url: targetUrl, at }: CommitRow): CommitState {
  return { sha, state: state as CheckState, description, targetUrl, at };
}
