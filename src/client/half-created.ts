import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { privateFolder, readSmallFile } from './private-files.js';

/*
 * An Akkeris installation lists a space before its cluster makes it, and keeps it listed if that fails. Nothing that it says
 * afterwards tells such a space from others, so its id is kept here.
 */

/** Thousands of ids. */
const MOST = 1024 * 1024;

/** The file that has the ids of spaces that were left half-created, one a line. */
export function halfCreatedFile(configDir: string): string {
  return join(configDir, 'half-created');
}

/** Keeps in mind that a space was left half-created. */
export function rememberHalfCreated(configDir: string, id: string): void {
  privateFolder(configDir);
  appendFileSync(halfCreatedFile(configDir), `${id}\n`, { mode: 0o600 });
}

/** Whether a space of this id was left half-created by this user's aka. */
export function wasHalfCreated(configDir: string, id: string): boolean {
  return readSmallFile(halfCreatedFile(configDir), MOST)?.split('\n').includes(id) ?? false;
}
