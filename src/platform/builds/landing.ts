import { copyFile, lstat, mkdir, open, rename, rm, rmdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { byteSize } from '../../model/byte-size.js';
import { errorCode } from '../../model/error-code.js';
import { staysInside } from '../../model/links.js';
import { RuleError, shown } from '../../model/rule.js';
import { PATH_BYTES_MAX } from './disk-usage.js';

/** What an unpacked source may have at most. */
export interface UnpackLimits {
  readonly bytes: number;
  /** Files, links and folders. */
  readonly entries: number;
}

/**
 * Where the entries of an archive land: in a folder, whatever the archive says. While it is being filled there are no
 * symbolic links in it, so that nothing can be written through one; they are made at the end, those that lead out of
 * the folder refused.
 *
 * What is wrong with an archive is thrown as a {@link RuleError}.
 */
export class Landing {
  private readonly links = new Map<string, string>();
  private readonly tops = new Set<string>();
  private bytes = 0;
  private entries = 0;
  /** The archive has an entry for its top, so that what is below is not to be unwrapped. */
  private hasTop = false;

  constructor(
    private readonly folder: string,
    private readonly limits: UnpackLimits,
  ) {}

  async takeFolder(path: string): Promise<void> {
    this.countEntry();
    const parts = this.partsOf(path);
    if (parts.length === 0) this.hasTop = true;
    else await this.made(parts);
  }

  /** Takes over a file of any mode but whether it is executable. */
  async takeFile(path: string, executable: boolean, content: AsyncIterable<Uint8Array>): Promise<void> {
    const at = await this.placeOf(path);
    await this.asked(path, async () => {
      const file = await open(at, 'wx', executable ? 0o755 : 0o644);
      try {
        await file.chmod(executable ? 0o755 : 0o644);
        for await (const chunk of content) {
          this.count(chunk.length);
          await file.writeFile(chunk);
        }
      } finally {
        await file.close();
      }
    });
  }

  /** Another name of a file that was taken before becomes a copy of it. */
  async takeCopy(path: string, of: string): Promise<void> {
    const from = join(this.folder, ...this.partsOf(of));
    const at = await this.placeOf(path);
    await this.asked(of, async () => {
      const stats = await lstat(from);
      if (!stats.isFile()) throw unusable(path, 'is another name of what is no file');
      this.count(stats.size);
      await copyFile(from, at);
    });
  }

  async takeLink(path: string, target: string): Promise<void> {
    // Makes sure that nothing else is there, and that there will be a folder for it.
    await this.placeOf(path);
    if (target === '' || target.includes('\0')) throw unusable(path, 'is a link to nothing');
    this.links.set(this.partsOf(path).join('/'), target);
  }

  /** Bytes of what was taken. */
  get taken(): number {
    return this.bytes;
  }

  /** Makes the links, and unwraps what is in one folder only, as archives of a repository's host are. */
  async settle(): Promise<void> {
    const [wrapping] = this.tops;
    if (wrapping === undefined) throw new RuleError('empty_source', 'The archive is empty.');
    const links = (await this.unwrap(wrapping)) ? below(wrapping, this.links) : this.links;
    for (const [path, target] of links) {
      if (!staysInside(path, links)) {
        throw unusable(path, `is a link that leads out of the source, to ${shown(target, 200)}`);
      }
    }
    for (const [path, target] of links) {
      await this.asked(path, () => symlink(target, join(this.folder, path)));
    }
  }

  private async unwrap(wrapping: string): Promise<boolean> {
    const at = join(this.folder, wrapping);
    if (this.hasTop || this.tops.size > 1) return false;
    if (!(await lstat(at).catch(() => undefined))?.isDirectory()) return false;
    const aside = `${this.folder}.wrapped`;
    await rename(at, aside);
    await rmdir(this.folder);
    await rename(aside, this.folder);
    return true;
  }

  /** Where a file or link goes, the last of several of one name. */
  private async placeOf(path: string): Promise<string> {
    this.countEntry();
    const parts = this.partsOf(path);
    if (parts.length === 0 || path.endsWith('/')) throw unusable(path, 'has no name');
    await this.made(parts.slice(0, -1));
    this.links.delete(parts.join('/'));
    const at = join(this.folder, ...parts);
    await this.asked(path, () => rm(at, { force: true }));
    return at;
  }

  private async made(folders: readonly string[]): Promise<void> {
    for (const [index] of folders.entries()) {
      const path = folders.slice(0, index + 1).join('/');
      if (this.links.has(path)) throw unusable(path, 'is a link and a folder at once');
    }
    const at = join(this.folder, ...folders);
    await this.asked(folders.join('/'), () => mkdir(at, { recursive: true, mode: 0o755 }));
  }

  /** The names on the way to an entry. */
  private partsOf(path: string): string[] {
    if (path.startsWith('/') || /^[a-z]:[\\/]/i.test(path)) throw unusable(path, 'has an absolute path');
    const parts = path.split('/').filter((name) => name !== '' && name !== '.');
    if (parts.includes('..')) throw unusable(path, 'has a path with ..');
    if (path.includes('\0')) throw unusable(path, 'has a NUL in its path');
    if (Buffer.byteLength(path) > PATH_BYTES_MAX)
      throw unusable(path, `has a path longer than ${PATH_BYTES_MAX} bytes`);
    const [top] = parts;
    if (top !== undefined) this.tops.add(top);
    return parts;
  }

  private countEntry(): void {
    if (++this.entries <= this.limits.entries) return;
    throw new RuleError('source_too_large', `The source has more than ${this.limits.entries} files.`);
  }

  private count(bytes: number): void {
    this.bytes += bytes;
    if (this.bytes <= this.limits.bytes) return;
    throw new RuleError(
      'source_too_large',
      `The source has more than ${byteSize(this.limits.bytes)}, unpacked.`,
    );
  }

  /** What the system refuses because of a path is the archive's fault. */
  private async asked(path: string, act: () => Promise<unknown>): Promise<void> {
    try {
      await act();
    } catch (error) {
      const why = REFUSALS[errorCode(error) ?? ''];
      throw why === undefined ? error : unusable(path, why);
    }
  }
}

const REFUSALS: Readonly<Record<string, string>> = {
  EEXIST: 'is a folder and something else at once',
  EISDIR: 'is a folder and something else at once',
  ERR_FS_EISDIR: 'is a folder and something else at once',
  ENOTDIR: 'is a folder and something else at once',
  ENAMETOOLONG: 'has too long a name',
  ENOENT: 'is another name of something that is not there',
  EILSEQ: 'has a name that this file system does not allow',
};

export function unusable(path: string, why: string): RuleError {
  return new RuleError('invalid_source', `${shown(path, 200)} in the archive ${why}.`);
}

function below(folder: string, links: ReadonlyMap<string, string>): Map<string, string> {
  return new Map([...links].map(([path, target]) => [path.slice(folder.length + 1), target]));
}
