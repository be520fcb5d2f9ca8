import { chmod, lstat, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../../model/error-code.js';
import { isAlive } from '../files/drafts.js';

/** No build and no upload takes as long: what is older was left behind, and its process id is another's by now. */
const OLDEST_MS = 24 * 60 * 60 * 1000;
const DRAFT = /^[\w-]+\.(\d+)\.draft$/;
let made = 0;

/** A name in `folder` for what this process makes there and renames, or removes, when it is done. */
export function newDraft(folder: string): string {
  return join(folder, `${Date.now().toString(36)}-${++made}.${process.pid}.draft`);
}

export function isDraft(name: string): boolean {
  return DRAFT.test(name);
}

/** Removes what processes left in a folder that are no more. */
export async function clearDeadDrafts(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = DRAFT.exec(name)?.[1];
    if (pid === undefined) continue;
    const at = join(folder, name);
    const stats = await lstat(at).catch(() => undefined);
    const old = stats !== undefined && Date.now() - stats.mtimeMs > OLDEST_MS;
    if (old || !isAlive(Number(pid))) await removeTree(at);
  }
}

/** Takes something out of its place at once, and then removes it: whoever looks finds the whole of it or nothing. */
export async function removeWhole(at: string, folder: string): Promise<void> {
  const draft = newDraft(folder);
  try {
    await rename(at, draft);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  await removeTree(draft);
}

/** Removes a file or folder with all that is in it, also of folders that their owner may not write to. */
export async function removeTree(at: string): Promise<void> {
  try {
    await rm(at, { recursive: true, force: true });
  } catch (error) {
    if (!['EACCES', 'EPERM', 'ENOTEMPTY'].includes(errorCode(error) ?? '')) throw error;
    await openFolders(at);
    await rm(at, { recursive: true, force: true });
  }
}

async function openFolders(at: string): Promise<void> {
  await chmod(at, 0o700);
  for (const entry of await readdir(at, { withFileTypes: true })) {
    if (entry.isDirectory()) await openFolders(join(at, entry.name));
  }
}

/** Bytes that a file or folder takes of the disk, links not followed. */
export async function diskBytes(at: string): Promise<number> {
  const stats = await lstat(at).catch(() => undefined);
  if (stats === undefined) return 0;
  let bytes = stats.blocks * 512;
  if (!stats.isDirectory()) return bytes;
  const names = await readdir(at).catch(() => []);
  for (const name of names) bytes += await diskBytes(join(at, name));
  return bytes;
}

/** Whether there is a folder, and no link to one: what a build left may lead anywhere. */
export async function isRealFolder(at: string): Promise<boolean> {
  return lstat(at).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}
