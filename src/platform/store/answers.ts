import type { Cipher } from './cipher.js';
import type { Database } from './database.js';

/** What was answered under an idempotency key. */
export interface Answer {
  /** Of the operation and its input: another one under the same key is a mistake. */
  readonly fingerprint: string;
  readonly outcome: unknown;
}

/** Answers kept for repeated requests, sealed, for 24 hours. */
export class Answers {
  readonly #db: Database;
  readonly #cipher: () => Cipher;

  constructor(db: Database, cipher: () => Cipher) {
    this.#db = db;
    this.#cipher = cipher;
  }

  find(caller: string, key: string, now: Date): Answer | undefined {
    const row = this.#db.get<{ fingerprint: string; answer: Uint8Array }>(
      'SELECT fingerprint, answer FROM answers WHERE caller = ? AND key = ? AND at > ?',
      caller,
      key,
      dayBefore(now),
    );
    if (row === undefined) return undefined;
    const outcome: unknown = JSON.parse(this.#cipher().open(row.answer, place(caller, key)));
    return { fingerprint: row.fingerprint, outcome };
  }

  /** Also forgets what is older than a day. */
  keep(caller: string, key: string, answer: Answer, now: Date): void {
    this.#db.run('DELETE FROM answers WHERE at <= ?', dayBefore(now));
    this.#db.run(
      'INSERT INTO answers (caller, key, fingerprint, answer, at) VALUES (?, ?, ?, ?, ?)',
      caller,
      key,
      answer.fingerprint,
      this.#cipher().seal(JSON.stringify(answer.outcome), place(caller, key)),
      now.toISOString(),
    );
  }

  /** Forgets those to a caller. */
  forget(caller: string): void {
    this.#db.run('DELETE FROM answers WHERE caller = ?1 OR caller GLOB ?2', caller, `* via ${caller}`);
  }

  /** Seals every answer anew, with another key; answers how many there are. */
  reseal(from: Cipher, to: Cipher): number {
    const rows = this.#db.all<SealedAnswer>('SELECT caller, key, answer FROM answers');
    for (const { caller, key, answer } of rows) {
      const at = place(caller, key);
      const sealed = to.seal(from.open(answer, at), at);
      this.#db.run('UPDATE answers SET answer = ? WHERE caller = ? AND key = ?', sealed, caller, key);
    }
    return rows.length;
  }

  /** Throws if an answer can't be opened. */
  checkAll(): void {
    for (const { caller, key, answer } of this.#db.each<SealedAnswer>(
      'SELECT caller, key, answer FROM answers',
    )) {
      this.#cipher().open(answer, place(caller, key));
    }
  }
}

type SealedAnswer = { caller: string; key: string; answer: Uint8Array };

function place(caller: string, key: string): string {
  return `answer ${caller} ${key}`;
}

function dayBefore(now: Date): string {
  return new Date(now.getTime() - 24 * 60 * 60 * 1000).toISOString();
}
