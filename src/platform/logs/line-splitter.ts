const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/**
 * Makes lines of the bytes of one stream, however they are cut. A line without an end is kept until it has one, or is
 * longer than `max` bytes: then what there is of it is a line. What is not UTF-8 becomes U+FFFD.
 */
export class LineSplitter {
  readonly #max: number;
  #rest: Buffer = Buffer.alloc(0);

  constructor(max: number) {
    this.#max = max;
  }

  /** The lines that are whole now. */
  take(bytes: Uint8Array): string[] {
    const lines: string[] = [];
    const all = this.#rest.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#rest, bytes]);
    let start = 0;
    // What was kept has no line feed: it need not be searched again.
    let end = all.indexOf(LINE_FEED, this.#rest.length);
    for (;;) {
      const stop = end === -1 ? all.length : end;
      while (stop - start > this.#max) {
        const cut = borderBefore(all, start + this.#max);
        lines.push(all.toString('utf8', start, cut));
        start = cut;
      }
      if (end === -1) break;
      lines.push(
        all.toString('utf8', start, all[end - 1] === CARRIAGE_RETURN && end > start ? end - 1 : end),
      );
      start = end + 1;
      end = all.indexOf(LINE_FEED, start);
    }
    // A copy: the rest must not keep all of a large chunk in memory.
    this.#rest = Buffer.from(all.subarray(start));
    return lines;
  }

  /** What is left when the stream is over. */
  end(): string[] {
    const rest = this.#rest;
    this.#rest = Buffer.alloc(0);
    return rest.length === 0 ? [] : [rest.toString('utf8')];
  }
}

/** The place before `at` where a character ends. Four bytes are the longest; where there are more, it is no text. */
function borderBefore(bytes: Buffer, at: number): number {
  for (let place = at; place > at - 4; place -= 1) {
    if (((bytes[place] ?? 0) & 0b1100_0000) !== 0b1000_0000) return place;
  }
  return at;
}
