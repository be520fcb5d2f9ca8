import type { PipelineName, Stage } from '../../model/pipelines.js';
import type { Database } from './database.js';

/** A way for what apps run, from stage to stage. */
export interface PipelineRecord {
  readonly id: string;
  readonly name: PipelineName;
  readonly description: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** An app at a stage of a pipeline. */
export interface CouplingRecord {
  readonly id: string;
  /** The id of its pipeline. */
  readonly pipeline: string;
  /** The id of its app, which is at one stage of a pipeline only. */
  readonly app: string;
  readonly stage: Stage;
  /** The contexts that must be well before something is promoted to it. */
  readonly required: readonly string[];
  readonly createdAt: string;
  readonly updatedAt: string;
}

type PipelineRow = Record<'id' | 'name' | 'description' | 'created_at' | 'updated_at', string>;
type CouplingRow = Record<
  'id' | 'pipeline' | 'app' | 'stage' | 'required' | 'created_at' | 'updated_at',
  string
>;

/** Pipelines, and the apps in them. An app that is destroyed leaves its pipelines. */
export class Pipelines {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** By name or id. */
  find(key: string): PipelineRecord | undefined {
    const row = this.#db.get<PipelineRow>('SELECT * FROM pipelines WHERE name = ?1 OR id = ?1', key);
    return row && pipeline(row);
  }

  /** By name. */
  all(): PipelineRecord[] {
    return this.#db.all<PipelineRow>('SELECT * FROM pipelines ORDER BY name').map(pipeline);
  }

  insert({ id, name, description, createdAt, updatedAt }: PipelineRecord): void {
    this.#db.run(
      'INSERT INTO pipelines (id, name, description, created_at, updated_at) VALUES (?, ?, ?, ?, ?)',
      id,
      name,
      description,
      createdAt,
      updatedAt,
    );
  }

  update({ id, name, description, updatedAt }: PipelineRecord): void {
    this.#db.run(
      'UPDATE pipelines SET name = ?, description = ?, updated_at = ? WHERE id = ?',
      name,
      description,
      updatedAt,
      id,
    );
  }

  /** Its apps are in it no more. */
  remove(id: string): void {
    this.#db.run('DELETE FROM pipelines WHERE id = ?', id);
  }

  /** The pipelines that an app is in, by name, and at which stage. */
  ofApp(app: string): readonly { readonly name: PipelineName; readonly stage: Stage }[] {
    return this.#db.all<{ name: PipelineName; stage: Stage }>(
      'SELECT name, stage FROM couplings c JOIN pipelines p ON p.id = c.pipeline WHERE app = ? ORDER BY name',
      app,
    );
  }

  coupling(id: string): CouplingRecord | undefined {
    const row = this.#db.get<CouplingRow>('SELECT * FROM couplings WHERE id = ?', id);
    return row && coupling(row);
  }

  /** Those of a pipeline or of an app, or all of them, in the order in which the apps came. */
  couplings({ pipeline: within, app }: { pipeline?: string; app?: string } = {}): CouplingRecord[] {
    const wanted = [
      ['pipeline = ?', within],
      ['app = ?', app],
    ].filter((each): each is [string, string] => each[1] !== undefined);
    return this.#db
      .all<CouplingRow>(
        `SELECT * FROM couplings WHERE ${wanted.map(([is]) => is).join(' AND ') || 'TRUE'}
         ORDER BY created_at, rowid`,
        ...wanted.map(([, value]) => value),
      )
      .map(coupling);
  }

  couple({ id, pipeline: of, app, stage, required, createdAt, updatedAt }: CouplingRecord): void {
    this.#db.run(
      `INSERT INTO couplings (id, pipeline, app, stage, required, created_at, updated_at)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      id,
      of,
      app,
      stage,
      JSON.stringify(required),
      createdAt,
      updatedAt,
    );
  }

  require(id: string, required: readonly string[], at: string): void {
    this.#db.run(
      'UPDATE couplings SET required = ?, updated_at = ? WHERE id = ?',
      JSON.stringify(required),
      at,
      id,
    );
  }

  uncouple(id: string): void {
    this.#db.run('DELETE FROM couplings WHERE id = ?', id);
  }
}

function pipeline(row: PipelineRow): PipelineRecord {
  const { created_at: createdAt, updated_at: updatedAt, name, ...rest } = row;
  return { ...rest, name: name as PipelineName, createdAt, updatedAt };
}

function coupling(row: CouplingRow): CouplingRecord {
  const { created_at: createdAt, updated_at: updatedAt, stage, required, ...rest } = row;
  return {
    ...rest,
    stage: stage as Stage,
    required: JSON.parse(required) as string[],
    createdAt,
    updatedAt,
  };
}
