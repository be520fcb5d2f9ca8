import type { Caller } from './caller.js';
import type { Session } from './services/session.js';
import { type Folders, openStore } from './store/store.js';

/**
 * Does something with the data in some folders on behalf of somebody, and lets go of it. It is made if it isn't there;
 * `platformExists` tells. Throws what opening it throws, an AppsApiError.
 */
export function inSession<R>(folders: Folders, caller: Caller, work: (session: Session) => R): R {
  const store = openStore(folders);
  try {
    return work({ store, caller, now: () => new Date() });
  } finally {
    store.db.close();
  }
}
