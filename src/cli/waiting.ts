import { setTimeout as pause } from 'node:timers/promises';
import { Flags } from '@oclif/core';
import { beforeDashes } from './argv.js';
import { EXIT } from './exit-codes.js';
import { CommandError, usage } from './failure.js';
import { atInterrupt } from './signals.js';

/** How long is waited unless told, in seconds. */
const PATIENCE = 900;
const LONGEST = 7 * 24 * 3600;
/** How often is looked, in milliseconds. */
const LOOK = 250;

/** `--wait`, with or without a number of seconds; see {@link withSeconds}. */
export const waitFlag = Flags.string({
  description: `wait until done, at most SECONDS (default ${PATIENCE})`,
  helpValue: 'SECONDS',
});

/** The words of a command line in which a `--wait` without seconds, which no number follows, says how many it means. */
export function withSeconds(argv: readonly string[]): string[] {
  const flags = beforeDashes(argv).length;
  return argv.map((word, at) => {
    const isBare = at < flags && word === '--wait' && !/^\d/.test(argv[at + 1] ?? '');
    return isBare ? `--wait=${PATIENCE}` : word;
  });
}

/** How many seconds `--wait` says; as many as usual if nothing does. */
export function secondsOf(flag: string | undefined): number {
  if (flag === undefined) return PATIENCE;
  const seconds = Number(flag);
  if (/^\d+(\.\d+)?$/.test(flag) && seconds <= LONGEST) return seconds;
  throw usage('--wait takes a number of seconds.', 'For example: --wait=60');
}

/** What goes on when nobody waits for it any more, in a sentence, and how to see or stop it. */
export interface Unfinished {
  readonly says: string;
  readonly hint?: string;
}

/** Waiting for something that takes time, until it happens, the time is over, or Ctrl-C. */
export class Waiting {
  readonly #ended = new AbortController();
  readonly #seconds: number;
  readonly #timer: NodeJS.Timeout;
  #unfinished: Unfinished;
  #isInterrupted = false;

  constructor(seconds: number, unfinished: Unfinished) {
    this.#seconds = seconds;
    this.#unfinished = unfinished;
    // Zero looks once.
    this.#timer = setTimeout(() => this.#ended.abort(), seconds * 1000);
    atInterrupt(() => {
      this.#isInterrupted = true;
      this.#ended.abort();
    });
  }

  /** Comes with the end of the time, or Ctrl-C. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** From here on, something else goes on. */
  now(unfinished: Unfinished): void {
    this.#unfinished = unfinished;
  }

  /** What `look` finds, as soon as it finds something. Throws if there is no more waiting. */
  async until<T>(look: () => Promise<T | undefined>): Promise<T> {
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      await pause(LOOK, undefined, { signal: this.signal }).catch(() => {});
      if (this.signal.aborted) throw this.#failure();
    }
  }

  /** There is nothing to wait for any more. */
  over(): void {
    clearTimeout(this.#timer);
  }

  #failure(): CommandError {
    const { says, hint } = this.#unfinished;
    const why = this.#isInterrupted ? 'Interrupted' : `Waited ${this.#seconds} s`;
    return new CommandError({
      id: this.#isInterrupted ? 'interrupted' : 'pending',
      message: `${why}. ${says}`,
      exit: this.#isInterrupted ? EXIT.interrupted : EXIT.pending,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}
