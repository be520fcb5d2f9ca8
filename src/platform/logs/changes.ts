import { type FSWatcher, watch } from 'node:fs';

/** How often is looked without a sign, in milliseconds: not every file system gives one. */
const POLL = 500;

/** Tells when something in some folders may have changed, until `signal` says that nobody asks any more. */
export class Changes {
  readonly #folders: readonly string[];
  readonly #signal: AbortSignal;
  readonly #watchers = new Map<string, FSWatcher>();
  #changed = false;
  #wake: () => void = () => {};

  constructor(folders: readonly string[], signal: AbortSignal) {
    this.#folders = folders;
    this.#signal = signal;
    this.#watchAll();
    signal.addEventListener('abort', this.#notice);
  }

  /** Settles at the first change since it settled last, and at the end. */
  async next(): Promise<void> {
    this.#watchAll();
    if (!this.#changed && !this.#signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, POLL);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#changed = false;
  }

  close(): void {
    this.#signal.removeEventListener('abort', this.#notice);
    for (const watcher of this.#watchers.values()) watcher.close();
  }

  readonly #notice = (): void => {
    this.#changed = true;
    this.#wake();
  };

  /** A folder that is not there yet, or one watch too many for this system, is left to the next look. */
  #watchAll(): void {
    for (const folder of this.#folders) {
      if (this.#watchers.has(folder)) continue;
      try {
        const watcher = watch(folder, this.#notice);
        watcher.on('error', () => {
          watcher.close();
          this.#watchers.delete(folder);
        });
        this.#watchers.set(folder, watcher);
      } catch {
        continue;
      }
    }
  }
}
