import { closeSync, fsyncSync, openSync } from 'node:fs';
import { VERSION } from '../../contract/version.js';
import { Database } from '../store/database.js';
import { BACKUP_TABLE, type BackupFacts, digestOf } from './content.js';

/**
 * Writes a backup into a new file that only its owner can read: one state of all of a platform's data, while others
 * write, with the key of its secrets if there is one. It is on disk when this returns.
 */
export function writeBackup(source: Database, file: string, key: Uint8Array | undefined, at: Date): void {
  source.copyInto(file);
  const facts: BackupFacts = {
    made_at: at.toISOString(),
    version: VERSION,
    key: key === undefined ? null : Buffer.from(key).toString('base64'),
  };
  const copy = new Database(file);
  try {
    // A single file, also while somebody reads it.
    copy.exec('PRAGMA journal_mode = DELETE');
    // Who was logged in is not let in again by restoring it.
    copy.exec('PRAGMA secure_delete = ON; DELETE FROM sessions; DELETE FROM login_codes');
    copy.transaction(() => {
      copy.exec(BACKUP_TABLE);
      copy.run(
        'INSERT INTO backup (made_at, version, key, digest) VALUES (?, ?, ?, ?)',
        facts.made_at,
        facts.version,
        facts.key,
        digestOf(copy, facts),
      );
    });
  } finally {
    copy.close();
  }
  const fd = openSync(file, 'r');
  fsyncSync(fd);
  closeSync(fd);
}
