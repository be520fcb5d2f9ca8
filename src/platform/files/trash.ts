import { lstat, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../../model/error-code.js';
import { isAlive } from './drafts.js';
import { removeTree } from './remove-tree.js';

/** No build and no upload takes this long: an older draft was left behind, and its process id was reused. */
const OLDEST_MS = 24 * 60 * 60 * 1000;
const DRAFT = /^[\w-]+\.(\d+)\.draft$/;
const TRASH = /\.trash$/;
/** Trash that could not be removed; it is tried again at each sweep. */
const STUCK = /\.stuck\.trash$/;

let made = 0;
/** Paths this process is removing now. */
const removing = new Set<string>();

/** Returns a path in `folder` for a file or folder that this process renames, or discards, when it is complete. */
export function newDraft(folder: string): string {
  return join(folder, `${uniqueName()}.${process.pid}.draft`);
}

/** Whether a name is that of an unfinished file or folder, or of one that is being removed. */
export function isTemporary(name: string): boolean {
  return DRAFT.test(name) || TRASH.test(name);
}

/**
 * Takes a file or folder out of its place at once and then removes it, so that a reader finds either all of it or
 * nothing. `folder` is on the same file system. A removal that fails, or that `signal` cuts short, is left to
 * {@link sweep}. A path that doesn't exist is no error.
 */
export async function discard(at: string, folder: string, signal?: AbortSignal): Promise<void> {
  const trash = join(folder, `${uniqueName()}.${process.pid}.trash`);
  try {
    await rename(at, trash);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  if (signal?.aborted !== true) await remove(trash, signal).catch(() => undefined);
}

/**
 * Removes the trash in a folder, and the drafts of processes that have ended. Returns a line for each path that can't be
 * removed. Throws the reason of `signal` when it aborts.
 */
export async function sweep(folder: string, signal?: AbortSignal): Promise<string[]> {
  const failures: string[] = [];
  for (const name of await readdir(folder)) {
    const at = join(folder, name);
    if (!(await isGarbage(at, name)) || removing.has(at)) continue;
    try {
      await remove(at, signal);
    } catch (error) {
      signal?.throwIfAborted();
      const stuck = STUCK.test(name) ? at : `${at}.stuck.trash`;
      await rename(at, stuck).catch(() => undefined);
      failures.push(`${stuck} can't be removed: ${errorCode(error) ?? 'unknown'}`);
    }
  }
  return failures;
}

/** Paths in a folder that an earlier sweep could not remove. */
export async function stuckIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => STUCK.test(name)).map((name) => join(folder, name));
}

async function isGarbage(at: string, name: string): Promise<boolean> {
  if (TRASH.test(name)) return true;
  const pid = DRAFT.exec(name)?.[1];
  if (pid === undefined) return false;
  if (!isAlive(Number(pid))) return true;
  const stats = await lstat(at).catch(() => undefined);
  return stats !== undefined && Date.now() - stats.mtimeMs > OLDEST_MS;
}

async function remove(at: string, signal: AbortSignal | undefined): Promise<void> {
  removing.add(at);
  try {
    await removeTree(at, signal);
  } finally {
    removing.delete(at);
  }
}

function uniqueName(): string {
  return `${Date.now().toString(36)}-${++made}`;
}
