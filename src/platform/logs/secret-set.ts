import { breakableFormsOf, formsOf, SECRET_MIN } from './secret-forms.js';

/** So many places can be skipped at once, since every secret is longer. */
const LEAP = SECRET_MIN - 1;
/** An app may have a thousand secrets, each in very many forms, and each of their bytes takes a state. */
const WIDE_BYTES = 1024 * 1024;

const LINE_FEED = 10;

/** How much of a secret a text ends with. */
export interface Progress {
  readonly state: number;
  /** Line breaks within it. */
  readonly breaks: number;
}

export const NO_PROGRESS: Progress = { state: 0, breaks: 0 };

/**
 * Secrets to be looked for all at once, in time that depends on the text alone (A. V. Aho, M. J. Corasick: "Efficient
 * string matching", 1975). States are numbers, 0 the beginning; each stands for the longest start of a secret that the
 * text so far ends with. A state takes 26 bytes, and there is at most one for each byte of the secrets.
 *
 * In forms that can be broken into lines, each state has another for the line feed after it: it is as far, and goes on as
 * the first does. Only those of {@link SECRET_MIN} bytes and more have: with fewer, many a line ends.
 */
export class SecretSet {
  /** Of each state: how many bytes it stands for, without line breaks. */
  readonly #depth: Int32Array;
  /** Of each state: how long the longest secret is that the text ends with there; 0 if none. */
  readonly #longest: Int32Array;
  /** Of each state: whether it comes after a line break. */
  readonly #broken: Uint8Array;
  /** The state after each byte at the beginning. */
  readonly #begin = new Int32Array(256);
  /** The byte that leads to a state from the one it belongs to. */
  readonly #byte: Uint8Array;
  /** The states that belong to a state are a list: the first of them, and of each the next. */
  readonly #first: Int32Array;
  readonly #next: Int32Array;
  /** Where it goes on if none of them fits: the longest shorter start of a secret. */
  readonly #shorter: Int32Array;
  /** A bit for each two bytes: whether a secret begins with them. */
  readonly #starts = new Uint8Array(8192);
  /** The same for two bytes anywhere among its first {@link SECRET_MIN}. */
  readonly #near = new Uint8Array(8192);
  #states = 1;

  /** Of secrets that have no text of {@link SECRET_MIN} characters nothing is found. */
  constructor(secrets: Iterable<string>) {
    const all = [...secrets];
    const words = new Set(withinBudget(all));
    const bytes = [...words].map((word) => Buffer.from(word));
    const breakable = all.flatMap((secret) => breakableFormsOf(secret));
    const most = [...bytes, ...breakable].reduce((sum, { length }) => sum + length, 1);
    this.#byte = new Uint8Array(most);
    this.#depth = new Int32Array(most);
    this.#longest = new Int32Array(most);
    this.#broken = new Uint8Array(most);
    this.#first = new Int32Array(most);
    this.#next = new Int32Array(most);
    this.#shorter = new Int32Array(most);
    for (const word of bytes) this.#add(word);
    for (const word of breakable) this.#addBreaks(Buffer.from(word));
    this.#link();
  }

  get isEmpty(): boolean {
    return this.#states === 1;
  }

  /** How many states there are at most. */
  get size(): number {
    return this.#depth.length;
  }

  /** How many bytes of a secret a text ends with. */
  begun({ state, breaks }: Progress): number {
    return (this.#depth[state] as number) + breaks;
  }

  /** Follows the bytes from `from` on, and hears where secrets end and how long they are. Answers how far it is at the end. */
  follow(
    bytes: Uint8Array,
    from: number,
    progress: Progress,
    found: (end: number, length: number) => void,
  ): Progress {
    const [begin, depth, longest, broken] = [this.#begin, this.#depth, this.#longest, this.#broken];
    const last = bytes.length - 1;
    let { state, breaks } = progress;
    for (let at = from; at <= last; at++) {
      if (state === 0) {
        at = this.#leap(bytes, at);
        state = begin[bytes[at] as number] as number;
        breaks = 0;
      } else {
        const next = this.#after(state, bytes[at] as number);
        const isOnward = (depth[next] as number) >= (depth[state] as number);
        breaks = (isOnward ? breaks : 0) + (broken[next] as number);
        state = next;
        if (longest[state] !== 0) found(at + 1, (longest[state] as number) + breaks);
      }
    }
    return { state, breaks };
  }

  /** The next place where a secret could begin. Most of a log has none, so the quickest way there is what counts. */
  #leap(bytes: Uint8Array, from: number): number {
    const [starts, near] = [this.#starts, this.#near];
    const last = bytes.length - 1;
    let at = from;
    while (at < last) {
      // These two would be in whatever begins before them.
      const far = at + LEAP - 1;
      if (far < last && isClear(near, bytes[far] as number, bytes[far + 1] as number)) at += LEAP;
      else if (isClear(starts, bytes[at] as number, bytes[at + 1] as number)) at++;
      else break;
    }
    return at;
  }

  #after(state: number, byte: number): number {
    for (let current = state; current !== 0; current = this.#shorter[current] as number) {
      const next = this.#child(current, byte);
      if (next !== 0) return next;
    }
    return this.#begin[byte] as number;
  }

  #child(state: number, byte: number): number {
    let child = this.#first[state] as number;
    while (child !== 0 && this.#byte[child] !== byte) child = this.#next[child] as number;
    return child;
  }

  #add(word: Buffer): void {
    mark(this.#starts, word.readUInt16BE(0));
    for (let at = 0; at <= LEAP - 1; at++) mark(this.#near, word.readUInt16BE(at));
    let state = 0;
    for (const byte of word) {
      const there = state === 0 ? (this.#begin[byte] as number) : this.#child(state, byte);
      state = there === 0 ? this.#grow(state, byte) : there;
    }
    this.#longest[state] = word.length;
  }

  /** Lets lines break within a form that was added. */
  #addBreaks(word: Buffer): void {
    let state = 0;
    for (const [at, byte] of word.entries()) {
      state = state === 0 ? (this.#begin[byte] as number) : this.#child(state, byte);
      const isInside = at + 1 >= SECRET_MIN && at + 1 < word.length;
      if (!isInside || this.#child(state, LINE_FEED) !== 0) continue;
      const goesOn = this.#first[state] as number;
      const broken = this.#grow(state, LINE_FEED);
      this.#broken[broken] = 1;
      this.#depth[broken] = this.#depth[state] as number;
      this.#first[broken] = goesOn;
    }
  }

  #grow(parent: number, byte: number): number {
    const state = this.#states++;
    this.#byte[state] = byte;
    this.#depth[state] = (this.#depth[parent] as number) + 1;
    if (parent === 0) this.#begin[byte] = state;
    else {
      this.#next[state] = this.#first[parent] as number;
      this.#first[parent] = state;
    }
    return state;
  }

  /** Those of few bytes first: where one goes on is one of fewer. */
  #link(): void {
    const queue = this.#begin.filter((state) => state !== 0);
    const states = new Int32Array(this.#states);
    states.set(queue);
    let known = queue.length;
    for (let at = 0; at < known; at++) {
      const parent = states[at] as number;
      // What comes after a line break belongs to the state before it.
      if (this.#broken[parent] === 1) continue;
      for (let state = this.#first[parent] as number; state !== 0; state = this.#next[state] as number) {
        const shorter = this.#after(this.#shorter[parent] as number, this.#byte[state] as number);
        this.#shorter[state] = shorter;
        this.#longest[state] ||= this.#longest[shorter] as number;
        states[known++] = state;
      }
    }
  }
}

/** Forms of secrets: all of them, and after so many bytes of these only the common ones of the others. */
function* withinBudget(secrets: Iterable<string>): Generator<string> {
  let left = WIDE_BYTES;
  for (const secret of secrets) {
    const forms = left > 0 ? formsOf(secret) : formsOf(secret, false);
    left -= forms.reduce((sum, { length }) => sum + length, 0);
    yield* forms;
  }
}

function mark(bits: Uint8Array, pair: number): void {
  bits[pair >> 3] = (bits[pair >> 3] as number) | (1 << (pair & 7));
}

function isClear(bits: Uint8Array, first: number, second: number): boolean {
  return ((bits[(first << 5) | (second >> 3)] as number) & (1 << (second & 7))) === 0;
}

/** Finds nothing. */
export const NO_SECRETS = new SecretSet([]);
