import type { SlugFacts } from '../../model/slug.js';
import type { Database } from './database.js';

/** What is known of a slug without opening its folder. */
export interface SlugRecord extends SlugFacts {
  /** Names its folder. */
  readonly digest: string;
  readonly bytes: number;
  readonly createdAt: string;
}

type SlugRow = Record<'digest' | 'facts' | 'created_at', string>;

/** The slugs that builds made. */
export class Slugs {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** None for a release that has none. */
  find(digest: string | null | undefined): SlugRecord | undefined {
    if (digest == null) return undefined;
    const row = this.#db.get<SlugRow>('SELECT * FROM slugs WHERE digest = ?', digest);
    if (row === undefined) return undefined;
    const facts = JSON.parse(row.facts) as SlugFacts & { bytes: number };
    return { digest: row.digest, ...facts, createdAt: row.created_at };
  }

  /** One that is there already is the same. */
  insert({ digest, createdAt, bytes, processTypes, path, folders }: SlugRecord): void {
    this.#db.run(
      'INSERT INTO slugs (digest, facts, created_at) VALUES (?, ?, ?) ON CONFLICT (digest) DO NOTHING',
      digest,
      JSON.stringify({ bytes, processTypes, path, folders }),
      createdAt,
    );
  }

  /**
   * The digests of those that run, or would: of each app's newest release, the newest that worked, its dynos, and what
   * waits for its checks only.
   */
  inUse(): string[] {
    return this.#db
      .all<{ slug: string }>(
        `SELECT DISTINCT slug FROM releases r WHERE slug IS NOT NULL AND (
           version = (SELECT max(version) FROM releases WHERE app = r.app)
           OR version = (SELECT max(version) FROM releases WHERE app = r.app AND status = 'succeeded')
           OR id IN (SELECT release FROM dynos WHERE release IS NOT NULL))
         UNION SELECT slug FROM builds WHERE slug IS NOT NULL AND status = 'pending'`,
      )
      .map((row) => row.slug);
  }

  /** Those that nothing names. */
  unused(): string[] {
    return this.#db
      .all<{ digest: string }>(
        `SELECT digest FROM slugs WHERE digest NOT IN (SELECT slug FROM releases WHERE slug IS NOT NULL)
           AND digest NOT IN (SELECT slug FROM builds WHERE slug IS NOT NULL)`,
      )
      .map((row) => row.digest);
  }

  remove(digest: string): void {
    this.#db.run('DELETE FROM slugs WHERE digest = ?', digest);
  }
}
