import { lstat, mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../../model/error-code.js';
import { RuleError } from '../../model/rule.js';
import { privateFolder } from '../files/private-files.js';
import { discard, isTemporary } from '../files/trash.js';
import { diskBytes } from './disk-usage.js';
import { isRealFolder } from './tree.js';

/** The most bytes of what one app's builds keep for the next. */
const BYTES_MAX = 1024 ** 3;

/**
 * What package managers downloaded, kept for the next build of the same app, and of no other: what a build left there
 * can harm its own app only. One build has it at a time; another one meanwhile starts without.
 */
export class Caches {
  private constructor(private readonly folder: string) {}

  static async open(folder: string): Promise<Caches> {
    privateFolder(folder);
    return new Caches(folder);
  }

  /** Moves an app's cache to `to`, or makes an empty one there. */
  async take(app: string, to: string): Promise<void> {
    try {
      await rename(join(this.folder, app), to);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
      await mkdir(to, { mode: 0o755 });
    }
  }

  /**
   * Moves a cache back for the next build, unless it is too large or has a path that is too long. An earlier one in its
   * place is removed.
   */
  async give(app: string, from: string, signal?: AbortSignal): Promise<void> {
    if (!(await isRealFolder(from)) || !(await isKeepable(from, signal))) return;
    await this.forget(app, signal);
    await rename(from, join(this.folder, app)).catch((error: unknown) => {
      // Another build was quicker; its cache is as good.
      if (!['EEXIST', 'ENOTEMPTY'].includes(errorCode(error) ?? '')) throw error;
    });
  }

  async forget(app: string, signal?: AbortSignal): Promise<void> {
    await discard(join(this.folder, app), this.folder, signal);
  }

  usage(): Promise<number> {
    return diskBytes(this.folder);
  }

  /** Removes caches, those first that were not used for the longest time, until all take `limitBytes` at most. */
  async prune(limitBytes: number, signal?: AbortSignal): Promise<void> {
    const found = [];
    for (const name of await readdir(this.folder)) {
      const at = join(this.folder, name);
      const stats = await lstat(at).catch(() => undefined);
      if (stats !== undefined && !isTemporary(name))
        found.push({ name, bytes: await diskBytes(at, { signal }), usedAt: stats.ctimeMs });
    }
    let total = found.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { name, bytes } of found.toSorted((a, b) => a.usedAt - b.usedAt)) {
      if (total <= limitBytes) return;
      await this.forget(name, signal);
      total -= bytes;
    }
  }
}

async function isKeepable(cache: string, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    return (await diskBytes(cache, { signal, strict: true, open: true })) <= BYTES_MAX;
  } catch (error) {
    if (error instanceof RuleError) return false;
    throw error;
  }
}
