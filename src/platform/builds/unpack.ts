import { createReadStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { checkGrowth } from '../../model/compression.js';
import { errorCode } from '../../model/error-code.js';
import { RuleError } from '../../model/rule.js';
import { Landing, type UnpackLimits } from './landing.js';
import { readTar } from './tar-reader.js';
import { unpackZip } from './unpack-zip.js';

export const UNPACK_LIMITS: UnpackLimits = { bytes: 2 * 1024 ** 3, entries: 250_000 };

/**
 * Unpacks a tar.gz or zip into a folder that it makes. Owners, times and modes of the archive don't matter, but for
 * whether a file may be executed; what is in one folder only, as in archives of a repository's host, is unwrapped. Every
 * path and every link stays inside of the folder.
 *
 * Throws a {@link RuleError} for an archive that is damaged, too large or hostile; the folder is the caller's to remove.
 */
export async function unpack(
  file: string,
  folder: string,
  { limits = UNPACK_LIMITS, signal }: { limits?: UnpackLimits; signal?: AbortSignal | undefined } = {},
): Promise<void> {
  await mkdir(folder, { mode: 0o755 });
  const landing = new Landing(folder, limits);
  const start = await startOf(file);
  if (start.readUInt16BE() === 0x1f8b) await unpackTar(file, landing, signal);
  else if (start.readUInt16BE() === 0x504b) await unpackZip(file, landing, signal);
  else throw new RuleError('invalid_source', 'The source is neither a tar.gz nor a zip file.');
  await landing.settle();
}

async function startOf(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    return (await handle.read(Buffer.alloc(2))).buffer;
  } finally {
    await handle.close();
  }
}

async function unpackTar(file: string, landing: Landing, signal: AbortSignal | undefined): Promise<void> {
  const packed = createReadStream(file);
  const unpacked = createGunzip();
  packed.on('error', (error) => unpacked.destroy(error)).pipe(unpacked);
  const meter = bounded(unpacked, () => packed.bytesRead, signal);
  try {
    for await (const entry of readTar(meter)) {
      if (entry.kind === 'folder') await landing.takeFolder(entry.path);
      else if (entry.kind === 'file') await landing.takeFile(entry.path, entry.executable, entry.content);
      else if (entry.kind === 'copy') await landing.takeCopy(entry.path, entry.target);
      else await landing.takeLink(entry.path, entry.target);
    }
  } catch (error) {
    if (!errorCode(error)?.startsWith('Z_')) throw error;
    throw new RuleError('invalid_source', 'The archive is damaged, or not whole.', 'Make it again.');
  } finally {
    unpacked.destroy();
    packed.destroy();
    await finished(packed).catch(() => undefined);
  }
}

async function* bounded(
  stream: AsyncIterable<Buffer>,
  packedBytes: () => number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of stream) {
    signal?.throwIfAborted();
    bytes += chunk.length;
    checkGrowth(packedBytes(), bytes);
    yield chunk;
  }
}
