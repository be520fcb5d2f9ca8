import type { Store } from '../store/store.js';
import { watchDatabase } from '../store/watch.js';

const FEEDS = new WeakMap<Store, ChangeFeed>();

/** The feed of a store, which everybody who follows its changes shares. */
export function changeFeed(store: Store): ChangeFeed {
  const feed = FEEDS.get(store) ?? new ChangeFeed(store);
  FEEDS.set(store, feed);
  return feed;
}

/** Reports that there are new changes, by whichever process. It watches the data only while somebody waits. */
class ChangeFeed {
  readonly #waiting = new Set<() => void>();
  #number = 0;
  #stop: (() => void) | undefined;

  constructor(private readonly store: Store) {}

  /** Settles when the number of the last change is no longer `seq`, or the signal is aborted. */
  next(seq: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        signal.removeEventListener('abort', done);
        this.#waiting.delete(done);
        if (this.#waiting.size === 0) {
          this.#stop?.();
          this.#stop = undefined;
        }
        resolve();
      };
      signal.addEventListener('abort', done);
      this.#waiting.add(done);
      if (this.#stop === undefined) {
        this.#number = seq;
        this.#stop = watchDatabase(this.store.db.file, () => this.#look());
      }
      if (this.#last() !== seq) done();
    });
  }

  #look(): void {
    const last = this.#last();
    if (last === this.#number) return;
    this.#number = last;
    for (const done of this.#waiting) done();
  }

  /** NaN, which equals nothing, if it can't be read now: reading then says why. */
  #last(): number {
    try {
      return this.store.audit.number();
    } catch {
      return Number.NaN;
    }
  }
}
