import type { Stats } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { byteSize } from '../../model/byte-size.js';
import { errorCode } from '../../model/error-code.js';
import { staysInside } from '../../model/links.js';
import { RuleError, shown } from '../../model/rule.js';
import { trackedFiles } from './git.js';
import { Ignored } from './ignored.js';
import { isNeverSent } from './never-sent.js';

/** One thing of a source, at its path below the folder. */
export type Entry =
  | { readonly kind: 'file'; readonly path: string; readonly bytes: number; readonly executable: boolean }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  /** An empty one: others are there with what is in them. */
  | { readonly kind: 'folder'; readonly path: string };

/** What of a folder is its source, sorted by path. */
export interface Contents {
  readonly entries: readonly Entry[];
  /** Of all files. */
  readonly bytes: number;
  /** For people, each a sentence. */
  readonly warnings: readonly string[];
}

/** What a source may have at most. */
export interface SourceLimits {
  readonly bytes: number;
  readonly files: number;
}

/** How many times the files it may have are counted before it is too much. */
const MANY = 3;
/** How many entries an error names that says that there is too much. */
const BIGGEST = 5;

/**
 * Finds what of a folder is its source: what git tracks, as it is on disk; without git, everything that no .gitignore
 * excludes. What a .slugignore excludes is left out of either. Throws a {@link RuleError}.
 */
export async function contentsOf(folder: string, limits: SourceLimits): Promise<Contents> {
  const slugignore = new Ignored(folder, '.slugignore');
  const tracked = await trackedFiles(folder);
  const warnings: string[] = [];
  const found = new Collected(folder, limits);
  if (tracked === undefined) {
    const gitignore = new Ignored(folder, '.gitignore');
    await walk(found, '', (path, isFolder) =>
      [gitignore, slugignore].some((each) => (isFolder ? each.excludesFolder(path) : each.excludes(path))),
    );
  } else {
    let left = 0;
    for (const path of tracked.paths) {
      if (isNeverSent(path)) left++;
      else if (!slugignore.excludes(path)) await found.add(path);
    }
    const { untracked } = tracked;
    if (untracked > 0) {
      warnings.push(
        `Left out, as git does not track them: ${files(untracked)}. To have one in the build: git add FILE`,
      );
    }
    if (left > 0) warnings.push(`Left out, as the build installs packages: ${files(left)} in node_modules.`);
  }
  return { ...found.checked(), warnings };
}

function files(count: number): string {
  return count === 1 ? '1 file' : `${count} files`;
}

async function walk(
  found: Collected,
  at: string,
  excluded: (path: string, isFolder: boolean) => boolean,
): Promise<number> {
  let count = 0;
  const names = await readdir(join(found.folder, at)).catch((error: unknown) => {
    throw unreadable(at === '' ? found.folder : at, error);
  });
  for (const name of names) {
    const path = at === '' ? name : `${at}/${name}`;
    if (isNeverSent(name)) continue;
    const stats = await found.look(path);
    if (stats === undefined || excluded(path, stats.isDirectory())) continue;
    count++;
    if (!stats.isDirectory()) await found.take(path, stats);
    else if ((await walk(found, path, excluded)) === 0) found.takeEmptyFolder(path);
  }
  return count;
}

class Collected {
  private readonly entries: Entry[] = [];
  private bytes = 0;

  constructor(
    readonly folder: string,
    private readonly limits: SourceLimits,
  ) {}

  /** Undefined if it is gone. */
  async look(path: string): Promise<Stats | undefined> {
    try {
      return await lstat(join(this.folder, path));
    } catch (error) {
      if (!path.includes('\ufffd')) {
        if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return undefined;
        throw unreadable(path, error);
      }
      throw new RuleError(
        'unusable_name',
        `The name of ${shown(path, 200)} is not UTF-8, so that it can't be sent.`,
        'Rename it, or exclude it in .slugignore.',
      );
    }
  }

  async add(path: string): Promise<void> {
    const stats = await this.look(path);
    if (stats !== undefined) await this.take(path, stats);
  }

  async take(path: string, stats: Stats): Promise<void> {
    if (stats.isFile()) {
      this.bytes += stats.size;
      this.push({
        kind: 'file',
        path,
        bytes: stats.size,
        executable: (stats.mode & 0o111) !== 0,
      });
    } else if (stats.isSymbolicLink()) {
      this.push({ kind: 'link', path, target: await readlink(join(this.folder, path)) });
    } else if (!stats.isDirectory()) {
      throw new RuleError(
        'unusable_file',
        `${shown(path, 200)} is ${kindOf(stats)}, which can't be part of a source.`,
        'Remove it, or exclude it in .slugignore.',
      );
    }
  }

  takeEmptyFolder(path: string): void {
    this.push({ kind: 'folder', path });
  }

  checked(): { entries: Entry[]; bytes: number } {
    const { entries, bytes } = this;
    if (!entries.some(({ kind }) => kind === 'file')) {
      throw new RuleError(
        'empty_source',
        `There is nothing to build in ${shown(this.folder, 200)}.`,
        'Name the folder of the app, or see what .gitignore and .slugignore leave of it.',
      );
    }
    this.checkSize();
    this.checkLinks();
    return { entries: entries.toSorted((a, b) => compare(a.path, b.path)), bytes };
  }

  private push(entry: Entry): void {
    this.entries.push(entry);
    // Somebody's whole disk is not looked through to its end.
    if (this.entries.length > MANY * this.limits.files) this.checkSize();
  }

  private checkSize(): void {
    const { bytes, entries, limits } = this;
    if (bytes <= limits.bytes && entries.length <= limits.files) return;
    const tooMany = bytes <= limits.bytes;
    const message = tooMany
      ? `The source has ${entries.length} files; it may have ${limits.files}.`
      : `The source has ${byteSize(bytes)}; it may have ${byteSize(limits.bytes)}.`;
    const most = this.biggest(tooMany);
    throw new RuleError(
      'source_too_large',
      `${message} Most of it: ${most}.`,
      'Leave out what the build does not need: list it in .slugignore.',
    );
  }

  /** The entries at the top of the folder that have most of what there is too much of. */
  private biggest(byCount: boolean): string {
    const sizes = new Map<string, number>();
    for (const entry of this.entries) {
      const [top = '', ...below] = entry.path.split('/');
      const name = below.length > 0 ? `${top}/` : top;
      const size = byCount ? 1 : entry.kind === 'file' ? entry.bytes : 0;
      sizes.set(name, (sizes.get(name) ?? 0) + size);
    }
    return [...sizes]
      .toSorted(([, a], [, b]) => b - a)
      .slice(0, BIGGEST)
      .map(([name, size]) => `${shown(name)} (${byCount ? size : byteSize(size)})`)
      .join(', ');
  }

  private checkLinks(): void {
    const links = new Map(
      this.entries.flatMap((entry) => (entry.kind === 'link' ? [[entry.path, entry.target] as const] : [])),
    );
    for (const [path, target] of links) {
      if (staysInside(path, links)) continue;
      throw new RuleError(
        'link_outside',
        `The link ${shown(path, 200)} leads out of the folder, to ${shown(target, 200)}.`,
        'Replace it with what it leads to, or exclude it in .slugignore.',
      );
    }
  }
}

/** An error of the system about a file, as one for people. */
export function unreadable(path: string, error: unknown): RuleError {
  const why = errorCode(error) === 'EACCES' ? 'this user may not' : (errorCode(error) ?? String(error));
  return new RuleError(
    'unreadable_source',
    `${shown(path, 200)} can't be read: ${shown(why)}.`,
    'Make it readable, or exclude it in .slugignore.',
  );
}

function kindOf(stats: Stats): string {
  if (stats.isSocket()) return 'a socket';
  if (stats.isFIFO()) return 'a named pipe';
  return 'a device';
}

/** By code unit, everywhere the same. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
