import { closeSync, ftruncateSync, openSync, readSync } from 'node:fs';
import { errorCode } from '../../model/error-code.js';
import { containNoting } from '../contain.js';
import type { Part, StartPart } from '../part.js';
import { lastWordsFile } from './launch.js';

/** How often is looked, in milliseconds, and how much is kept of what is found, in bytes. */
const LOOK = 60_000;
const KEPT = 16 * 1024;

/**
 * Moves what a daemon wrote to standard error into its log, where it can be read and has a limit: an earlier one before
 * Node itself died, or this one.
 */
export const keepLastWords: StartPart = ({ folders, note }): Part => {
  const move = (): void =>
    containNoting('The standard error of the daemon could not be moved to its log', note, () => {
      for (const line of taken(lastWordsFile(folders.dataDir)).split('\n')) {
        if (line !== '') note(`On standard error: ${line}`);
      }
    });
  move();
  const timer = setInterval(move, LOOK);
  return {
    name: 'standard error',
    async stop() {
      clearInterval(timer);
      move();
    },
  };
};

/** What is in a file, which is empty afterwards. All that write to it append. */
function taken(file: string): string {
  let fd: number;
  try {
    fd = openSync(file, 'r+');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return '';
    throw error;
  }
  try {
    const bytes = Buffer.alloc(KEPT);
    const text = bytes.toString('utf8', 0, readSync(fd, bytes, 0, KEPT, 0));
    ftruncateSync(fd);
    return text;
  } finally {
    closeSync(fd);
  }
}
