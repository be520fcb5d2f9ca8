import type { ChainState } from '../audit/chain.js';
import type { Database, Row } from './database.js';

/** From where the next digest of a space tells. */
export interface DigestMark {
  readonly spaceId: string;
  readonly space: string;
  readonly since: string;
  /** The number of the last audit record that was told. */
  readonly after: number;
  /** When the space was destroyed. */
  readonly endedAt: string | null;
}

/** A digest that is to be mailed, or was. */
export interface DigestRecord extends Omit<DigestMark, 'endedAt'> {
  /** What the mail is known by, however often it is sent. */
  readonly messageId: string;
  readonly until: string;
  /** The number of the last audit record that may be in it. */
  readonly last: number;
  readonly chain: ChainState;
  /** Who has it already. */
  readonly reached: readonly string[];
  readonly attempts: number;
  readonly nextAt: string;
  readonly sentAt: string | null;
  /** What the mail server said last, or why it said nothing. */
  readonly answer: string | null;
}

type MarkRow = { space_id: string; space: string; since: string; after: number; ended_at: string | null };
type DigestRow = Row & {
  message_id: string;
  space_id: string;
  space: string;
  since: string;
  until: string;
  after: number;
  last: number;
  chain: string;
  reached: string;
  attempts: number;
  next_at: string;
  sent_at: string | null;
  answer: string | null;
};

/** What comes of an attempt to mail a digest. */
export type Attempt = Pick<DigestRecord, 'reached' | 'nextAt' | 'sentAt' | 'answer'>;

/** What is waiting to be mailed. */
export interface Outbox {
  readonly waiting: number;
  /** When the oldest of them was made. */
  readonly since: string | null;
  /** What the last attempt at one of them came to. */
  readonly answer: string | null;
}

/** The digests of socs spaces: what the next ones tell, and the outbox. */
export class Digests {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Has digests made for a space from now on. */
  begin({ spaceId, space, since, after }: Omit<DigestMark, 'endedAt'>): void {
    this.#db.run(
      'INSERT INTO digest_marks (space_id, space, since, after) VALUES (?, ?, ?, ?)',
      spaceId,
      space,
      since,
      after,
    );
  }

  /** Has only one more made, if any. */
  end(spaceId: string, at: string): void {
    this.#db.run('UPDATE digest_marks SET ended_at = ? WHERE space_id = ?', at, spaceId);
  }

  /** What the next one has told when it is made; there are no more of a space that is no more. */
  advance(mark: DigestMark, since: string, after: number): void {
    if (mark.endedAt !== null) this.#db.run('DELETE FROM digest_marks WHERE space_id = ?', mark.spaceId);
    else
      this.#db.run(
        'UPDATE digest_marks SET since = ?, after = ? WHERE space_id = ?',
        since,
        after,
        mark.spaceId,
      );
  }

  mark(spaceId: string): DigestMark | undefined {
    const row = this.#db.get<MarkRow>('SELECT * FROM digest_marks WHERE space_id = ?', spaceId);
    return row && markOf(row);
  }

  /**
   * Of spaces that are no more, those that begin at or before a time, and those that begin after `ahead`, which only a
   * clock that was wrong can have written; the oldest first.
   */
  due(since: string, ahead: string): DigestMark[] {
    return this.#db
      .all<MarkRow>(
        `SELECT * FROM digest_marks WHERE ended_at IS NOT NULL OR since <= ? OR since > ?
         ORDER BY since, space`,
        since,
        ahead,
      )
      .map(markOf);
  }

  /** False if it is in the outbox, or was: then it stays as it is. */
  add(digest: Omit<DigestRecord, 'reached' | 'attempts' | 'sentAt' | 'answer'>): boolean {
    if (this.find(digest.messageId) !== undefined) return false;
    this.#db.run(
      `INSERT INTO digests (message_id, space_id, space, since, until, after, last, chain, reached, attempts, next_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, '[]', 0, ?)`,
      digest.messageId,
      digest.spaceId,
      digest.space,
      digest.since,
      digest.until,
      digest.after,
      digest.last,
      JSON.stringify(digest.chain),
      digest.nextAt,
    );
    return true;
  }

  find(messageId: string): DigestRecord | undefined {
    const row = this.#db.get<DigestRow>('SELECT * FROM digests WHERE message_id = ?', messageId);
    return row && digestOf(row);
  }

  /**
   * Takes one whose time has come, so that nobody else tries to mail it until `leasedUntil`: that named, or else the one
   * that waits the longest. Should the process that takes it die, its next attempt comes after that. Nothing waits for a
   * time after `ahead`, which only a clock that was wrong can have written.
   */
  take(
    now: string,
    { leasedUntil, ahead }: { readonly leasedUntil: string; readonly ahead: string },
    messageId?: string,
  ): DigestRecord | undefined {
    const row = this.#db.get<DigestRow>(
      `SELECT * FROM digests WHERE sent_at IS NULL AND (next_at <= ?1 OR next_at > ?3)
         AND (leased_until IS NULL OR leased_until <= ?1 OR leased_until > ?3) AND (?2 IS NULL OR message_id = ?2)
       ORDER BY next_at, message_id LIMIT 1`,
      now,
      messageId ?? null,
      ahead,
    );
    if (row === undefined) return undefined;
    this.#db.run(
      'UPDATE digests SET leased_until = ?, attempts = attempts + 1 WHERE message_id = ?',
      leasedUntil,
      row.message_id,
    );
    return this.find(row.message_id);
  }

  settle(messageId: string, { reached, nextAt, sentAt, answer }: Attempt): void {
    this.#db.run(
      `UPDATE digests SET reached = ?, next_at = ?, sent_at = ?, answer = ?, leased_until = NULL
       WHERE message_id = ?`,
      JSON.stringify(reached),
      nextAt,
      sentAt,
      answer,
      messageId,
    );
  }

  /** Has those that wait tried again at once. */
  retry(now: string): void {
    this.#db.run('UPDATE digests SET next_at = ? WHERE sent_at IS NULL AND next_at > ?', now, now);
  }

  /** Of a space, or of all. */
  outbox(spaceId?: string): Outbox {
    const these = spaceId === undefined ? 'sent_at IS NULL' : 'sent_at IS NULL AND space_id = ?1';
    const row = this.#db.get<{ waiting: number; since: string | null; answer: string | null }>(
      `SELECT count(*) AS waiting, min(until) AS since,
              (SELECT answer FROM digests WHERE ${these} AND answer IS NOT NULL ORDER BY next_at DESC LIMIT 1) AS answer
       FROM digests WHERE ${these}`,
      ...(spaceId === undefined ? [] : [spaceId]),
    );
    return row ?? { waiting: 0, since: null, answer: null };
  }

  /** What the newest digest found of the log, of those that found it whole; undefined if there is none. */
  newestWholeChain(): ChainState | undefined {
    const row = this.#db.get<Pick<DigestRow, 'chain'>>(
      `SELECT chain FROM digests WHERE instr(chain, '"broken"') = 0 ORDER BY until DESC LIMIT 1`,
    );
    return row && (JSON.parse(row.chain) as ChainState);
  }

  /** When the last one was taken by the mail server: of a space, or of all. */
  lastSentAt(spaceId?: string): string | null {
    type Sent = { at: string | null };
    // Two statements, for one that fits both would read every row.
    const row =
      spaceId === undefined
        ? this.#db.get<Sent>('SELECT max(sent_at) AS at FROM digests WHERE sent_at IS NOT NULL')
        : this.#db.get<Sent>('SELECT max(sent_at) AS at FROM digests WHERE space_id = ?', spaceId);
    return row?.at ?? null;
  }

  /** Forgets those that were sent before a time. */
  forget(before: string): void {
    this.#db.run('DELETE FROM digests WHERE sent_at < ?', before);
  }
}

function markOf({ space_id: spaceId, ended_at: endedAt, ...rest }: MarkRow): DigestMark {
  return { spaceId, endedAt, space: rest.space, since: rest.since, after: rest.after };
}

function digestOf(row: DigestRow): DigestRecord {
  return {
    messageId: row.message_id,
    spaceId: row.space_id,
    space: row.space,
    since: row.since,
    until: row.until,
    after: row.after,
    last: row.last,
    chain: JSON.parse(row.chain) as ChainState,
    reached: JSON.parse(row.reached) as string[],
    attempts: row.attempts,
    nextAt: row.next_at,
    sentAt: row.sent_at,
    answer: row.answer,
  };
}
