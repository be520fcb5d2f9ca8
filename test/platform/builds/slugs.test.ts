import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Digest } from '../../../src/model/digest.js';
import type { SlugFacts } from '../../../src/model/slug.js';
import { Slugs } from '../../../src/platform/builds/slugs.js';
import { ownerOf as ownerOfNetwork } from '../../../src/platform/engine/owners.js';
import { isTemporary, sweep } from '../../../src/platform/files/trash.js';
import { bundled } from './bundled.js';
import { type Tree, temporaryFolder, treeOf, write } from './folders.js';

const FACTS: SlugFacts = { processTypes: { web: './run' }, path: [], folders: {} };
const APP: Tree = { run: '!#!/bin/sh', 'lib/a': 'a', link: '-> /usr/bin/python3' };

function newFolder(): string {
  return join(temporaryFolder(), 'slugs');
}

function built(tree: Tree = APP): string {
  return write(join(temporaryFolder(), 'app'), tree);
}

function ownerOf(at: string): number {
  return statSync(at).uid;
}

describe('slugs', () => {
  test('are kept once, by what is in them', async () => {
    const folder = newFolder();
    const slugs = await Slugs.open(folder);
    const app = built();
    const slug = await slugs.keep(app, FACTS);
    expect(existsSync(app)).toBe(false);
    expect(slug).toMatchObject({ ...FACTS, bytes: 10, entries: 4 });
    expect(await slugs.keep(built(), FACTS)).toEqual(slug);
    expect(readdirSync(folder)).toEqual([slug.digest]);
    expect(await slugs.list()).toEqual([slug]);
    expect(treeOf(await slugs.folderFor(slug.digest))).toEqual(APP);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(await slugs.usage()).toBeGreaterThan(10);
  });

  test('are others with another content, name, mode, link or process type', async () => {
    const slugs = await Slugs.open(newFolder());
    const others: [Tree, SlugFacts][] = [
      [APP, FACTS],
      [{ ...APP, 'lib/a': 'b' }, FACTS],
      [{ run: '!#!/bin/sh', 'lib/b': 'a', link: '-> /usr/bin/python3' }, FACTS],
      [{ ...APP, run: '#!/bin/sh' }, FACTS],
      [{ ...APP, link: '-> /usr/bin/python' }, FACTS],
      [{ ...APP, link: '/usr/bin/python3' }, FACTS],
      [APP, { ...FACTS, processTypes: { worker: './run' } }],
      [APP, { ...FACTS, path: ['.venv/bin'] }],
    ];
    const digests = new Set<string>();
    for (const [tree, facts] of others) digests.add((await slugs.keep(built(tree), facts)).digest);
    expect(digests.size).toBe(others.length);
  });

  test('are readable, whatever modes a build left, and hold no pipes', async () => {
    const slugs = await Slugs.open(newFolder());
    const app = built({ 'deep/down/a': 'a', secret: 's', 'strange\\': 'x' });
    writeFileSync(Buffer.concat([Buffer.from(`${app}/`), Buffer.from([0xff])]), 'not UTF-8');

    execFileSync('mkfifo', [join(app, 'pipe')]);
    chmodSync(join(app, 'secret'), 0o4000);
    chmodSync(join(app, 'deep/down'), 0);
    chmodSync(join(app, 'deep'), 0o300);
    const { digest, entries } = await slugs.keep(app, FACTS);
    const kept = await slugs.folderFor(digest);
    expect(entries).toBe(6);
    expect(readdirSync(kept).sort()).toEqual(['deep', 'secret', 'strange\\', '\ufffd']);
    const mode = (path: string): number => statSync(join(kept, path)).mode & 0o7777;
    expect([mode('.'), mode('deep/down'), mode('deep/down/a'), mode('secret')]).toEqual([
      0o755, 0o755, 0o644, 0o644,
    ]);
  });

  test('can be told from what something wrote to', async () => {
    const slugs = await Slugs.open(newFolder());
    const { digest } = await slugs.keep(built(), FACTS);
    expect(await slugs.isWhole(digest)).toBe(true);
    writeFileSync(join(await slugs.folderFor(digest), 'lib/a'), 'b');
    expect(await slugs.isWhole(digest)).toBe(false);
  });

  (process.getuid?.() === 0 ? test : test.skip)('belong to whom dynos really are', async () => {
    const slugs = await Slugs.open(newFolder());
    const { digest } = await slugs.keep(built(), FACTS);
    const theirs = await slugs.folderFor(digest, { uid: 65_534, gid: 65_534 });
    expect([ownerOf(theirs), ownerOf(join(theirs, 'lib/a'))]).toEqual([65_534, 65_534]);
    const ours = await slugs.folderFor(digest);
    expect([ownerOf(ours), ownerOf(join(ours, 'lib/a'))]).toEqual([0, 0]);
  });

  (process.getuid?.() === 0 ? test : test.skip)('are a copy for every further space', async () => {
    const folder = newFolder();
    const slugs = await Slugs.open(folder);
    const { digest } = await slugs.keep(built(), FACTS);
    const bytes = await slugs.usage();
    const [a, b] = [ownerOfNetwork({ first: 0, count: 8 }), ownerOfNetwork({ first: 8, count: 8 })];
    const [first, second, again] = await Promise.all(
      [a, b, b].map((owner) => slugs.folderFor(digest, owner)),
    );
    expect([first, second].map((at = '') => [treeOf(at), ownerOf(at), ownerOf(join(at, 'lib/a'))])).toEqual([
      [APP, a.uid, a.uid],
      [APP, b.uid, b.uid],
    ]);
    expect(again).toBe(second);
    expect(await slugs.folderFor(digest, a)).toBe(first);
    expect(await slugs.isWhole(digest)).toBe(true);
    expect(await slugs.usage()).toBe(2 * bytes);
    expect(readdirSync(folder)).toEqual([digest]);
    expect(await slugs.prune(new Set(), 0)).toEqual([digest]);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('are pruned from the one that was not started for the longest time, but for those in use', async () => {
    const folder = newFolder();
    const slugs = await Slugs.open(folder);
    const digests: Digest[] = [];
    for (const [index, text] of ['a', 'b', 'c'].entries()) {
      const { digest } = await slugs.keep(built({ text }), FACTS);
      utimesSync(join(folder, digest, 'slug.json'), index + 1, index + 1);
      digests.push(digest);
    }
    const [a, b, c] = digests as [Digest, Digest, Digest];
    await slugs.folderFor(b);
    expect(await slugs.prune(new Set(), 1024 ** 3)).toEqual([]);
    const all = await slugs.usage();
    expect(await slugs.prune(new Set([a]), all - 1)).toEqual([c]);
    expect(await slugs.prune(new Set([a]), 0)).toEqual([b]);
    expect(readdirSync(folder)).toEqual([a]);
    await expect(slugs.get(b)).rejects.toMatchObject({ status: 404 });
    await expect(slugs.folderFor(b)).rejects.toMatchObject({ status: 404 });
  });

  test('are there whole or not at all, whenever kill -9 comes', async () => {
    const program = await bundled(`
      import { cpSync } from 'node:fs';
      
import { Slugs } from './src/platform/builds/slugs.js';
      const [, , folder, app] = process.argv;
      const slugs = await Slugs.open(folder);
      const facts = { processTypes: { web: 'x' }, path: [], folders: {} };
      process.send('ready');
      for (let round = 0; ; round++) {
        cpSync(app, app + round, { recursive: true });
        await slugs.keep(app + round, { ...facts, processTypes: { web: 'x' + round } });
        const [last] = await slugs.list();
        if (round % 2 === 1) await slugs.remove(last.digest);
      }`);
    const folder = newFolder();
    const app = built(Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`f${n}`, 'x'.repeat(2000)])));
    let cutOff = 0;
    for (let round = 0; round < 8; round++) {
      const child = spawn(process.execPath, [program, folder, `${app}-${round}-`], {
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      mkdirSync(`${app}-${round}-`);
      write(`${app}-${round}-`, treeOf(app));
      await once(child, 'message');
      // In the middle of its work, another place every time.
      while (!readdirSync(folder).some(isTemporary)) await new Promise((resolve) => setImmediate(resolve));
      for (let turn = 0; turn < 5 * round; turn++) await new Promise((resolve) => setImmediate(resolve));
      child.kill('SIGKILL');
      await once(child, 'exit');
      cutOff += readdirSync(folder).filter(isTemporary).length;
      const slugs = await Slugs.open(folder);
      await sweep(folder);
      expect(readdirSync(folder).filter((name) => !/^[0-9a-f]{64}$/.test(name))).toEqual([]);
      for (const name of readdirSync(folder)) expect(await slugs.isWhole(name as Digest)).toBe(true);
    }
    expect(cutOff).toBeGreaterThan(0);
  });
});
