import { backoff, pause } from '../client/retry.js';

/** Work under way for one key. */
interface Entry {
  job: (() => Promise<void>) | undefined;
  /** Ends a wait for the next attempt. */
  wake: AbortController;
}

/**
 * Runs the newest job of each key, one at a time, and again after it failed, with backoff, until it succeeds or another one
 * takes its place. Keys don't wait for each other.
 */
export class LatestJobs {
  readonly #entries = new Map<string, Entry>();
  #closed = false;

  constructor(private readonly onFailure: (key: string, error: unknown, retryMs: number) => void) {}

  set(key: string, job: () => Promise<void>): void {
    if (this.#closed) return;
    const known = this.#entries.get(key);
    if (known !== undefined) {
      known.job = job;
      known.wake.abort();
      return;
    }
    const entry: Entry = { job, wake: new AbortController() };
    this.#entries.set(key, entry);
    void this.#work(key, entry);
  }

  close(): void {
    this.#closed = true;
    for (const entry of this.#entries.values()) {
      entry.job = undefined;
      entry.wake.abort();
    }
  }

  async #work(key: string, entry: Entry): Promise<void> {
    for (let failures = 0; entry.job !== undefined; ) {
      const { job } = entry;
      try {
        await job();
        failures = 0;
        if (entry.job === job) entry.job = undefined;
      } catch (error) {
        if (entry.job !== job) continue;
        const retryMs = backoff(failures, { first: 500 });
        failures += 1;
        this.onFailure(key, error, retryMs);
        await pause(retryMs, entry.wake.signal);
      }
      entry.wake = new AbortController();
    }
    this.#entries.delete(key);
  }
}
