import { type FileHandle, open } from 'node:fs/promises';
import { checkGrowth } from '../../model/compression.js';
import { RuleError, shown } from '../../model/rule.js';
import { unreadable } from './entries.js';

const BACKSLASH = 0x5c;

/**
 * Checks a file before it is sent: that it is an archive by how it begins, as names of files are no proof, and that builds
 * take it. Throws a {@link RuleError}.
 */
export async function checkArchive(file: string, bytes: number): Promise<void> {
  const handle = await open(file).catch((error: unknown) => {
    throw unreadable(file, error);
  });
  try {
    const start = Buffer.alloc(4);
    await handle.read(start, 0, 4, 0);
    if (start.readUInt16BE() === 0x1f8b) {
      checkGrowth(
        bytes,
        await unpackedBytes(handle, bytes),
        shown(file, 200),
        'Leave out what the build does not need.',
      );
      return;
    }
    if (start.equals(Buffer.from('PK\u0003\u0004'))) return await checkPaths(file);
  } finally {
    await handle.close();
  }
  throw new RuleError(
    'unusable_source',
    `${shown(file, 200)} is neither a .tar.gz nor a .zip file.`,
    'Name such an archive, or the folder of the app.',
  );
}

/** What a gzip says at its end: the bytes that it has unpacked, modulo 4 GiB. */
async function unpackedBytes(handle: FileHandle, bytes: number): Promise<number> {
  const end = Buffer.alloc(4);
  const { bytesRead } = await handle.read(end, 0, 4, Math.max(0, bytes - 4));
  return bytesRead === 4 ? end.readUInt32LE() : 0;
}

/** Throws a {@link RuleError} for paths with backslashes, as some programs of Windows write them into zip files. */
async function checkPaths(file: string): Promise<void> {
  const { openPromise } = await import('yauzl');
  const zip = await openPromise(file, { lazyEntries: true, autoClose: false, decodeStrings: false }).catch(
    () => undefined,
  );
  // What is damaged is named by the platform, which reads all of it.
  if (zip === undefined) return;
  try {
    for await (const { fileName } of zip.eachEntry()) {
      const name: unknown = fileName;
      if (!Buffer.isBuffer(name) || !name.includes(BACKSLASH)) continue;
      throw new RuleError(
        'unusable_path',
        `${shown(file, 200)} was packed by a program that writes \\ into paths, where a zip has /: ${shown(String(name), 200)}.`,
        'Name the folder instead, or pack it with: tar -czf app.tar.gz -C FOLDER .',
      );
    }
  } catch (error) {
    if (error instanceof RuleError) throw error;
  } finally {
    zip.close();
  }
}
