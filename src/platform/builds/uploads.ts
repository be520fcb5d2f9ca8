import { createHash } from 'node:crypto';
import { access, lstat, open, readdir, rename, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { AppsApiError } from '../../contract/errors.js';
import { byteSize } from '../../model/byte-size.js';
import { type Digest, isDigest } from '../../model/digest.js';
import { errorCode } from '../../model/error-code.js';
import { privateFolder, syncFolder } from '../files/private-files.js';
import { newDraft, sweep } from '../files/trash.js';

export interface UploadLimits {
  /** Of one upload. */
  readonly bytes: number;
  /** Of all of them. */
  readonly totalBytes: number;
}

export const UPLOAD_LIMITS: UploadLimits = { bytes: 1024 ** 3, totalBytes: 10 * 1024 ** 3 };

export interface Upload {
  readonly digest: Digest;
  readonly bytes: number;
}

/** Sources of builds as they were sent, each kept once, in a file named by its SHA-256. */
export class Uploads {
  private constructor(
    private readonly folder: string,
    private readonly limits: UploadLimits,
  ) {}

  /** Makes the folder if need be, and removes what uploads left in it that were cut off. */
  static async open(folder: string, limits = UPLOAD_LIMITS): Promise<Uploads> {
    privateFolder(folder);
    await sweep(folder);
    return new Uploads(folder, limits);
  }

  /**
   * Takes over a stream, on disk when this resolves. Throws an {@link AppsApiError}: 413 if it is too large, 422 if it
   * is not what `expected` says, 507 if there is no room; what the stream or `signal` fails with is thrown as it is. Of
   * what is not taken, nothing is left.
   */
  async add(
    source: AsyncIterable<Uint8Array>,
    { expected, signal }: { expected?: Digest | undefined; signal?: AbortSignal | undefined } = {},
  ): Promise<Upload> {
    const room = this.limits.totalBytes - (await this.usage());
    const draft = newDraft(this.folder);
    try {
      const { digest, bytes } = await this.write(draft, source, room, signal);
      if (expected !== undefined && digest !== expected) throw notAsExpected(expected);
      await rename(draft, this.fileOf(digest));
      syncFolder(this.folder);
      return { digest, bytes };
    } catch (error) {
      throw ['ENOSPC', 'EDQUOT'].includes(errorCode(error) ?? '') ? diskFull() : error;
    } finally {
      await rm(draft, { force: true });
    }
  }

  /** The file of an upload, which is then among the last to be pruned. Throws an {@link AppsApiError} (404). */
  async file(digest: Digest): Promise<string> {
    const file = this.fileOf(digest);
    try {
      await access(file);
    } catch {
      throw new AppsApiError({
        id: 'not_found',
        status: 404,
        message: `The source sha256:${digest} is not kept any more.`,
        hint: 'Build from the folder or archive again.',
      });
    }
    await utimes(file, new Date(), new Date());
    return file;
  }

  async has(digest: Digest): Promise<boolean> {
    return access(this.fileOf(digest)).then(
      () => true,
      () => false,
    );
  }

  /** Bytes of all, of those under way too. */
  async usage(): Promise<number> {
    let sum = 0;
    for (const { bytes } of await this.all()) sum += bytes;
    return sum;
  }

  /**
   * Removes uploads that are not in `keep`, those first that were not used for the longest time, until they take
   * `limitBytes` at most. Spares those that were used in the last `sparedMs`: what they are for may not be known yet.
   * Returns those it removed.
   */
  async prune(keep: ReadonlySet<Digest>, limitBytes: number, sparedMs = 0): Promise<Digest[]> {
    const young = Date.now() - sparedMs;
    const all = (await this.all()).toSorted((a, b) => a.usedAt - b.usedAt);
    let total = all.reduce((sum, { bytes }) => sum + bytes, 0);
    const removed: Digest[] = [];
    for (const { name, bytes, usedAt } of all) {
      if (total <= limitBytes || usedAt > young) break;
      if (!isDigest(name) || keep.has(name)) continue;
      await rm(this.fileOf(name), { force: true });
      total -= bytes;
      removed.push(name);
    }
    return removed;
  }

  private fileOf(digest: Digest): string {
    return join(this.folder, digest);
  }

  private async all(): Promise<{ name: string; bytes: number; usedAt: number }[]> {
    const found = [];
    for (const name of await readdir(this.folder)) {
      const stats = await lstat(join(this.folder, name)).catch(() => undefined);
      if (stats !== undefined) found.push({ name, bytes: stats.size, usedAt: stats.mtimeMs });
    }
    return found;
  }

  private async write(
    draft: string,
    source: AsyncIterable<Uint8Array>,
    room: number,
    signal: AbortSignal | undefined,
  ): Promise<Upload> {
    const hash = createHash('sha256');
    let bytes = 0;
    const file = await open(draft, 'wx', 0o600);
    try {
      signal?.throwIfAborted();
      for await (const chunk of source) {
        signal?.throwIfAborted();
        bytes += chunk.length;
        if (bytes > this.limits.bytes) throw tooLarge(this.limits.bytes);
        if (bytes > room) throw noRoom(this.limits.totalBytes);
        hash.update(chunk);
        await file.writeFile(chunk);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    return { digest: hash.digest('hex') as Digest, bytes };
  }
}

function tooLarge(limit: number): AppsApiError {
  return new AppsApiError({
    id: 'source_too_large',
    status: 413,
    message: `The source has more than ${byteSize(limit)}.`,
    hint: 'Leave out what the build does not need: list it in .slugignore.',
  });
}

function noRoom(limit: number): AppsApiError {
  return new AppsApiError({
    id: 'no_room',
    status: 507,
    message: `The sources of this platform would take more than ${byteSize(limit)}.`,
    hint: 'Wait for builds under way, or remove apps that are not needed.',
  });
}

function diskFull(): AppsApiError {
  return new AppsApiError({
    id: 'no_room',
    status: 507,
    message: 'There is no room on the disk of this platform for the source.',
    hint: 'Make room there, and try again.',
  });
}

function notAsExpected(expected: Digest): AppsApiError {
  return new AppsApiError({
    id: 'wrong_checksum',
    status: 422,
    message: `The source is not the one with the checksum sha256:${expected}.`,
    hint: 'Compare it with what its publisher says; it may have changed, or be cut short.',
  });
}
