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

  find(digest: string): SlugRecord | undefined {
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

  /** The digests of those that a release or a build names, newest release first. */
  used(): string[] {
    return this.#db
      .all<{ slug: string }>(
        `SELECT slug FROM (
           SELECT slug, created_at FROM releases WHERE slug IS NOT NULL
           UNION ALL SELECT slug, created_at FROM builds WHERE slug IS NOT NULL)
         GROUP BY slug ORDER BY max(created_at) DESC`,
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
