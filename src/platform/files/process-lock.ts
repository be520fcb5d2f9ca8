import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { type AppsApiError, conflict } from '../../contract/errors.js';
import { isLocked, translated } from '../store/sqlite-errors.js';
import { privateFolder, writePrivateFile } from './private-files.js';

/** A lock that any number of processes may have, as long as none has the role. */
const SHARED = 'BEGIN; SELECT 1 FROM sqlite_schema';

/** What one process of a data folder does at a time: serve it, or replace what others rely on. */
type Role = 'server' | 'maintenance';

export interface Held {
  release(): void;
}

/** What is thrown where another process has the role: the one of this id, which is not known while it is starting. */
type Taken = (holder: number | undefined) => AppsApiError;

/**
 * Takes a role, or throws what `taken` makes of the process that has it. It is a lock of SQLite on a file of its own,
 * which ends with the process however that ends; the file itself stays, and is empty.
 */
export function takeRole(dataDir: string, role: Role, taken: Taken): Held {
  const lock = lockFile(dataDir, role, 'BEGIN EXCLUSIVE');
  const pidFile = join(dataDir, `${role}.pid`);
  if (lock === undefined) throw taken(readPid(pidFile));
  writePrivateFile(pidFile, `${process.pid}\n`);
  return {
    release() {
      rmSync(pidFile, { force: true });
      lock.release();
    },
  };
}

/** Takes the role of maintenance. Throws an AppsApiError (409) if another process has it, or holds it off. */
export function takeMaintenance(dataDir: string): Held {
  return takeRole(dataDir, 'maintenance', underMaintenance);
}

/** Keeps maintenance from beginning, as any number of processes may. Throws an AppsApiError (409) if it is under way. */
export function holdOffMaintenance(dataDir: string): Held {
  const lock = lockFile(dataDir, 'maintenance', SHARED);
  if (lock === undefined) throw underMaintenance(readPid(join(dataDir, 'maintenance.pid')));
  return lock;
}

/** The process that has a role, if one has it; its id is not known while it is starting. */
export function holderOf(dataDir: string, role: Role): { readonly pid: number | undefined } | undefined {
  if (!existsSync(join(dataDir, `${role}.lock`))) return undefined;
  const lock = lockFile(dataDir, role, SHARED);
  lock?.release();
  return lock === undefined ? { pid: readPid(join(dataDir, `${role}.pid`)) } : undefined;
}

function lockFile(dataDir: string, role: Role, how: string): Held | undefined {
  privateFolder(dataDir);
  const file = join(dataDir, `${role}.lock`);
  // SQLite would make it by the umask. One that is there is left alone: closing it here would end a lock on it.
  if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600));
  const db = new DatabaseSync(file, { timeout: 0 });
  try {
    db.exec(how);
    return { release: () => db.close() };
  } catch (error) {
    db.close();
    if (!isLocked(error)) throw translated(error);
    return undefined;
  }
}

function readPid(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    return pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function underMaintenance(holder: number | undefined): AppsApiError {
  return conflict(
    'under_maintenance',
    `${holder === undefined ? 'Another process' : `Process ${holder}`} is backing up or restoring this platform, or rotating its key.`,
    'Try again when it is done.',
  );
}
