import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmod, lstat, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { errorCode } from '../../model/error-code.js';

const SLASH = Buffer.from('/');

/**
 * Removes a file or folder with its content, at any depth and of any mode. Links aren't followed. A path that doesn't
 * exist is no error. Throws the reason of `signal` when it aborts, and leaves the rest in place.
 */
export async function removeTree(at: string, signal?: AbortSignal): Promise<void> {
  const stats = await lstat(at).catch(() => undefined);
  if (stats === undefined) return;
  if (!stats.isDirectory()) return rm(at, { force: true });
  // A process of its own removes hundreds of thousands of files without slowing this one down.
  await promisify(execFile)('rm', ['-rf', '--', at], { ...(signal && { signal }) }).catch(() => undefined);
  signal?.throwIfAborted();
  await removeFlat(Buffer.from(at), signal);
}

/**
 * Removes what `rm` could not: folders that their owner may not read, and, where `rm` works by path, folders nested too
 * deep for a path. Every folder is first moved up to the top, so no path is longer than two names below it.
 */
async function removeFlat(top: Buffer, signal: AbortSignal | undefined): Promise<void> {
  const prefix = randomUUID();
  const folders = [top];
  let moved = 0;
  for (const folder of folders) {
    if (!(await openFolder(folder))) continue;
    for (const entry of await readdir(folder, { withFileTypes: true, encoding: 'buffer' })) {
      signal?.throwIfAborted();
      const path = Buffer.concat([folder, SLASH, entry.name]);
      if (!entry.isDirectory()) await rm(path, { force: true });
      else if (folder === top) folders.push(path);
      else if (await openFolder(path)) {
        const higher = Buffer.concat([top, SLASH, Buffer.from(`${prefix}-${++moved}`)]);
        await rename(path, higher);
        folders.push(higher);
      }
    }
    if (folder !== top) await rmdir(folder);
  }
  await rmdir(top).catch((error: unknown) => {
    if (errorCode(error) !== 'ENOENT') throw error;
  });
}

/** Makes a folder one that its owner may list, change and move. Returns whether the folder exists. */
async function openFolder(at: Buffer): Promise<boolean> {
  try {
    await chmod(at, 0o700);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}
