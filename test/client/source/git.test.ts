import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { gitFacts } from '../../../src/client/source/git.js';
import { folderOf, git, write } from './folders.js';

const NOTHING = { sha: '', branch: '', repo: '', differs: '' };

describe('what git says of a folder', () => {
  test('is nothing where there is no repository', async () => {
    expect(await gitFacts(folderOf())).toEqual(NOTHING);
  });

  test('is its branch before the first commit', async () => {
    const folder = folderOf();
    git(folder, 'init');
    expect(await gitFacts(folder)).toEqual({ ...NOTHING, branch: 'main' });
  });

  test('is commit, branch, and whether tracked files differ', async () => {
    const folder = folderOf({ 'app/a': '' });
    git(folder, 'init');
    git(folder, 'add', '.');
    git(folder, 'commit', '-m', 'x');
    write(folder, { 'app/new': '' });
    const clean = { sha: git(folder, 'rev-parse', 'HEAD'), branch: 'main', repo: '', differs: '' };
    expect(await gitFacts(`${folder}/app`)).toEqual(clean);
    write(folder, { 'app/a': 'changed' });
    git(folder, 'checkout', '--detach');
    expect(await gitFacts(folder)).toEqual({ ...clean, branch: '', differs: 'app/a' });
  });

  test.each([
    ['https://ann:secret@example.com/a/b.git?token=secret#x', 'https://example.com/a/b.git'],
    ['https://secret@example.com/a/b.git', 'https://example.com/a/b.git'],
    ['git@example.com:a/b.git', 'git@example.com:a/b.git'],
    ['ann:secret@example.com:a/b.git', 'example.com:a/b.git'],
    ['/srv/git/b.git', '/srv/git/b.git'],
  ])('never shows who may read a repository: %s', async (remote, shown) => {
    const folder = folderOf();
    git(folder, 'init');
    git(folder, 'remote', 'add', 'origin', remote);
    expect((await gitFacts(folder)).repo).toBe(shown);
  });
});

describe('files that are not those of the commit', () => {
  const differing: [string, string, (folder: string) => unknown][] = [
    ['skip-worktree', 'a', (at) => hide(at, '--skip-worktree')],
    ['assume-unchanged', 'a', (at) => hide(at, '--assume-unchanged')],
    ['a sparse checkout', 'below/b', (at) => git(at, 'sparse-checkout', 'set', '--no-cone', '/*', '!/below')],
    ['a link to elsewhere', 'link', relink],
    ['a .slugignore that git does not track', '.slugignore', (at) => ignore(at)],
    ['a staged file', 'new', stage],
  ];

  test.each(differing)('are noticed: %s', async (_, path, change) => {
    const folder = committed();
    expect((await gitFacts(folder)).differs).toBe('');
    change(folder);
    expect((await gitFacts(folder)).differs).toBe(path);
  });

  test('are none where git itself turns line ends, or a tracked .slugignore leaves files out', async () => {
    const folder = committed();
    write(folder, { '.gitattributes': '* text=auto\n', crlf: 'one\ntwo\n', '.slugignore': 'below\n' });
    git(folder, 'add', '.');
    git(folder, 'commit', '-m', 'two');
    git(folder, 'config', 'core.autocrlf', 'true');
    rmSync(join(folder, 'crlf'));
    git(folder, 'checkout', 'crlf');
    expect(readFileSync(join(folder, 'crlf'), 'utf8')).toBe('one\r\ntwo\r\n');
    expect((await gitFacts(folder)).differs).toBe('');
    hide(folder, '--skip-worktree', 'below/b');
    expect((await gitFacts(folder)).differs).toBe('');
  });
});

function hide(folder: string, how: string, path = 'a'): void {
  git(folder, 'update-index', how, path);
  writeFileSync(join(folder, path), 'evil');
}

function stage(folder: string): void {
  write(folder, { new: '' });
  git(folder, 'add', 'new');
}

function relink(folder: string): void {
  git(folder, 'update-index', '--assume-unchanged', 'link');
  rmSync(join(folder, 'link'));
  symlinkSync('below/b', join(folder, 'link'));
}

function ignore(folder: string): void {
  write(folder, { '.slugignore': 'a', '.git/info/exclude': '.slugignore' });
}

function committed(): string {
  const folder = folderOf({ a: 'a', 'below/b': 'b', run: '!', link: '-> a' });
  git(folder, 'init');
  git(folder, 'add', '.');
  git(folder, 'commit', '-m', 'one');
  return folder;
}
