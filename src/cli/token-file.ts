import { closeSync, fchmodSync, fsyncSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { errorCode } from '../model/error-code.js';
import { EXIT } from './exit-codes.js';
import { CommandError } from './failure.js';

/** A new file for a secret, which only its owner can read. */
export interface TokenFile {
  /** Puts it in, and on disk. */
  write(secret: string): void;
  /** Takes the file away again: there is no secret for it. */
  discard(): void;
}

/**
 * Makes the file before there is anything to put into it, so that no secret is lost for want of a place. Throws if it is
 * there already: nobody's file is overwritten, and no link followed.
 */
export function newTokenFile(path: string): TokenFile {
  let fd: number;
  try {
    fd = openSync(path, 'wx', 0o600);
  } catch (error) {
    throw errorCode(error) === 'EEXIST' ? taken(path) : error;
  }
  fchmodSync(fd, 0o600);
  return {
    write(secret) {
      writeFileSync(fd, `${secret}\n`);
      fsyncSync(fd);
      closeSync(fd);
    },
    discard() {
      closeSync(fd);
      rmSync(path, { force: true });
    },
  };
}

function taken(path: string): CommandError {
  return new CommandError({
    id: 'exists',
    message: `${path} is there already.`,
    hint: 'Give another file, or take that one away first.',
    exit: EXIT.refused,
  });
}
