import type { Store } from '../store/store.js';
import { watchDatabase } from '../store/watch.js';

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
  readonly close: () => void;

  constructor(
    private readonly store: Store,
    private readonly hear: (changes: readonly Change[]) => void,
    private readonly fail: (error: unknown) => void,
  ) {
    this.#seen = store.audit.last()?.seq ?? 0;
    this.close = watchDatabase(store.db.file, () => this.look());
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
}
