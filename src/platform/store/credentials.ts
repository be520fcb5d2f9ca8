import { lackingIn, varOf } from '../../model/addons.js';
import type { Compliance } from '../../model/compliance.js';
import type { Cipher } from './cipher.js';
import type { Database } from './database.js';

/** A credential as it is kept, without its values. */
export interface CredentialRecord {
  readonly id: string;
  readonly name: string;
  /** The name of its plan. */
  readonly plan: string;
  /** The id of the app it was created for; null for one of the platform. */
  readonly owner: string | null;
  /** What a space must have for its apps to get it. */
  readonly requires: readonly Compliance[];
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** That an app gets a credential. */
export interface AttachmentRecord {
  readonly id: string;
  /** The id of the credential. */
  readonly credential: string;
  /** The id of the app. */
  readonly app: string;
  readonly prefix: string;
  readonly createdAt: string;
}

type CredentialRow = Record<'id' | 'name' | 'plan' | 'requires' | 'created_at' | 'updated_at', string> & {
  owner: string | null;
};
type AttachmentRow = Record<'id' | 'credential' | 'app' | 'prefix' | 'created_at', string>;
type SealedVar = { credential: string; name: string; value: Uint8Array };

/** Credentials, and which apps get them. Values are sealed; names are not. */
export class Credentials {
  readonly #db: Database;
  readonly #cipher: () => Cipher;

  constructor(db: Database, cipher: () => Cipher) {
    this.#db = db;
    this.#cipher = cipher;
  }

  /** All of them, by name. */
  list(): CredentialRecord[] {
    return this.#db.all<CredentialRow>('SELECT * FROM credentials ORDER BY name').map(credential);
  }

  count(): number {
    return this.#db.get<{ n: number }>('SELECT count(*) AS n FROM credentials')?.n ?? 0;
  }

  /** By name or id. */
  find(key: string): CredentialRecord | undefined {
    const row = this.#db.get<CredentialRow>('SELECT * FROM credentials WHERE name = ?1 OR id = ?1', key);
    return row && credential(row);
  }

  /** Those that were created for an app, by name. */
  ownedBy(app: string): CredentialRecord[] {
    return this.#db
      .all<CredentialRow>('SELECT * FROM credentials WHERE owner = ? ORDER BY name', app)
      .map(credential);
  }

  insert(record: CredentialRecord, vars: Readonly<Record<string, string>>): void {
    this.#db.run(
      'INSERT INTO credentials (id, name, plan, owner, requires, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
      record.id,
      record.name,
      record.plan,
      record.owner,
      record.requires.join(','),
      record.createdAt,
      record.updatedAt,
    );
    this.setVars(record.id, vars, record.updatedAt);
  }

  /** The other vars stay as they are. */
  setVars(id: string, vars: Readonly<Record<string, string>>, at: string): void {
    for (const [name, value] of Object.entries(vars)) {
      this.#db.run(
        `INSERT INTO credential_vars (credential, name, value) VALUES (?1, ?2, ?3)
         ON CONFLICT (credential, name) DO UPDATE SET value = ?3`,
        id,
        name,
        this.#cipher().seal(value, place(id, name)),
      );
    }
    this.#db.run('UPDATE credentials SET updated_at = ? WHERE id = ?', at, id);
  }

  /** Its values go with it. The database refuses while it is attached. */
  remove(id: string): void {
    this.#db.run('DELETE FROM credentials WHERE id = ?', id);
  }

  /** The names of its vars, in their order, as they are without a prefix. */
  keysOf(id: string): string[] {
    return this.#db
      .all<{ name: string }>('SELECT name FROM credential_vars WHERE credential = ? ORDER BY name', id)
      .map(({ name }) => name);
  }

  /** Its vars as they are without a prefix, by name. */
  valuesOf(id: string): Record<string, string> {
    const rows = this.#db.all<SealedVar>(
      'SELECT * FROM credential_vars WHERE credential = ? ORDER BY name',
      id,
    );
    return Object.fromEntries(rows.map((row) => [row.name, this.#open(row)]));
  }

  /** Those of an app, in the order in which they were attached. */
  attachmentsOf(app: string): AttachmentRecord[] {
    return this.#db
      .all<AttachmentRow>('SELECT * FROM attachments WHERE app = ? ORDER BY created_at, id', app)
      .map(attachment);
  }

  /** Those of a credential, in the order in which they were attached. */
  attachmentsTo(id: string): AttachmentRecord[] {
    return this.#db
      .all<AttachmentRow>('SELECT * FROM attachments WHERE credential = ? ORDER BY created_at, id', id)
      .map(attachment);
  }

  /** The database refuses what the compliance of the app's space does not allow. */
  attach({ id, credential: to, app, prefix, createdAt }: AttachmentRecord): void {
    this.#db.run(
      'INSERT INTO attachments (id, credential, app, prefix, created_at) VALUES (?, ?, ?, ?, ?)',
      id,
      to,
      app,
      prefix,
      createdAt,
    );
  }

  detach(attachmentId: string): void {
    this.#db.run('DELETE FROM attachments WHERE id = ?', attachmentId);
  }

  /** Which vars an app gets from which credential: the names of both. */
  originsOf(app: string): Map<string, string> {
    const rows = this.#db.all<{ prefix: string; name: string; credential: string }>(
      `SELECT t.prefix, v.name, c.name AS credential FROM attachments t
         JOIN credentials c ON c.id = t.credential JOIN credential_vars v ON v.credential = c.id
       WHERE t.app = ? ORDER BY v.name`,
      app,
    );
    return new Map(rows.map((row) => [varOf(row.prefix, row.name), row.credential]));
  }

  /** The vars that an app gets from its credentials now, with their values. */
  varsOf(app: string): Record<string, string> {
    const rows = this.#db.all<SealedVar & { prefix: string }>(
      `SELECT t.prefix, v.* FROM attachments t JOIN credential_vars v ON v.credential = t.credential
       WHERE t.app = ? ORDER BY v.name`,
      app,
    );
    return Object.fromEntries(rows.map((row) => [varOf(row.prefix, row.name), this.#open(row)]));
  }

  /** Whether an app gets one that requires what its space lacks, which the database lets nobody bring about. */
  anyMisplaced(): boolean {
    return this.#db
      .all<{ requires: string; compliance: string }>(
        `SELECT DISTINCT c.requires, s.compliance FROM attachments t JOIN credentials c ON c.id = t.credential
           JOIN apps a ON a.id = t.app JOIN spaces s ON s.name = a.space`,
      )
      .some(({ requires, compliance }) => lackingIn(compliance.split(','), words(requires)).length > 0);
  }

  /** Vars as a request can be known again by: a plain digest of a short password would tell it. */
  digestOf(vars: Readonly<Record<string, string>>): string {
    return this.#cipher().digest(JSON.stringify(Object.entries(vars).sort()), 'credential vars');
  }

  /** Seals every value anew, with another key; answers how many there are. */
  reseal(from: Cipher, to: Cipher): number {
    const rows = this.#db.all<SealedVar>('SELECT * FROM credential_vars');
    for (const { credential: id, name, value } of rows) {
      const at = place(id, name);
      const sealed = to.seal(from.open(value, at), at);
      this.#db.run(
        'UPDATE credential_vars SET value = ? WHERE credential = ? AND name = ?',
        sealed,
        id,
        name,
      );
    }
    return rows.length;
  }

  /** Throws if a value can't be opened. */
  checkAll(): void {
    for (const row of this.#db.each<SealedVar>('SELECT * FROM credential_vars')) this.#open(row);
  }

  #open({ credential: id, name, value }: SealedVar): string {
    return this.#cipher().open(value, place(id, name));
  }
}

function place(id: string, name: string): string {
  return `credential ${id} ${name}`;
}

function credential(row: CredentialRow): CredentialRecord {
  const { created_at: createdAt, updated_at: updatedAt, requires, ...rest } = row;
  return { ...rest, requires: words(requires), createdAt, updatedAt };
}

/** The database holds no other words. */
function words(requires: string): Compliance[] {
  return requires === '' ? [] : (requires.split(',') as Compliance[]);
}

function attachment({ created_at: createdAt, ...rest }: AttachmentRow): AttachmentRecord {
  return { ...rest, createdAt };
}
