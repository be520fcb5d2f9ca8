import type { Database } from './database.js';

/** Whom a session or a code stands for. */
export interface SessionHolder {
  readonly username: string;
  readonly role: 'admin' | 'user';
  /** The name of the token that it came of and ends with; null for the user of the machine. */
  readonly token: string | null;
}

/** A browser that is logged in. */
export interface SessionRecord extends SessionHolder {
  readonly name: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  /** About when it was last used; null if it never was. */
  readonly usedAt: string | null;
}

/** A secret that opens a session. */
export interface SessionSecret {
  readonly digest: Uint8Array;
  readonly session: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly confirmed: boolean;
}

export interface LoginCodeRecord extends SessionHolder {
  readonly digest: Uint8Array;
  readonly expiresAt: string;
}

type HolderRow = { username: string; role: string; token: string | null };
type SessionRow = HolderRow & {
  name: string;
  created_at: string;
  expires_at: string;
  used_at: string | null;
};
type SecretRow = {
  digest: Uint8Array;
  session: string;
  created_at: string;
  expires_at: string;
  confirmed: number;
};
type CodeRow = HolderRow & { digest: Uint8Array; expires_at: string };

/** The sessions of browsers and the codes that open them, by the digests of their secrets. Times are ISO 8601, UTC. */
export class Sessions {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Those that hold at a time, the oldest first. */
  all(at: string): SessionRecord[] {
    return this.#db
      .all<SessionRow>('SELECT * FROM sessions WHERE expires_at > ? ORDER BY created_at, name', at)
      .map(record);
  }

  find(name: string): SessionRecord | undefined {
    const row = this.#db.get<SessionRow>('SELECT * FROM sessions WHERE name = ?', name);
    return row && record(row);
  }

  insert(session: SessionRecord): void {
    const { name, username, role, token, createdAt, expiresAt } = session;
    this.#db.run(
      `INSERT INTO sessions (name, username, role, token, created_at, expires_at, used_at)
       VALUES (?, ?, ?, ?, ?, ?, NULL)`,
      name,
      username,
      role,
      token,
      createdAt,
      expiresAt,
    );
  }

  used(name: string, at: string): void {
    this.#db.run('UPDATE sessions SET used_at = ? WHERE name = ?', at, name);
  }

  remove(name: string): void {
    this.#db.run('DELETE FROM sessions WHERE name = ?', name);
  }

  /** Removes what has ended by a time. */
  purge(at: string): void {
    for (const table of ['sessions', 'session_secrets', 'login_codes'])
      this.#db.run(`DELETE FROM ${table} WHERE expires_at <= ?`, at);
  }

  /** The secret with this SHA-256: a sender can't choose the digest of a guess, so the index gives nothing away. */
  secret(digest: Uint8Array, at: string): SessionSecret | undefined {
    const row = this.#db.get<SecretRow>(
      'SELECT * FROM session_secrets WHERE digest = ? AND expires_at > ?',
      digest,
      at,
    );
    return row && secretRecord(row);
  }

  insertSecret({ digest, session, createdAt, expiresAt, confirmed }: SessionSecret): void {
    this.#db.run(
      `INSERT INTO session_secrets (digest, session, created_at, expires_at, confirmed) VALUES (?, ?, ?, ?, ?)`,
      digest,
      session,
      createdAt,
      expiresAt,
      Number(confirmed),
    );
  }

  /** Takes note that the browser has a secret: all others of its session end at a time. */
  confirm({ digest, session }: SessionSecret, othersUntil: string): void {
    this.#db.run('UPDATE session_secrets SET confirmed = 1 WHERE digest = ?', digest);
    this.#db.run(
      'UPDATE session_secrets SET expires_at = min(expires_at, ?) WHERE session = ? AND digest <> ?',
      othersUntil,
      session,
      digest,
    );
  }

  /** When the newest secret of a session was made. */
  newestSecret(session: string): string | undefined {
    return (
      this.#db.get<{ at: string | null }>(
        'SELECT max(created_at) AS at FROM session_secrets WHERE session = ?',
        session,
      )?.at ?? undefined
    );
  }

  /** Those that hold at a time. */
  codes(at: string): LoginCodeRecord[] {
    return this.#db
      .all<CodeRow>('SELECT * FROM login_codes WHERE expires_at > ? ORDER BY expires_at', at)
      .map((row) => ({ ...holder(row), digest: row.digest, expiresAt: row.expires_at }));
  }

  insertCode({ digest, username, role, token, expiresAt }: LoginCodeRecord): void {
    this.#db.run(
      'INSERT INTO login_codes (digest, username, role, token, expires_at) VALUES (?, ?, ?, ?, ?)',
      digest,
      username,
      role,
      token,
      expiresAt,
    );
  }

  removeCode(digest: Uint8Array): void {
    this.#db.run('DELETE FROM login_codes WHERE digest = ?', digest);
  }
}

function holder({ username, role, token }: HolderRow): SessionHolder {
  return { username, role: role === 'admin' ? 'admin' : 'user', token };
}

function record(row: SessionRow): SessionRecord {
  return {
    ...holder(row),
    name: row.name,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    usedAt: row.used_at,
  };
}

function secretRecord(row: SecretRow): SessionSecret {
  return {
    digest: row.digest,
    session: row.session,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    confirmed: row.confirmed === 1,
  };
}
