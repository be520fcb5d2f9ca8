import { join } from 'node:path';
import { errorCode } from '../../model/error-code.js';
import { RuleError, shown } from '../../model/rule.js';
import { differingPath } from './commit.js';
import { git, SUBMODULE } from './run-git.js';

/** What git says of a folder; empty texts where it says nothing. */
export interface GitFacts {
  /** Of the commit that is checked out. */
  readonly sha: string;
  /** Empty if none is checked out. */
  readonly branch: string;
  /** Address of `origin`, without user, password, query or fragment. */
  readonly repo: string;
  /** A path that differs from the commit; empty if none does. */
  readonly differs: string;
}

/** The files git tracks in a folder, and what is worth a warning. */
export interface Tracked {
  /** Relative to the folder; some may be gone from the disk. */
  readonly paths: readonly string[];
  readonly untracked: number;
}

const NO_FACTS: GitFacts = { sha: '', branch: '', repo: '', differs: '' };

/** What is checked out in a folder. Nothing is known where there is no git repository, or no git. */
export async function gitFacts(folder: string): Promise<GitFacts> {
  if (!(await isInRepository(folder))) return NO_FACTS;
  const ask = (...args: string[]): Promise<string> =>
    git(folder, ...args).then(
      (text) => text.trim(),
      // Each of them may be missing: a repository without a commit, without a remote.
      () => '',
    );
  const [sha, branch, remote, changes] = await Promise.all([
    ask('rev-parse', '--verify', 'HEAD'),
    ask('symbolic-ref', '--short', 'HEAD'),
    ask('remote', 'get-url', 'origin'),
    ask('status', '--porcelain', '--untracked-files=no', '-z', '--', '.'),
  ]);
  const repo = publicAddress(remote);
  if (sha === '') return { sha, branch, repo, differs: '' };
  const [change = ''] = changes.split('\0');
  const differs = change === '' ? ((await differingPath(folder)) ?? '') : change.replace(/^..? /, '');
  return { sha, branch, repo, differs };
}

/**
 * What git tracks in a folder, with the submodules in it. Undefined if it tracks nothing there, or is not there to ask.
 * Throws a {@link RuleError} if git refuses to answer, or a submodule is not checked out.
 */
export async function trackedFiles(folder: string): Promise<Tracked | undefined> {
  if (!(await isInRepository(folder))) return undefined;
  const [paths, others] = await Promise.all([
    trackedIn(folder, ''),
    git(folder, 'ls-files', '-z', '--others', '--exclude-standard'),
  ]);
  // Such as a folder that a repository of the home folder ignores.
  if (paths.length === 0) return undefined;
  return { paths, untracked: others.split('\0').length - 1 };
}

async function trackedIn(folder: string, prefix: string): Promise<string[]> {
  const listed = await git(folder, 'ls-files', '-z', '--stage');
  const paths = new Set<string>();
  for (const line of listed.split('\0')) {
    if (line === '') continue;
    const path = line.slice(line.indexOf('\t') + 1);
    if (!line.startsWith(SUBMODULE)) paths.add(`${prefix}${path}`);
    else for (const each of await submodule(folder, prefix, path)) paths.add(each);
  }
  return [...paths];
}

async function submodule(folder: string, prefix: string, path: string): Promise<string[]> {
  const inside = join(folder, path);
  // Where nothing is checked out, git answers for the repository around it.
  const top = await git(inside, 'rev-parse', '--show-prefix').catch(() => 'none');
  if (top.trim() === '') return trackedIn(inside, `${prefix}${path}/`);
  throw new RuleError(
    'missing_submodule',
    `The git submodule ${shown(`${prefix}${path}`)} is not checked out.`,
    'Check it out: git submodule update --init --recursive',
  );
}

/** Throws a {@link RuleError} if there is a repository that git won't read, such as one of another user. */
async function isInRepository(folder: string): Promise<boolean> {
  try {
    return (await git(folder, 'rev-parse', '--is-inside-work-tree')).trim() === 'true';
  } catch (error) {
    const text = (error as { stderr?: string }).stderr ?? '';
    if (errorCode(error) === 'ENOENT' || /not a git repository \(/.test(text)) return false;
    throw new RuleError(
      'unreadable_repository',
      `git does not answer for ${shown(folder, 200)}: ${shown(text.split('\n')[0] || String(error), 200)}`,
      'Try it: git status',
    );
  }
}

/** An address of a repository as anybody may see it. */
function publicAddress(remote: string): string {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(remote)) return remote.replace(/^[^@/]*:[^@/]*@/, '');
  try {
    const url = new URL(remote);
    url.username = '';
    url.password = '';
    url.search = '';
    url.hash = '';
    return url.href;
  } catch {
    return '';
  }
}
