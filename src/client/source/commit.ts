import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstat, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Ignored } from './ignored.js';
import { isNeverSent } from './never-sent.js';
import { git, gitEnvironment, SUBMODULE } from './run-git.js';

const LINK = '120000';
const EXECUTABLE = '100755';

/** An entry of the tree of a commit. */
interface Blob {
  readonly mode: string;
  readonly id: string;
  readonly path: string;
}

/**
 * Compares what a folder would send with its commit, by content: `git status` doesn't look at files that are marked
 * `skip-worktree` or `assume-unchanged`, nor at those that a sparse checkout leaves out. Returns the first path that
 * differs, is missing or isn't in the commit; undefined if there is none. Filters of git, such as for line ends and
 * LFS, are applied as for a commit.
 */
export async function differingPath(folder: string): Promise<string | undefined> {
  return differingIn(folder, '', new Ignored(folder, '.slugignore'));
}

async function differingIn(folder: string, prefix: string, slugignore: Ignored): Promise<string | undefined> {
  const isSent = (path: string): boolean => !isNeverSent(path) && !slugignore.excludes(`${prefix}${path}`);
  const tree = (await git(folder, 'ls-tree', '-r', '-z', 'HEAD')).split('\0').flatMap(parseBlob);
  const known = new Set(tree.map(({ path }) => path));
  const tracked = (await git(folder, 'ls-files', '-z')).split('\0').filter((path) => path !== '');
  // A .slugignore leaves out files: it has to be part of the commit, too.
  const rules = await git(folder, 'ls-files', '-z', '--others', '--', '.slugignore', '**/.slugignore');
  const extra = [...tracked.filter(isSent), ...rules.split('\0')].find(
    (path) => path !== '' && !known.has(path),
  );
  if (extra !== undefined) return `${prefix}${extra}`;
  const sent = tree.filter(({ path }) => isSent(path));
  const files: Blob[] = [];
  for (const entry of sent) {
    const { mode, path } = entry;
    if (mode === SUBMODULE) {
      const inside = await differingInSubmodule(folder, prefix, entry, slugignore);
      if (inside !== undefined) return inside;
    } else if (!(await isOfItsKind(folder, entry))) return `${prefix}${path}`;
    else if (mode !== LINK) files.push(entry);
  }
  const ids = await idsOf(folder, files);
  const differs = files.find(({ id }, index) => ids[index] !== id);
  return differs && `${prefix}${differs.path}`;
}

async function differingInSubmodule(
  folder: string,
  prefix: string,
  { id, path }: Blob,
  slugignore: Ignored,
): Promise<string | undefined> {
  const inside = join(folder, path);
  const head = await git(inside, 'rev-parse', '--verify', 'HEAD').catch(() => '');
  return head.trim() === id ? differingIn(inside, `${prefix}${path}/`, slugignore) : `${prefix}${path}`;
}

/** Whether a path on disk is a file or link as in the commit; of a link, whether it leads to the same place. */
async function isOfItsKind(folder: string, { mode, id, path }: Blob): Promise<boolean> {
  const at = join(folder, path);
  const stats = await lstat(at).catch(() => undefined);
  if (mode === LINK) {
    if (stats?.isSymbolicLink() !== true) return false;
    const target = await readlink(at, { encoding: 'buffer' });
    return blobId(target, id.length) === id;
  }
  // Where a system has no such modes, git takes none from it.
  const isExecutable =
    process.platform === 'win32' ? mode === EXECUTABLE : ((stats?.mode ?? 0) & 0o111) !== 0;
  return stats?.isFile() === true && isExecutable === (mode === EXECUTABLE);
}

/** The ids that git would give the files as they are on disk, in their order. */
async function idsOf(folder: string, files: readonly Blob[]): Promise<string[]> {
  // git takes the names it reads from the top of the repository, wherever it runs.
  const top = (await git(folder, 'rev-parse', '--show-toplevel')).replace(/\n$/, '');
  const below = (await git(folder, 'rev-parse', '--show-prefix')).replace(/\n$/, '');
  // A line feed would end a name early, and a quote begin another form of it.
  if (files.some(({ path }) => /[\n"]/.test(`${below}${path}`))) {
    const ids = files.map(({ path }) => git(top, 'hash-object', '--', `${below}${path}`));
    return (await Promise.all(ids)).map((id) => id.trim());
  }
  const child = spawn('git', ['-C', top, 'hash-object', '--stdin-paths'], {
    env: gitEnvironment(),
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(files.map(({ path }) => `${below}${path}\n`).join(''));
  return (await text(child.stdout)).split('\n');
}

/** As git makes it: the hash of a repository is known by its length. */
function blobId(content: Buffer, length: number): string {
  const hash = createHash(length === 64 ? 'sha256' : 'sha1');
  return hash.update(`blob ${content.length}\0`).update(content).digest('hex');
}

function parseBlob(line: string): Blob[] {
  const [, mode = '', id = '', path = ''] = /^(\d+) \w+ ([0-9a-f]+)\t([^]*)$/.exec(line) ?? [];
  return path === '' ? [] : [{ mode, id, path }];
}
