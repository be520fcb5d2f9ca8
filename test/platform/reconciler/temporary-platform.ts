import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppsApi } from '../../../src/contract/apps-api.js';
import { openPlatform } from '../../../src/platform/embedded.js';
import { openStore, type Store } from '../../../src/platform/store/store.js';

/** A platform with its store, gone when it is removed. */
export interface Temporary {
  readonly store: Store;
  /** For an administrator. */
  readonly api: AppsApi;
  as(role: 'admin' | 'user'): AppsApi;
  /** For a user of this name. */
  named(name: string): AppsApi;
  remove(): void;
}

export function temporaryPlatform(): Temporary {
  const folder = mkdtempSync(join(tmpdir(), 'aka-'));
  const folders = { dataDir: join(folder, 'data'), configDir: join(folder, 'config') };
  const platform = openPlatform(folders);
  const store = openStore(folders);
  const as = (role: 'admin' | 'user'): AppsApi => platform.as({ name: 'ann', role, origin: 'cli' });
  return {
    store,
    api: as('admin'),
    as,
    named: (name) => platform.as({ name, role: 'user', origin: 'cli' }),
    remove() {
      platform.close();
      store.db.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
