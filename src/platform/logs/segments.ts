import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../../model/error-code.js';

/*
 * The log of an app is a folder of numbered files, of which only the last is written. A full one is followed by the
 * next number, and the first ones are removed: no file is ever renamed, so readers find their way by numbers alone.
 */

/** The folder of all logs of the platform with this data folder. */
export function logsFolder(dataDir: string): string {
  return join(dataDir, 'logs');
}

/** The folder of an app's log. Throws a TypeError for an id that could be a path. */
export function folderOf(dir: string, app: string): string {
  if (!/^[a-z0-9][a-z0-9-]{0,63}$/i.test(app)) throw new TypeError('Logs are kept by the ids of apps.');
  return join(dir, app);
}

/** The file of that number. */
export function segmentFile(folder: string, number: number): string {
  return join(folder, `${String(number).padStart(8, '0')}.log`);
}

/** The numbers of the files in a folder, the oldest first; none if there is no such folder. */
export async function segmentsOf(folder: string): Promise<number[]> {
  return (await namesIn(folder))
    .flatMap((name) => /^(\d{8,})\.log$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

/** What the files of a log take, in bytes, the oldest first. One that is removed meanwhile takes nothing. */
export async function sizesOf(folder: string): Promise<{ number: number; bytes: number }[]> {
  const numbers = await segmentsOf(folder);
  return Promise.all(
    numbers.map(async (number) => ({ number, bytes: await sizeOf(segmentFile(folder, number)) })),
  );
}

/** What all logs take, in bytes; 0 if there are none. */
export async function logsUsage(dir: string): Promise<number> {
  const folders = await Promise.all((await namesIn(dir)).map((name) => sizesOf(join(dir, name))));
  return folders.flat().reduce((sum, { bytes }) => sum + bytes, 0);
}

/** The names in a folder; none if it isn't there, or is no folder. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 0;
    throw error;
  }
}
