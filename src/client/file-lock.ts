import { closeSync, existsSync, openSync } from 'node:fs';
// Native code is loaded with this file: load it where something is changed.
import { DatabaseSync } from '@photostructure/sqlite';
import { conflict } from '../contract/errors.js';

/** How long other processes may be at it before this one gives up, in milliseconds. */
const PATIENCE = 10_000;

/**
 * Takes a lock that one process can have at a time, and returns what releases it: a lock of SQLite on a file of its own,
 * which ends with the process however that ends. Throws an AppsApiError (409) if others don't let go of it.
 */
export function lock(file: string): () => void {
  // SQLite would make it by the umask, and whoever can read it can keep others waiting.
  if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600));
  const db = new DatabaseSync(file, { timeout: PATIENCE });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch {
    db.close();
    throw conflict(
      'config_busy',
      `Other processes have kept ${file} for ${PATIENCE / 1000} seconds. Nothing was changed.`,
      'Try again.',
    );
  }
  return () => db.close();
}
