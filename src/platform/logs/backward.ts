import { type FileHandle, open } from 'node:fs/promises';
import type { LogEntry } from '../../contract/logs.js';
import { errorCode } from '../../model/error-code.js';
import { ENTRY_MAX, entryIn } from './entry.js';
import { segmentFile, segmentsOf } from './segments.js';

/** The place of an entry in a log. */
export interface Position {
  readonly segment: number;
  /** In bytes. */
  readonly offset: number;
}

/** An entry, and where it is. */
export interface Found {
  readonly entry: LogEntry;
  readonly position: Position;
}

/** How much is read at once, in bytes. */
const BLOCK = 64 * 1024;

/** The entries of a log from the last to the first, with little of it in memory. */
export async function* backward(folder: string): AsyncGenerator<Found> {
  for (const segment of (await segmentsOf(folder)).toReversed()) {
    for await (const { text, offset } of linesOf(segmentFile(folder, segment))) {
      const entry = entryIn(text);
      if (entry !== undefined) yield { entry, position: { segment, offset } };
    }
  }
}

/** The lines of a file from the last to the first. What follows the last line feed is no line yet. */
async function* linesOf(file: string): AsyncGenerator<{ readonly text: string; readonly offset: number }> {
  const handle = await openIfThere(file);
  if (handle === undefined) return;
  try {
    let left = (await handle.stat()).size;
    /** What was read of the line that begins further left. */
    let right: Buffer = Buffer.alloc(0);
    let ended = false;
    while (left > 0) {
      const length = Math.min(BLOCK, left);
      left -= length;
      const block = Buffer.concat([await readAt(handle, left, length), right]);
      let end = block.length;
      for (
        let feed = block.lastIndexOf(10);
        feed >= 0;
        feed = end === 0 ? -1 : block.lastIndexOf(10, end - 1)
      ) {
        if (ended) yield { text: block.toString('utf8', feed + 1, end), offset: left + feed + 1 };
        ended = true;
        end = feed;
      }
      // No entry is so long: what is left of such a line is nothing that can be read, and takes no memory.
      right = end > ENTRY_MAX + BLOCK ? Buffer.from('?') : Buffer.from(block.subarray(0, end));
    }
    if (ended) yield { text: right.toString('utf8'), offset: 0 };
  } finally {
    await handle.close();
  }
}

/** Opens a file for reading; undefined if it is gone. */
export async function openIfThere(file: string): Promise<FileHandle | undefined> {
  try {
    return await open(file);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Up to so many bytes from a place on; fewer at the end of the file. */
export async function readAt(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset);
  return buffer.subarray(0, bytesRead);
}
