import { LineSplitter } from './line-splitter.js';
import { Masker } from './masker.js';
import { NO_SECRETS, type SecretSet } from './secret-set.js';

/** Makes lines of the bytes of one stream, with the secrets masked before: where they are cut tells nothing of them. */
export class MaskedLines {
  readonly #masker = new Masker(NO_SECRETS);
  readonly #lines: LineSplitter;

  /** A line of more than `max` bytes becomes several. */
  constructor(max: number) {
    this.#lines = new LineSplitter(max);
  }

  /** The lines that are whole now, and known not to begin a secret. */
  take(bytes: Uint8Array, secrets: SecretSet): string[] {
    this.#masker.use(secrets);
    return this.#lines.take(this.#masker.take(bytes));
  }

  /** Whether a whole line is held back. */
  get holdsLine(): boolean {
    return this.#masker.holdsLine;
  }

  /** The lines that were held back. */
  release(): string[] {
    return this.#lines.take(this.#masker.releaseLines());
  }

  /** What is left when the stream is over. */
  end(): string[] {
    return [...this.#lines.take(this.#masker.end()), ...this.#lines.end()];
  }
}
