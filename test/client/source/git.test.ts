import { describe, expect, test } from '@jest/globals';
import { gitFacts } from '../../../src/client/source/git.js';
import { folderOf, git, write } from './folders.js';

const NOTHING = { sha: '', branch: '', repo: '', dirty: false };

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
    const clean = { sha: git(folder, 'rev-parse', 'HEAD'), branch: 'main', repo: '', dirty: false };
    expect(await gitFacts(`${folder}/app`)).toEqual(clean);
    write(folder, { 'app/a': 'changed' });
    git(folder, 'checkout', '--detach');
    expect(await gitFacts(folder)).toEqual({ ...clean, branch: '', dirty: true });
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
