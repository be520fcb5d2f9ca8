import { REDACTED } from '../../model/redaction.js';
import { SECRET_MIN } from './secret-forms.js';
import { NO_PROGRESS, type SecretSet } from './secret-set.js';

const MARKER = Buffer.from(REDACTED);
const NOTHING = Buffer.alloc(0);
const LINE_FEED = 10;

/** A stretch of what is held back that is secret, end exclusive. */
interface Covered {
  readonly start: number;
  readonly end: number;
}

/**
 * Takes secrets out of a stream, however it is cut: in place of each stretch that one or several of them cover there is
 * one marker. What could be the start of a secret is held back until that is known, which is never more than the longest
 * of them; the rest passes at once.
 */
export class Masker {
  #secrets: SecretSet;
  #progress = NO_PROGRESS;
  #held: Buffer = NOTHING;
  #covered: Covered[] = [];
  /** Whether what was let through last is a marker: what goes on being secret needs no other. */
  #marked = false;

  constructor(secrets: SecretSet) {
    this.#secrets = secrets;
  }

  /** Takes some bytes, and answers those that may be told now. */
  take(bytes: Uint8Array): Buffer {
    const from = this.#held.length;
    if (from === 0 && this.#secrets.isEmpty) return asBuffer(bytes);
    return this.#pass(from === 0 ? asBuffer(bytes) : Buffer.concat([this.#held, bytes]), from);
  }

  /** Whether a line that is over is held back, since a secret with several lines begins with it. */
  get holdsLine(): boolean {
    return this.#held.includes(LINE_FEED);
  }

  /** Lets the lines through that are over: the rest of what began like a secret did not come in time. */
  releaseLines(): Buffer {
    const lines = this.#emit(this.#held, this.#held.lastIndexOf(LINE_FEED) + 1);
    this.#lookAgain();
    return Buffer.concat([lines, this.#pass(this.#held, this.#held.length)]);
  }

  /** What is held back: nothing more comes. The start of a secret that was cut off is masked as one. */
  end(): Buffer {
    const end = this.#held.length;
    const begun = this.#secrets.begun(this.#progress);
    if (begun >= SECRET_MIN) this.#cover({ start: Math.max(0, end - begun), end });
    this.#progress = NO_PROGRESS;
    return this.#emit(this.#held, end);
  }

  /** Looks for others from now on, also in what is held back. */
  use(secrets: SecretSet): void {
    if (secrets === this.#secrets) return;
    this.#secrets = secrets;
    this.#lookAgain();
  }

  #lookAgain(): void {
    const [first] = this.#covered;
    // The end of a secret whose start is gone already.
    this.#covered = this.#marked && first?.start === 0 ? [first] : [];
    this.#progress = NO_PROGRESS;
    this.#follow(this.#held, 0);
  }

  #pass(all: Buffer, from: number): Buffer {
    this.#follow(all, from);
    const known = Math.max(0, all.length - this.#secrets.begun(this.#progress));
    // What is secret stays so, also if it is the start of another one.
    const last = this.#covered.at(-1);
    return this.#emit(all, last !== undefined && last.start <= known ? Math.max(last.end, known) : known);
  }

  #follow(all: Buffer, from: number): void {
    this.#progress = this.#secrets.follow(all, from, this.#progress, (end, length) =>
      this.#cover({ start: Math.max(0, end - length), end }),
    );
  }

  /** Adds a stretch, which ends last, and makes one of those that touch. */
  #cover({ start, end }: Covered): void {
    let [first, last] = [start, end];
    for (let before = this.#covered.at(-1); before && before.end >= first; before = this.#covered.at(-1)) {
      first = Math.min(first, before.start);
      last = Math.max(last, before.end);
      this.#covered.pop();
    }
    this.#covered.push({ start: first, end: last });
  }

  /** Lets through what comes before `end`, masked, and holds back the rest. */
  #emit(all: Buffer, end: number): Buffer {
    const parts: Buffer[] = [];
    let at = 0;
    for (const covered of this.#covered) {
      if (covered.start >= end) break;
      if (covered.start > at) {
        parts.push(all.subarray(at, covered.start));
        this.#marked = false;
      }
      if (!this.#marked) parts.push(MARKER);
      this.#marked = true;
      at = Math.min(covered.end, end);
    }
    if (at < end) {
      parts.push(all.subarray(at, end));
      this.#marked = false;
    }
    this.#covered = this.#covered
      .filter((covered) => covered.end > end)
      .map((covered) => ({ start: Math.max(0, covered.start - end), end: covered.end - end }));
    // A copy: what is held back must not keep all of a large chunk in memory.
    this.#held = end === all.length ? NOTHING : Buffer.from(all.subarray(end));
    const [only = NOTHING, ...more] = parts;
    return more.length === 0 ? only : Buffer.concat(parts);
  }
}

/** A text with the secrets masked. */
export function maskText(secrets: SecretSet, text: string): string {
  const masker = new Masker(secrets);
  return Buffer.concat([masker.take(Buffer.from(text)), masker.end()]).toString();
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
