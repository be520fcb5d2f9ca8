import { chmodSync, closeSync, constants, fstatSync, mkdirSync, openSync, readSync, statSync } from 'node:fs';
import { errorCode } from '../model/error-code.js';
import { RuleError } from '../model/rule.js';

/**
 * What a file holds that has secrets in it, for its owner only; undefined if there is none. Throws a {@link RuleError}
 * that says how to mend it if anybody else may read or write it, if it is no file of this user's, or if it has more than
 * `most` bytes.
 */
export function readSecretFile(path: string, most: number): string | undefined {
  return opened(path, (fd) => {
    const stats = fstatSync(fd);
    if (!stats.isFile()) throw unfit(path, 'is no file');
    refuseShared(path, stats);
    if (stats.size > most) throw unfit(path, `has more than ${most} bytes`);
    return contentOf(fd, most);
  });
}

/** What a file holds, whoever else can read it; undefined if there is none that could be read, or a larger one. */
export function readSmallFile(path: string, most: number): string | undefined {
  try {
    return opened(path, (fd) => {
      const stats = fstatSync(fd);
      return stats.isFile() && stats.size <= most ? contentOf(fd, most) : undefined;
    });
  } catch {
    return undefined;
  }
}

/** Throws a {@link RuleError} that says how to mend it if a file with a token is not of this user's alone. */
export function refuseSharedFile(path: string): void {
  refuseShared(path, statSync(path));
}

function refuseShared(path: string, { uid, mode }: { readonly uid: number; readonly mode: number }): void {
  if (!isOurs(uid)) throw unfit(path, `belongs to another user (uid ${uid})`);
  if ((mode & 0o077) === 0) return;
  throw new RuleError(
    'loose_file',
    `${path} can be read by other users of this machine, and holds a token.`,
    `If nobody else has read it: chmod 600 ${path}`,
  );
}

function opened<Result>(path: string, use: (fd: number) => Result): Result | undefined {
  let fd: number;
  try {
    // What is no file, such as a pipe that nobody writes to, must not keep anybody waiting.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return undefined;
    throw unfit(path, `can't be read (${errorCode(error)})`);
  }
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}

function contentOf(fd: number, most: number): string {
  const buffer = Buffer.alloc(most);
  let length = 0;
  for (let read = -1; read !== 0 && length < most; length += read) {
    read = readSync(fd, buffer, length, most - length, null);
  }
  return buffer.toString('utf8', 0, length);
}

/** Makes sure of a folder that only this user can use, whatever the umask. Throws a {@link RuleError} for another's. */
export function privateFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
  }
  refuseForeign(folder);
}

/** Whoever can write the settings decides where tokens are sent. Throws if that is anybody but this user or root. */
export function refuseForeign(path: string): void {
  const { uid, mode } = statSync(path);
  if (!isOurs(uid)) {
    throw new RuleError(
      'foreign_settings',
      `${path} belongs to another user of this machine (uid ${uid}), who could send aka elsewhere.`,
      `Run aka as that user. If what is in it is yours: sudo chown ${process.geteuid?.()} ${path}`,
    );
  }
  if ((mode & 0o022) === 0) return;
  throw new RuleError(
    'foreign_settings',
    `${path} can be written by other users of this machine, who could send aka elsewhere.`,
    `If what is in it is yours: chmod go-w ${path}`,
  );
}

function isOurs(uid: number): boolean {
  const me = process.geteuid?.();
  return me === undefined || uid === me || uid === 0;
}

function unfit(path: string, why: string): RuleError {
  return new RuleError(
    'unfit_file',
    `${path} ${why}, so no token is taken from it.`,
    'Mend it or take it away.',
  );
}
