import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs';
import { notABackup } from './check.js';

const MAGIC = Buffer.from('SQLite format 3\0');
const CHUNK = 1024 * 1024;

/** Copies a file into a new one that only its owner can read; it is on disk when this returns. */
export function copyPrivately(from: string, to: string): void {
  const source = openSync(from, 'r');
  try {
    copyOpen(source, to);
  } finally {
    closeSync(source);
  }
}

/**
 * Copies what may be a backup, so that what is checked is what is restored, whatever becomes of the file. Answers
 * whether users other than its owner can read it. Throws an AppsApiError (422) if it can't be a backup.
 */
export function copyCandidate(file: string, to: string): { loose: boolean } {
  // Without waiting for a writer, if it is a pipe.
  const source = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(source);
    const start = Buffer.alloc(MAGIC.length);
    if (
      !stats.isFile() ||
      readSync(source, start, 0, start.length, 0) < start.length ||
      !start.equals(MAGIC)
    ) {
      throw notABackup(file);
    }
    copyOpen(source, to);
    return { loose: (stats.mode & 0o077) !== 0 };
  } finally {
    closeSync(source);
  }
}

function copyOpen(source: number, to: string): void {
  const target = openSync(to, 'wx', 0o600);
  try {
    fchmodSync(target, 0o600);
    const chunk = Buffer.alloc(CHUNK);
    for (let at = 0; ; ) {
      const read = readSync(source, chunk, 0, chunk.length, at);
      if (read === 0) break;
      for (let written = 0; written < read; ) written += writeSync(target, chunk, written, read - written);
      at += read;
    }
    fsyncSync(target);
  } finally {
    closeSync(target);
  }
}
