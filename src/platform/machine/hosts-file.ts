import {
  type BigIntStats,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { AppsApiError } from '../../contract/errors.js';
import { errorCode } from '../../model/error-code.js';
import { withBlock } from '../../model/hosts-block.js';
import { syncFolder } from '../files/private-files.js';

/** The hosts file of this machine, and the file whose lock those have that write it. */
export const HOSTS_FILE = '/etc/hosts';
const LOCK_FILE = process.platform === 'darwin' ? '/var/run/aka-hosts.lock' : '/run/aka-hosts.lock';

/** The most bytes that are taken for a hosts file. */
const BYTES_MAX = 16 * 1024 ** 2;
/** How long others that write it are waited for, in milliseconds. */
const PATIENCE = 10_000;
/** So often somebody else may change it at the very same moment. */
const TRIES = 10;

export interface HostsFile {
  readonly file: string;
  readonly lock: string;
}

/**
 * Puts lines into a hosts file, in a block of their owner's that replaces the one before; no lines, no block. All else
 * stays byte for byte, and the file is whole at any moment. Answers whether there was anything to change. Throws an
 * AppsApiError: 403 if this user may not, 409 if it is no file that could be replaced.
 */
export function writeHosts(
  owner: string,
  lines: readonly string[],
  { file, lock }: HostsFile = { file: HOSTS_FILE, lock: LOCK_FILE },
): boolean {
  try {
    return locked(lock, () => {
      for (let tried = 1; ; tried++) {
        const outcome = replaceBlock(file, owner, lines);
        if (outcome !== 'changed meanwhile') return outcome === 'replaced';
        if (tried >= TRIES)
          throw refused('busy_hosts_file', `Something else keeps changing ${file}.`, 'Try again later.');
      }
    });
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EBUSY' || code === 'EXDEV') throw mounted(file);
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') throw notAllowed(file);
    throw error;
  }
}

function replaceBlock(
  file: string,
  owner: string,
  lines: readonly string[],
): 'replaced' | 'as it was' | 'changed meanwhile' {
  const { text, stats } = read(file);
  const wanted = withBlock(text, owner, lines);
  if (wanted === text) return 'as it was';
  // Nobody else makes it: this process has the lock.
  const draft = `${file}.aka-draft`;
  rmSync(draft, { force: true });
  const fd = openSync(draft, 'wx', 0o600);
  try {
    writeFileSync(fd, wanted, 'latin1');
    fchownSync(fd, Number(stats.uid), Number(stats.gid));
    fchmodSync(fd, Number(stats.mode) & 0o7777);
    fsyncSync(fd);
    if (!isSame(stats, lstatSync(file, { bigint: true }))) return 'changed meanwhile';
    renameSync(draft, file);
  } finally {
    closeSync(fd);
    rmSync(draft, { force: true });
  }
  syncFolder(dirname(file));
  return 'replaced';
}

/** A byte is a character here, so that nothing changes of what is in no known encoding. */
function read(file: string): { text: string; stats: BigIntStats } {
  let fd: number;
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (errorCode(error) === 'ELOOP') throw strange(file, 'it is a symbolic link');
    if (errorCode(error) === 'ENOENT') throw strange(file, 'it is not there');
    throw error;
  }
  try {
    const stats = fstatSync(fd, { bigint: true });
    if (!stats.isFile()) throw strange(file, 'it is no regular file');
    if (stats.nlink !== 1n) throw strange(file, 'it has another name, too');
    if ((stats.mode & 0o022n) !== 0n) throw strange(file, 'users other than its owner may write to it');
    if (stats.size > BYTES_MAX) throw strange(file, 'it is too large');
    const text = readFileSync(fd, 'latin1');
    if (text.includes('\0')) throw strange(file, 'it is no text');
    return { text, stats };
  } finally {
    closeSync(fd);
  }
}

function isSame(a: BigIntStats, b: BigIntStats): boolean {
  return (
    a.ino === b.ino &&
    a.dev === b.dev &&
    a.size === b.size &&
    a.mtimeNs === b.mtimeNs &&
    a.ctimeNs === b.ctimeNs
  );
}

/** Lets one process at a time do something. The lock ends with its process, however that ends. */
function locked<T>(lock: string, work: () => T): T {
  closeSync(openSync(lock, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600));
  const db = new DatabaseSync(lock, { timeout: PATIENCE });
  try {
    db.exec('BEGIN EXCLUSIVE');
    return work();
  } finally {
    db.close();
  }
}

function strange(file: string, why: string): AppsApiError {
  return refused(
    'strange_hosts_file',
    `${file} is left alone: ${why}.`,
    'Add the lines by hand: aka platform:hosts',
  );
}

/** As in most containers. */
function mounted(file: string): AppsApiError {
  return refused(
    'mounted_hosts_file',
    `${file} is a mount of its own, so it can't be replaced as a whole.`,
    'Add the lines by hand: aka platform:hosts',
  );
}

function refused(id: string, message: string, hint: string): AppsApiError {
  return new AppsApiError({ id, status: 409, message, hint });
}

function notAllowed(file: string): AppsApiError {
  return new AppsApiError({
    id: 'not_permitted',
    status: 403,
    message: `This user may not change ${file}.`,
    hint: 'Add the lines by hand, as root: aka platform:hosts',
  });
}
