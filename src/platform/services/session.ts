import type { Caller } from '../caller.js';
import type { Store } from '../store/store.js';

/** What a service works with: the data, and on whose behalf. */
export interface Session {
  readonly store: Store;
  readonly caller: Caller;
  readonly now: () => Date;
}
