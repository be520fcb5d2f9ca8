import { chmod, lstat, readdir } from 'node:fs/promises';
import { errorCode } from '../../model/error-code.js';
import { RuleError, shown } from '../../model/rule.js';

/**
 * The longest path of an app's file, in bytes, from the app's folder: half of what the system takes, so that the folder's
 * own path fits too.
 */
export const PATH_BYTES_MAX = 2048;

const SLASH = Buffer.from('/');
const BLOCK = 512;

export interface DiskUsageOptions {
  readonly signal?: AbortSignal | undefined;
  /** Throws a {@link RuleError} for a path longer than {@link PATH_BYTES_MAX}, which is left out otherwise. */
  readonly strict?: boolean;
  /** Makes folders readable that their owner may not read, which are left out otherwise. */
  readonly open?: boolean;
}

/** Returns the bytes that a file or folder takes of the disk, links not followed. */
export async function diskBytes(at: string, options: DiskUsageOptions = {}): Promise<number> {
  return bytesOf(Buffer.from(at), 0, options);
}

/** Throws a {@link RuleError} for a path, from the app's folder, that is too long. */
export function refuseLongPath(path: Buffer): void {
  if (path.length <= PATH_BYTES_MAX) return;
  const start = shown(path.toString('utf8'), 60);
  throw new RuleError('path_too_long', `The app has a path longer than ${PATH_BYTES_MAX} bytes: ${start}`);
}

async function bytesOf(top: Buffer, below: number, options: DiskUsageOptions): Promise<number> {
  options.signal?.throwIfAborted();
  const stats = await lstat(top).catch(() => undefined);
  if (stats === undefined) return 0;
  let bytes = stats.blocks * BLOCK;
  if (!stats.isDirectory()) return bytes;
  for (const name of await namesIn(top, stats.mode, options)) {
    const length = below + name.length + 1;
    const path = Buffer.concat([top, SLASH, name]);
    if (length - 1 <= PATH_BYTES_MAX) bytes += await bytesOf(path, length, options);
    else if (options.strict === true) refuseLongPath(path.subarray(path.length - length + 1));
  }
  return bytes;
}

async function namesIn(folder: Buffer, mode: number, { open = false }: DiskUsageOptions): Promise<Buffer[]> {
  try {
    return await readdir(folder, { encoding: 'buffer' });
  } catch (error) {
    if (!open || errorCode(error) !== 'EACCES') return [];
    await chmod(folder, (mode & 0o777) | 0o700);
    return readdir(folder, { encoding: 'buffer' });
  }
}
