import type { LogEntry } from '../../contract/logs.js';
import { openIfThere, type Position, readAt } from './backward.js';
import { ENTRY_MAX, entryIn } from './entry.js';
import { segmentFile, segmentsOf } from './segments.js';

/** How much is read at once, in bytes: no entry is longer. */
const BLOCK = 2 * ENTRY_MAX;

/** The entries of a log from a position on, as far as they are written; also those that come later. */
export class Forward {
  readonly #folder: string;
  #position: Position;
  #entries: LogEntry[] = [];

  constructor(folder: string, position: Position) {
    this.#folder = folder;
    this.#position = position;
  }

  /** The next entry; undefined if there is none yet. */
  async next(): Promise<LogEntry | undefined> {
    while (this.#entries.length === 0) if (!(await this.#read())) return undefined;
    return this.#entries.shift();
  }

  /** Reads on. False if there is nothing to be read yet. */
  async #read(): Promise<boolean> {
    const { segment, offset } = this.#position;
    // Before the file is read: if there is a later one, nothing is added to this one any more.
    const segments = await segmentsOf(this.#folder);
    const here = segments.find((number) => number >= segment);
    if (here === undefined) return false;
    if (here > segment) {
      // This reader was slow, and what it was to read next is removed already.
      this.#position = { segment: here, offset: 0 };
      return true;
    }
    const bytes = await this.#block(offset);
    const end = bytes.lastIndexOf(10) + 1;
    if (end > 0 || bytes.length === BLOCK) {
      // A block without a line is no entry's.
      this.#position = { segment, offset: offset + (end > 0 ? end : bytes.length) };
      this.#entries = bytes
        .toString('utf8', 0, end)
        .split('\n')
        .flatMap((text) => entryIn(text) ?? []);
      return true;
    }
    if (segments.at(-1) === segment) return false;
    this.#position = { segment: segment + 1, offset: 0 };
    return true;
  }

  async #block(offset: number): Promise<Buffer> {
    const handle = await openIfThere(segmentFile(this.#folder, this.#position.segment));
    if (handle === undefined) return Buffer.alloc(0);
    try {
      return await readAt(handle, offset, BLOCK);
    } finally {
      await handle.close();
    }
  }
}
