import type { Database } from './database.js';

/** A place where spaces can be. */
export interface RegionRecord {
  readonly id: string;
  readonly name: string;
  /** What else is known of it, as the API shows it. */
  readonly facts: RegionFacts;
  /** Whether `internal` spaces can be there. */
  readonly internalCapable: boolean;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** What nothing but the API reads. */
interface RegionFacts {
  readonly description: string;
  readonly country: string;
  readonly locale: string;
  readonly high_availability: boolean;
  readonly provider: {
    readonly name: string;
    readonly region: string;
    readonly availability_zones: string[];
  };
}

/** What spaces are placed on. */
export interface StackRecord {
  readonly id: string;
  readonly name: string;
  /** The name of its region. */
  readonly region: string;
  /** The domain below which its apps are. */
  readonly base: string;
  readonly state: string;
  readonly isDefault: boolean;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** Whom apps belong to. */
export interface OrganizationRecord {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

type Common = 'id' | 'name' | 'created_at' | 'updated_at';
type RegionRow = Record<Common | 'facts', string> & { internal: number };
type StackRow = Record<Common | 'region' | 'base' | 'state', string> & { is_default: number };
type OrganizationRow = Record<Common, string>;

/** Regions, stacks and organizations: few, and always shown whole. Keys are names or ids. */
export class Catalog {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  regions(): RegionRecord[] {
    return this.#db.all<RegionRow>('SELECT * FROM regions ORDER BY name').map(region);
  }

  region(key: string): RegionRecord | undefined {
    const row = this.#db.get<RegionRow>('SELECT * FROM regions WHERE name = ?1 OR id = ?1', key);
    return row && region(row);
  }

  stacks(): StackRecord[] {
    return this.#db.all<StackRow>('SELECT * FROM stacks ORDER BY name').map(stack);
  }

  stack(key: string): StackRecord | undefined {
    const row = this.#db.get<StackRow>('SELECT * FROM stacks WHERE name = ?1 OR id = ?1', key);
    return row && stack(row);
  }

  defaultStack(): StackRecord | undefined {
    const row = this.#db.get<StackRow>('SELECT * FROM stacks WHERE is_default = 1');
    return row && stack(row);
  }

  organizations(): OrganizationRecord[] {
    return this.#db.all<OrganizationRow>('SELECT * FROM organizations ORDER BY name').map(common);
  }

  organization(key: string): OrganizationRecord | undefined {
    const row = this.#db.get<OrganizationRow>('SELECT * FROM organizations WHERE name = ?1 OR id = ?1', key);
    return row && common(row);
  }

  insertRegion(record: RegionRecord): void {
    this.#db.run(
      'INSERT INTO regions (id, name, facts, internal, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)',
      record.id,
      record.name,
      JSON.stringify(record.facts),
      Number(record.internalCapable),
      record.createdAt,
      record.updatedAt,
    );
  }

  insertStack(record: StackRecord): void {
    this.#db.run(
      'INSERT INTO stacks (id, name, region, base, state, is_default, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      record.id,
      record.name,
      record.region,
      record.base,
      record.state,
      Number(record.isDefault),
      record.createdAt,
      record.updatedAt,
    );
  }

  /** Replaces what of a region can change. */
  updateRegion({ id, facts, internalCapable, updatedAt }: RegionRecord): void {
    this.#db.run(
      'UPDATE regions SET facts = ?, internal = ?, updated_at = ? WHERE id = ?',
      JSON.stringify(facts),
      Number(internalCapable),
      updatedAt,
      id,
    );
  }

  removeRegion(id: string): void {
    this.#db.run('DELETE FROM regions WHERE id = ?', id);
  }

  /** Replaces what of a stack can change. Of two defaults the database takes none. */
  updateStack({ id, state, isDefault, updatedAt }: StackRecord): void {
    this.#db.run(
      'UPDATE stacks SET state = ?, is_default = ?, updated_at = ? WHERE id = ?',
      state,
      Number(isDefault),
      updatedAt,
      id,
    );
  }

  /** Makes room for another default. */
  noDefaultStack(): void {
    this.#db.run('UPDATE stacks SET is_default = 0 WHERE is_default = 1');
  }

  removeStack(id: string): void {
    this.#db.run('DELETE FROM stacks WHERE id = ?', id);
  }

  insertOrganization(record: OrganizationRecord): void {
    this.#db.run(
      'INSERT INTO organizations (id, name, created_at, updated_at) VALUES (?, ?, ?, ?)',
      record.id,
      record.name,
      record.createdAt,
      record.updatedAt,
    );
  }
}

function common({ id, name, created_at, updated_at }: Record<Common, string>): OrganizationRecord {
  return { id, name, createdAt: created_at, updatedAt: updated_at };
}

function region(row: RegionRow): RegionRecord {
  const facts = JSON.parse(row.facts) as RegionFacts;
  return { ...common(row), facts, internalCapable: row.internal === 1 };
}

function stack(row: StackRow): StackRecord {
  const { region: at, base, state } = row;
  return { ...common(row), region: at, base, state, isDefault: row.is_default === 1 };
}
