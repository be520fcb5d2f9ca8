import type { Database } from './database.js';

/** What an app was given by a promotion, and where that is from. */
export interface PromotionRecord {
  /** The same for every target of a promotion. */
  readonly id: string;
  /** The id of the app it was promoted to. */
  readonly target: string;
  /** The release it made. */
  readonly release: string | null;
  /** The build that waits for the checks of the target instead, and then makes a release. */
  readonly build: string | null;
  /** The name that the pipeline had. */
  readonly pipeline: string;
  /** `app-space` of what it is from, and the version of its release. */
  readonly source: string;
  readonly version: number;
  readonly createdAt: string;
}

type PromotionRow = Record<'id' | 'target' | 'pipeline' | 'source' | 'created_at', string> & {
  release: string | null;
  build: string | null;
  version: number;
};

/** What was promoted to apps. */
export class Promotions {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** The one that a release of this app is from: by itself, or by the build that made it. */
  ofRelease(target: string, release: string, build: string | null): PromotionRecord | undefined {
    const row = this.#db.get<PromotionRow>(
      'SELECT * FROM promotions WHERE target = ?1 AND (release = ?2 OR build = ?3) ORDER BY created_at DESC LIMIT 1',
      target,
      release,
      build,
    );
    return row && record(row);
  }

  insert(promotion: PromotionRecord): void {
    this.#db.run(
      `INSERT INTO promotions (id, target, release, build, pipeline, source, version, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      promotion.id,
      promotion.target,
      promotion.release,
      promotion.build,
      promotion.pipeline,
      promotion.source,
      promotion.version,
      promotion.createdAt,
    );
  }
}

function record({ created_at: createdAt, ...rest }: PromotionRow): PromotionRecord {
  return { ...rest, createdAt };
}
