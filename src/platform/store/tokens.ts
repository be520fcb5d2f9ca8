import { namesOfPerson, tokenOf } from '../../model/person-names.js';
import type { Caller } from '../caller.js';
import type { Database } from './database.js';

/** A token as it is kept: never its secret. */
export interface TokenRecord {
  readonly name: string;
  readonly role: Caller['role'];
  /** The names of the spaces that a user token is for; none for an administrator's, which is for all. */
  readonly spaces: readonly string[];
  /** Whether whoever has it may say for whom they ask. */
  readonly trusted: boolean;
  readonly createdBy: string;
  readonly createdAt: string;
  /** When it ends; null if only revoking ends it. */
  readonly expiresAt: string | null;
  /** About when it was last used; null if it never was. */
  readonly usedAt: string | null;
}

/** Whether a token has ended by itself. */
export function isExpired({ expiresAt }: TokenRecord, now: Date): boolean {
  return expiresAt !== null && expiresAt <= now.toISOString();
}

type TokenRow = {
  name: string;
  role: string;
  spaces: string;
  trusted: number;
  created_by: string;
  created_at: string;
  expires_at: string | null;
  used_at: string | null;
};

const COLUMNS = `name, role, trusted, created_by, created_at, expires_at, used_at,
  (SELECT json_group_array(space) FROM (SELECT space FROM token_spaces WHERE token = name ORDER BY space)) AS spaces`;

/** The tokens that open the platform to others, by the digests of their secrets. */
export class Tokens {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** By name. */
  all(): TokenRecord[] {
    return this.#db.all<TokenRow>(`SELECT ${COLUMNS} FROM tokens ORDER BY name`).map(record);
  }

  find(name: string): TokenRecord | undefined {
    const row = this.#db.get<TokenRow>(`SELECT ${COLUMNS} FROM tokens WHERE name = ?`, name);
    return row && record(row);
  }

  /**
   * The token whose secret has this SHA-256. That the index finds some digests sooner than others tells nothing of a
   * secret: whoever asks can't choose what digest it will be.
   */
  byDigest(digest: Uint8Array): TokenRecord | undefined {
    const row = this.#db.get<TokenRow>(`SELECT ${COLUMNS} FROM tokens WHERE digest = ?`, digest);
    return row && record(row);
  }

  count(): number {
    return this.#db.get<{ n: number }>('SELECT count(*) AS n FROM tokens')?.n ?? 0;
  }

  insert(token: TokenRecord, digest: Uint8Array): void {
    this.#db.run(
      `INSERT INTO tokens (name, role, trusted, digest, created_by, created_at, expires_at, used_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      token.name,
      token.role,
      Number(token.trusted),
      digest,
      token.createdBy,
      token.createdAt,
      token.expiresAt,
      token.usedAt,
    );
    this.#db.run(
      'INSERT INTO token_makers (token, maker) VALUES (?, ?) ON CONFLICT DO NOTHING',
      token.name,
      token.createdBy.toLowerCase(),
    );
    for (const space of token.spaces) {
      this.#db.run('INSERT INTO token_spaces (token, space) VALUES (?, ?)', token.name, space);
    }
  }

  /**
   * All who can act under a name, in lower case: whoever has it and, if it is or was that of a token, those who made
   * that, and so on; of `jane via gateway` also jane, and whoever has the token.
   */
  behind(name: string): string[] {
    const folded = name.toLowerCase();
    const known = [...namesOfPerson(folded), tokenOf(folded)].filter((each) => each !== undefined);
    return this.#db
      .all<{ name: string }>(
        `WITH RECURSIVE known (name) AS (
           SELECT value FROM json_each(?) UNION SELECT maker FROM token_makers JOIN known ON token = known.name)
         SELECT name FROM known`,
        JSON.stringify(known),
      )
      .map((row) => row.name);
  }

  used(name: string, at: string): void {
    this.#db.run('UPDATE tokens SET used_at = ? WHERE name = ?', at, name);
  }

  remove(name: string): void {
    this.#db.run('DELETE FROM tokens WHERE name = ?', name);
  }
}

function record(row: TokenRow): TokenRecord {
  return {
    name: row.name,
    role: row.role === 'admin' ? 'admin' : 'user',
    spaces: JSON.parse(row.spaces) as string[],
    trusted: row.trusted === 1,
    createdBy: row.created_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    usedAt: row.used_at,
  };
}
