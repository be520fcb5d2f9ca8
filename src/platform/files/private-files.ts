import {
  chmodSync,
  closeSync,
  fchmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { AppsApiError } from '../../contract/errors.js';
import { errorCode } from '../../model/error-code.js';

/** The bit of folders that everybody shares, such as /tmp. */
const STICKY = 0o1000;

/**
 * Makes sure of a folder that only its owner can enter, whatever the umask. Refuses one that belongs to somebody
 * else: what root leaves there, its owner could no longer use - and what its owner puts there, root would trust.
 */
export function privateFolder(folder: string): void {
  if (isPrivateFolder(folder)) return;
  const me = process.geteuid?.();
  const parent = dirname(folder);
  const parentOwner = owner(parent);
  if (parentOwner === undefined) privateFolder(parent);
  else if (me === 0 && parentOwner !== 0) throw foreign(parent, parentOwner);
  try {
    mkdirSync(folder, { mode: 0o700 });
    chmodSync(folder, 0o700);
  } catch (error) {
    // Another aka was quicker; its folder is as good.
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}

/** Whether a folder is there. Throws an AppsApiError if anybody but this user could put something into it. */
export function isPrivateFolder(folder: string): boolean {
  const me = process.geteuid?.();
  const there = statSync(folder, { throwIfNoEntry: false });
  if (there === undefined) return false;
  if (!there.isDirectory() || (there.mode & STICKY) !== 0) throw notAFolderOfOurs(folder);
  if (me !== undefined && there.uid !== me) throw foreign(folder, there.uid);
  if ((there.mode & 0o022) !== 0) throw loose(folder);
  return true;
}

/**
 * Writes a file that only its owner can read, whatever the umask: whole in its place and on disk, or not at all. One
 * that is not durable may still be the one before, or empty, after a power cut.
 */
export function writePrivateFile(file: string, text: string, { durable = true } = {}): void {
  const draft = `${file}.${process.pid}`;
  rmSync(draft, { force: true });
  const fd = openSync(draft, 'wx', 0o600);
  try {
    fchmodSync(fd, 0o600);
    writeFileSync(fd, text);
    if (durable) fsyncSync(fd);
    renameSync(draft, file);
  } finally {
    closeSync(fd);
    rmSync(draft, { force: true });
  }
  if (durable) syncFolder(dirname(file));
}

/** Makes sure that the names in a folder are on disk: a file that was synced can still be lost with its name. */
export function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Whether users other than its owner may read a file. */
export function isLoose(file: string): boolean {
  return (statSync(file).mode & 0o077) !== 0;
}

/** Throws an AppsApiError (503) if users other than its owner may read a file. `what` it is begins the message. */
export function refuseLoose(file: string, what: string, facts: { id: string; hint: string }): void {
  if (!isLoose(file)) return;
  const message = `${what} ${file} can be read by other users of this machine.`;
  throw new AppsApiError({ ...facts, status: 503, message });
}

function notAFolderOfOurs(folder: string): AppsApiError {
  return new AppsApiError({
    id: 'not_our_folder',
    status: 503,
    message: `${folder} is no folder that could be aka's own.`,
    hint: 'Point AKA_DATA_DIR and AKA_CONFIG_DIR at folders of their own.',
  });
}

function loose(folder: string): AppsApiError {
  return new AppsApiError({
    id: 'loose_folder',
    status: 503,
    message: `${folder} can be written by other users of this machine, who could replace what is in it.`,
    hint: `If what is in it is still yours: chmod 700 ${folder}`,
  });
}

function foreign(folder: string, uid: number): AppsApiError {
  return new AppsApiError({
    id: 'foreign_folder',
    status: 403,
    message: `${folder} belongs to another user (uid ${uid}; this is uid ${process.geteuid?.()}).`,
    hint: 'Run aka as that user, which may mean without sudo, or use folders of your own: AKA_DATA_DIR and AKA_CONFIG_DIR.',
  });
}

function owner(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.uid;
}
