import type { AuditFacts } from '../../../src/platform/audit/chain.js';
import { type Folders, openStore } from '../../../src/platform/store/store.js';

/** What a record says, told apart from others by its number; every third one is of space `bank`, the others of `shop`. */
function factsOf(n: number): AuditFacts {
  return {
    at: new Date(Date.UTC(2026, 10, 1) + n * 60_000).toISOString(),
    action: 'app.update',
    outcome: n % 5 === 0 ? 'refused' : 'done',
    username: 'ann',
    role: 'admin',
    origin: 'cli',
    space: n % 3 === 0 ? 'bank' : 'shop',
    app: 'web',
    details: { description: `Nr. ${n}: "größer" \\ \u202e teuer` },
  };
}

/** Fills the log of a platform, new unless it is there, up to so many records. */
export function fillLog(folders: Folders, records: number): void {
  const store = openStore(folders);
  store.db.transaction(() => {
    for (let n = (store.audit.last()?.seq ?? 0) + 1; n <= records; n++) {
      store.audit.append(store.meta.dataId, factsOf(n));
    }
  });
  store.db.close();
}

/** Lets records be tampered with: by itself the database refuses that, and what is no JSON, too. */
export const UNGUARDED = `
  DROP TRIGGER audit_is_append_only; DROP TRIGGER audit_is_kept; DROP TRIGGER audit_has_no_gaps;
  DROP INDEX audit_of_space; DROP INDEX audit_of_app; DROP INDEX audit_of_user; DROP INDEX audit_by_time;
  ALTER TABLE audit DROP COLUMN space; ALTER TABLE audit DROP COLUMN app; ALTER TABLE audit DROP COLUMN username;
  ALTER TABLE audit DROP COLUMN at`;
