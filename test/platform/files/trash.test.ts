import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { removeTree } from '../../../src/platform/files/remove-tree.js';
import { discard, stuckIn, sweep } from '../../../src/platform/files/trash.js';
import { bundled } from '../builds/bundled.js';
import { temporaryFolder } from '../builds/folders.js';

const NOBODY = 65_534;

/** Nests folders until the shell can't enter another one, with a file in the deepest one. */
function nest(folder: string): void {
  mkdirSync(folder);
  const loop =
    'd=$(printf "%0110d" 0); while mkdir "$d" 2>/dev/null && cd "$d"; do :; done 2>/dev/null; echo x > deepest';
  execFileSync('/bin/sh', ['-c', loop], { cwd: folder });
}

test('a tree is removed at any depth, with names that are no text, and links are not followed', async () => {
  const folder = temporaryFolder();
  const outside = join(folder, 'outside');
  writeFileSync(outside, 'stays');
  const tree = join(folder, 'tree');
  nest(tree);
  execFileSync('/bin/sh', ['-c', String.raw`mkdir "$(printf '\377')"; ln -s ../outside link; mkfifo pipe`], {
    cwd: tree,
  });
  await removeTree(tree);
  expect(readdirSync(folder)).toEqual(['outside']);
  await removeTree(tree);
});

const asRoot = process.getuid?.() === 0 ? test : test.skip;

asRoot('a user removes a deep tree of closed folders, also where there is no rm', async () => {
  const program = await bundled(`
    import { removeTree } from './src/platform/files/remove-tree.js';
    await removeTree(process.argv[2]);`);
  const folder = temporaryFolder();
  for (const at of [folder, join(program, '..')]) chmodSync(at, 0o755);
  for (const path of [process.env.PATH ?? '', '/nowhere']) {
    const top = join(folder, 'top');
    const tree = join(top, 'tree');
    mkdirSync(top);
    nest(tree);
    execFileSync('/bin/sh', ['-c', 'mkdir -p a/b/c && touch a/b/c/d && chmod 0 a/b/c a/b a'], { cwd: tree });
    execFileSync('chown', ['-R', String(NOBODY), top]);
    chownSync(folder, NOBODY, NOBODY);
    const { stderr, status } = spawnSync(process.execPath, [program, tree], {
      uid: NOBODY,
      env: { PATH: path },
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
    expect(readdirSync(top)).toEqual([]);
    execFileSync('rm', ['-r', top]);
  }
});

test('a removal that is cut short is left to the next sweep', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'made'));
  await discard(join(folder, 'made'), folder, AbortSignal.abort());
  expect(readdirSync(folder)).toEqual([expect.stringMatching(/\.trash$/)]);
  await expect(sweep(folder, AbortSignal.abort())).rejects.toThrow();
  expect(await sweep(folder)).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
});

asRoot('a path that can not be removed is named at each sweep, and keeps nothing else in place', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'x-1.0.trash/mounted'), { recursive: true });
  writeFileSync(join(folder, 'x-2.0.trash'), '');
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', join(folder, 'x-1.0.trash/mounted')]);
  const stuck = join(folder, 'x-1.0.trash.stuck.trash');
  try {
    for (let round = 0; round < 2; round++) {
      expect(await sweep(folder)).toEqual([`${stuck} can't be removed: EBUSY`]);
      expect(await stuckIn(folder)).toEqual([stuck]);
    }
    expect(readdirSync(folder)).toHaveLength(1);
  } finally {
    execFileSync('umount', [join(stuck, 'mounted')]);
  }
  expect(await sweep(folder)).toEqual([]);
});
