import type { Database } from './database.js';

/** What spaces are placed on. */
export interface RegionRow {
  id: string;
  name: string;
  /** The rest of what the API shows of it, as JSON. */
  facts: string;
  internal: number;
  created_at: string;
  updated_at: string;
  [column: string]: string | number;
}

export interface StackRow {
  id: string;
  name: string;
  region: string;
  /** The domain below which its apps are. */
  base: string;
  state: string;
  is_default: number;
  created_at: string;
  updated_at: string;
  [column: string]: string | number;
}

export interface OrganizationRow {
  id: string;
  name: string;
  created_at: string;
  updated_at: string;
  [column: string]: string;
}

/** Regions, stacks and organizations: few, and always shown whole. Keys are names or ids. */
export class Catalog {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  regions(): RegionRow[] {
    return this.#db.all<RegionRow>('SELECT * FROM regions ORDER BY name');
  }

  region(key: string): RegionRow | undefined {
    return this.#db.get<RegionRow>('SELECT * FROM regions WHERE name = ?1 OR id = ?1', key);
  }

  stacks(): StackRow[] {
    return this.#db.all<StackRow>('SELECT * FROM stacks ORDER BY name');
  }

  stack(key: string): StackRow | undefined {
    return this.#db.get<StackRow>('SELECT * FROM stacks WHERE name = ?1 OR id = ?1', key);
  }

  defaultStack(): StackRow | undefined {
    return this.#db.get<StackRow>('SELECT * FROM stacks WHERE is_default = 1');
  }

  organizations(): OrganizationRow[] {
    return this.#db.all<OrganizationRow>('SELECT * FROM organizations ORDER BY name');
  }

  organization(key: string): OrganizationRow | undefined {
    return this.#db.get<OrganizationRow>('SELECT * FROM organizations WHERE name = ?1 OR id = ?1', key);
  }

  insertRegion(row: RegionRow): void {
    this.#db.run(
      'INSERT INTO regions (id, name, facts, internal, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)',
      row.id,
      row.name,
      row.facts,
      row.internal,
      row.created_at,
      row.updated_at,
    );
  }

  insertStack(row: StackRow): void {
    this.#db.run(
      'INSERT INTO stacks (id, name, region, base, state, is_default, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      row.id,
      row.name,
      row.region,
      row.base,
      row.state,
      row.is_default,
      row.created_at,
      row.updated_at,
    );
  }

  insertOrganization(row: OrganizationRow): void {
    this.#db.run(
      'INSERT INTO organizations (id, name, created_at, updated_at) VALUES (?, ?, ?, ?)',
      row.id,
      row.name,
      row.created_at,
      row.updated_at,
    );
  }
}
