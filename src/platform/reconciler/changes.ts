import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Store } from '../store/store.js';

/** Between two looks where nothing tells of a change, in milliseconds. */
const LOOK = 500;

/** What a change was about. */
export interface Change {
  readonly action: string;
  readonly space: string | null;
  readonly app: string | null;
}

/**
 * Hears of every change that is committed, by whatever process: each has an audit record, so the number of the last
 * one heard of is all that must be remembered.
 */
export class Changes {
  #seen: number;
  readonly #watcher: FSWatcher | undefined;
  readonly #timer: NodeJS.Timeout;

  constructor(
    private readonly store: Store,
    private readonly hear: (changes: readonly Change[]) => void,
    private readonly fail: (error: unknown) => void,
  ) {
    this.#seen = store.audit.last()?.seq ?? 0;
    const { file } = store.db;
    this.#watcher = watchOver(dirname(file), (name) => {
      if (name === null || name.startsWith(basename(file))) this.look();
    });
    this.#timer = setInterval(() => this.look(), LOOK);
  }

  private look(): void {
    try {
      const records = this.store.audit.after(this.#seen);
      const last = records.at(-1);
      if (last === undefined) return;
      this.#seen = last.seq;
      const told = records.map(({ record }) => JSON.parse(record) as Change & { readonly outcome: string });
      // What was refused changed nothing, though it has a record and names what it was about.
      const changes = told.filter(({ outcome }) => outcome === 'done');
      if (changes.length > 0) this.hear(changes);
    } catch (error) {
      this.fail(error);
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.#watcher?.close();
  }
}

/** Where folders can't be watched, looking now and then is enough. */
function watchOver(folder: string, hear: (name: string | null) => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, (_, name) => hear(name));
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}
