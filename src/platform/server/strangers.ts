/** How often they are noted, in milliseconds: who tries a lot does not fill the log. */
const NOTED = 60_000;

/**
 * Counts those who were turned away at the door. Nobody is locked out for it: all who come over loopback have one
 * address, so that any program on this machine could lock out the others, and no number of tries finds a token.
 */
export class Strangers {
  #count = 0;
  #last: string | undefined;
  #noted = { at: Number.NEGATIVE_INFINITY, count: 0 };

  constructor(private readonly note: (line: string) => void) {}

  turnedAway(address: string): void {
    const now = Date.now();
    this.#count += 1;
    this.#last = new Date(now).toISOString();
    if (now - this.#noted.at < NOTED) return;
    const since = this.#count - this.#noted.count;
    this.#noted = { at: now, count: this.#count };
    this.note(
      `Turned away ${since === 1 ? 'a request' : `${since} requests`} without a valid token, the last from ${address}.`,
    );
  }

  /** For `platform:status`. */
  get facts(): Record<string, string | number> {
    return { turned_away: this.#count, ...(this.#last !== undefined && { last_turned_away: this.#last }) };
  }
}
