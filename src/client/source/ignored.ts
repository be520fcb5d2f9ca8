import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { errorCode } from '../../model/error-code.js';

/** What files of one name, such as `.gitignore`, exclude in the folders of a tree that they are in. */
export class Ignored {
  private readonly rules = new Map<string, Ignore | undefined>();
  private readonly folders = new Map<string, boolean>([['.', false]]);

  constructor(
    private readonly root: string,
    private readonly name: '.gitignore' | '.slugignore',
  ) {}

  /** Whether a path of the tree is excluded, by itself or with a folder that it is in. */
  excludes(path: string): boolean {
    const folder = posix.dirname(path);
    return this.excludesFolder(folder) || this.matches(path, folder);
  }

  excludesFolder(path: string): boolean {
    let excluded = this.folders.get(path);
    if (excluded === undefined) {
      const parent = posix.dirname(path);
      excluded = this.excludesFolder(parent) || this.matches(`${path}/`, parent);
      this.folders.set(path, excluded);
    }
    return excluded;
  }

  /** The nearest file that says something of a path decides. */
  private matches(path: string, from: string): boolean {
    for (let folder = from; ; folder = posix.dirname(folder)) {
      const below = folder === '.' ? path : path.slice(folder.length + 1);
      const verdict = this.rulesOf(folder)?.test(below);
      if (verdict?.ignored) return true;
      if (verdict?.unignored || folder === '.') return false;
    }
  }

  private rulesOf(folder: string): Ignore | undefined {
    if (!this.rules.has(folder)) this.rules.set(folder, this.read(folder));
    return this.rules.get(folder);
  }

  private read(folder: string): Ignore | undefined {
    try {
      const text = readFileSync(posix.join(this.root, folder, this.name), 'utf8');
      return ignore({ ignorecase: false }).add(text);
    } catch (error) {
      if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(errorCode(error) ?? '')) return undefined;
      throw error;
    }
  }
}
