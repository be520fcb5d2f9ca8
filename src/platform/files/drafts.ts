import { existsSync, linkSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type AppsApiError, conflict } from '../../contract/errors.js';
import { errorCode } from '../../model/error-code.js';

/** Where this process makes what is to become `file`: next to it, so that it only has to be renamed. */
export function draftOf(file: string): string {
  return `${file}.${process.pid}.draft`;
}

/** Removes a database and what SQLite keeps beside it. */
export function removeDatabase(file: string): void {
  for (const each of [file, `${file}-wal`, `${file}-shm`, `${file}-journal`]) rmSync(each, { force: true });
}

/**
 * Gives a draft its name; unless it is to replace what has that name, throws an AppsApiError (409) if anything has.
 */
export function place(draft: string, file: string, { replace }: { replace: boolean }): void {
  if (replace) return renameSync(draft, file);
  try {
    linkSync(draft, file);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EEXIST') throw fileExists(file);
    // A file system without links, as on memory sticks.
    if (code !== 'EPERM' && code !== 'ENOTSUP') throw error;
    if (existsSync(file)) throw fileExists(file);
    renameSync(draft, file);
  }
}

/** The error for a file that is there already. */
export function fileExists(file: string): AppsApiError {
  return conflict(
    'file_exists',
    `${file} is there already. Nothing was written.`,
    'Use another name, or --force.',
  );
}

/** Clears away the drafts of `file` that processes left behind which are no more. */
export function clearOldDrafts(file: string): void {
  const start = `${basename(file)}.`;
  for (const name of readdirSync(dirname(file))) {
    const pid = name.startsWith(start)
      ? /^(\d+)\.draft(?:-wal|-shm|-journal)?$/.exec(name.slice(start.length))
      : null;
    if (pid !== null && !isAlive(Number(pid[1]))) rmSync(join(dirname(file), name), { force: true });
  }
}

/** Whether a process of this id runs, of whatever user. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}
