import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { list, type ReadEntry } from 'tar';
import { packSource, type SentSource, type SourceOptions } from '../../../src/client/source/source.js';
import { RuleError } from '../../../src/model/rule.js';
import { zip } from '../../platform/builds/archives.js';
import { folderOf, git, type Tree, write } from './folders.js';

interface Packed extends SentSource {
  readonly warnings: readonly string[];
  readonly archive: Buffer;
  /** Path and what it is, in the order of the archive. */
  readonly entries: readonly string[];
}

async function packed(named: string, options?: SourceOptions): Promise<Packed> {
  const source = await packSource(named, options);
  if (source.kind === 'url') throw new Error('It is an address.');
  const chunks: Buffer[] = [];
  for await (const chunk of source.stream) chunks.push(chunk as Buffer);
  const archive = Buffer.concat(chunks);
  return { ...(await source.sent), warnings: source.warnings, archive, entries: entriesOf(archive) };
}

function entriesOf(archive: Buffer): string[] {
  const entries: string[] = [];
  const onReadEntry = ({ type, path, linkpath, mode = 0 }: ReadEntry): void => {
    const what = type === 'SymbolicLink' ? `-> ${linkpath}` : mode.toString(8);
    entries.push(`${path} ${what}`);
  };
  const parser = list({ onReadEntry, sync: true } as never) as unknown as { end(data: Buffer): void };
  if (archive[0] === 0x1f) parser.end(gunzipSync(archive));
  return entries;
}

async function refusal(named: string, options?: SourceOptions): Promise<RuleError> {
  try {
    await packed(named, options);
  } catch (error) {
    if (error instanceof RuleError) return error;
    throw error;
  }
  throw new Error('It was packed.');
}

const APP: Tree = {
  Procfile: 'web: ./run\n',
  run: '!#!/bin/sh\n',
  'lib/one.js': '1',
  'lib/link.js': '-> one.js',
  'node_modules/x/index.js': 'installed',
  'sub/node_modules/y.js': 'installed',
};

describe('a folder without git', () => {
  test('is everything but what is installed, sorted, with normal modes', async () => {
    const folder = folderOf({ ...APP, 'lib.txt': '', 'logs/deep': null });
    chmodSync(join(folder, 'Procfile'), 0o600);
    const { entries, digest, archive, bytes } = await packed(folder);
    expect(entries).toEqual([
      './ 755',
      'Procfile 644',
      'lib.txt 644',
      'lib/link.js -> one.js',
      'lib/one.js 644',
      'logs/deep/ 755',
      'run 755',
      // What it held is left out.
      'sub/ 755',
    ]);
    expect(digest).toBe(createHash('sha256').update(archive).digest('hex'));
    expect(bytes).toBe(archive.length);
  });

  test('is what .gitignore and .slugignore leave, nested ones too', async () => {
    const folder = folderOf({
      '.gitignore': '*.log\n!keep.log\nbuild/\n/only-here\n',
      '.slugignore': 'docs\nkeep.log\n',
      'a.log': '',
      'keep.log': '',
      'build/x': '',
      'docs/y': '',
      'only-here': '',
      'sub/.gitignore': '\n!special.log\n*.tmp\n',
      'sub/a.log': '',
      'sub/special.log': '',
      'sub/a.tmp': '',
      'sub/only-here': '',
      'sub/Build/x': '',
      'other/a.tmp': '',
    });
    const { entries } = await packed(folder);
    expect(entries.map((line) => line.replace(/ \d+$/, ''))).toEqual([
      './',
      '.gitignore',
      '.slugignore',
      'other/a.tmp',
      'sub/.gitignore',
      'sub/Build/x',
      'sub/only-here',
      'sub/special.log',
    ]);
  });

  test('is the same source wherever, whenever and in whatever order it was written', async () => {
    const one = folderOf(APP);
    const other = folderOf(Object.fromEntries(Object.entries(APP).toReversed()));
    utimesSync(join(other, 'run'), 1, 1);
    chmodSync(join(other, 'run'), 0o711);
    expect((await packed(one)).digest).toBe((await packed(other)).digest);
    writeFileSync(join(other, 'run'), 'x', { flag: 'a' });
    expect((await packed(one)).digest).not.toBe((await packed(other)).digest);
  });

  test('may have long names, and is what any tar unpacks', async () => {
    const long = `${'d'.repeat(120)}/${'é'.repeat(100)}/x`;
    const folder = folderOf({ [long]: 'far', link: `-> ${long}` });
    const { archive } = await packed(folder);
    const target = folderOf();
    execFileSync('tar', ['xz', '-C', target], { input: archive });
    expect(readFileSync(join(target, 'link'), 'utf8')).toBe('far');
  });

  test.each<[string, Tree, string, SourceOptions]>([
    ['nothing in it', { 'node_modules/x': '' }, 'empty_source', {}],
    ['a link out of it', { a: '', 'sub/out': '-> ../../etc' }, 'link_outside', {}],
    ['an absolute link', { a: '', out: '-> /etc/passwd' }, 'link_outside', {}],
    ['too much', { a: '12345' }, 'source_too_large', { limits: { bytes: 4, files: 9 } }],
    ['too many', { a: '', b: '' }, 'source_too_large', { limits: { bytes: 4, files: 1 } }],
    ['a checksum', { a: '' }, 'needless_checksum', { checksum: `sha256:${'0'.repeat(64)}` }],
  ])('is refused with %s', async (_what, tree, id, options) => {
    expect(await refusal(folderOf(tree), options)).toMatchObject({ id });
  });

  test('says what is biggest when it is too large', async () => {
    const folder = folderOf({ 'big/a': 'x'.repeat(3000), 'big/b': 'x'.repeat(3000), small: 'x' });
    expect((await refusal(folder, { limits: { bytes: 4096, files: 9 } })).message).toBe(
      'The source has 5.9 KiB; it may have 4 KiB. Most of it: big/ (5.9 KiB), small (1 byte).',
    );
  });

  test.each([
    ['with its mark', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('web: ./run', 'utf16le')])],
    ['without it', Buffer.from('web: ./run', 'utf16le')],
  ])('is refused with a Procfile in UTF-16 %s', async (_, procfile) => {
    const folder = folderOf(APP);
    writeFileSync(join(folder, 'Procfile'), procfile);
    expect(await refusal(folder)).toMatchObject({
      id: 'unusable_encoding',
      message: 'Procfile is in UTF-16, and builds read UTF-8.',
    });
  });

  test('is refused when it would be taken for an archive that fills disks, with the biggest file', async () => {
    const folder = folderOf(APP);
    writeFileSync(join(folder, 'zeros'), Buffer.alloc(80 * 1024 ** 2));
    expect(await refusal(folder)).toMatchObject({
      id: 'source_too_compressed',
      message:
        'The packed source has more than 200 times its size when it is unpacked, which no build takes.',
      hint: expect.stringContaining('such as zeros'),
    });
    writeFileSync(join(folder, 'noise'), randomBytes(1024 ** 2));
    expect((await packed(folder)).entries).toContain('zeros 644');
  });

  test('warns of files whose content Git LFS has not fetched', async () => {
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 12345\n`;
    const lfs = { 'a.bin': pointer, 'sub/b.bin': pointer, 'c.bin': 'content' };
    const folder = folderOf({ ...APP, ...lfs, 'sub/.gitattributes': '*.bin filter=lfs diff=lfs\n' });
    expect((await packed(folder)).warnings).toEqual([
      'Git LFS has not fetched the content of a.bin, sub/b.bin: the build gets pointers to it. To fetch it: git lfs pull',
    ]);
    expect((await packed(folderOf({ ...APP, ...lfs }))).warnings).toEqual([]);
  });

  test('is refused with a pipe or a socket in it', async () => {
    const folder = folderOf({ a: '' });
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    expect((await refusal(folder)).message).toBe("pipe is a named pipe, which can't be part of a source.");
    rmSync(join(folder, 'pipe'));
    const server = createServer().listen(join(folder, 'door'));
    await new Promise((resolve) => server.once('listening', resolve));
    expect((await refusal(folder)).message).toBe("door is a socket, which can't be part of a source.");
    server.close();
  });

  test('is refused with a name that is not UTF-8', async () => {
    const folder = folderOf({ a: '' });
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/x`), Buffer.from([0xff])]), '');
    expect(await refusal(folder)).toMatchObject({ id: 'unusable_name' });
  });

  test('is refused if a file grows or shrinks while it is packed', async () => {
    for (const change of ['', 'longer than before']) {
      const folder = folderOf({ a: 'as it was' });
      const source = await packSource(folder);
      if (source.kind === 'url') throw new Error('It is an address.');
      writeFileSync(join(folder, 'a'), change);
      source.stream.resume();
      // It may have been opened before it changed, but its end is read after.
      await expect(source.sent).rejects.toMatchObject({ id: 'source_changed' });
    }
  });
});

describe('a folder with git', () => {
  test('is what git tracks, as it is on disk', async () => {
    const folder = folderOf({ ...APP, 'a b\n"ü': 'odd', gone: '', 'docs/x': '' });
    git(folder, 'init');
    git(folder, 'add', '-f', '.');
    write(folder, { 'lib/one.js': 'changed', 'new.js': '', 'new2.js': '', '.slugignore': 'docs\n' });
    rmSync(join(folder, 'gone'));
    const { entries, warnings, archive } = await packed(folder);
    expect(entries).toEqual([
      './ 755',
      'Procfile 644',
      'a b\n"ü 644',
      'lib/link.js -> one.js',
      'lib/one.js 644',
      'run 755',
    ]);
    expect(gunzipSync(archive).includes('changed')).toBe(true);
    expect(warnings).toEqual([
      'Left out, as git does not track them: 3 files. To have one in the build: git add FILE',
      'Left out, as the build installs packages: 2 files in node_modules.',
    ]);
  });

  test('may be one of the folders of a repository', async () => {
    const folder = folderOf({ 'app/a': '', other: '' });
    git(folder, 'init');
    git(folder, 'add', '.');
    expect((await packed(join(folder, 'app'))).entries).toEqual(['./ 755', 'a 644']);
  });

  test('that git tracks nothing of is taken as it is', async () => {
    const folder = folderOf({ '.gitignore': 'app\n', 'app/a': '' });
    git(folder, 'init');
    git(folder, 'add', '.');
    expect((await packed(join(folder, 'app'))).entries).toEqual(['./ 755', 'a 644']);
  });

  test('has its submodules, which must be checked out', async () => {
    const library = folderOf({ 'l.js': '' });
    git(library, 'init');
    git(library, 'add', '.');
    git(library, 'commit', '-m', 'x');
    const folder = folderOf({ a: '' });
    git(folder, 'init');
    git(folder, 'add', '.');
    git(folder, 'submodule', 'add', library, 'vendor/lib');
    const { entries } = await packed(folder);
    expect(entries).toContain('vendor/lib/l.js 644');
    rmSync(join(folder, 'vendor/lib'), { recursive: true });
    mkdirSync(join(folder, 'vendor/lib'));
    expect((await refusal(folder)).message).toBe('The git submodule vendor/lib is not checked out.');
  });

  test('is the same source as its files without git', async () => {
    const folder = folderOf({ 'a/b': 'x', c: '!y' });
    const before = (await packed(folder)).digest;
    git(folder, 'init');
    git(folder, 'add', '.');
    expect((await packed(folder)).digest).toBe(before);
  });

  test('that git refuses to read is not packed in another way', async () => {
    const folder = folderOf({ a: '', '.git': 'gitdir: /nowhere' });
    expect(await refusal(folder)).toMatchObject({ id: 'unreadable_repository' });
  });
});

describe('an archive', () => {
  test('goes as it is, and is checked against a checksum', async () => {
    const file = join(folderOf({ 'x/a': '1' }), 'x.tgz');
    expect(spawnSync('tar', ['czf', file, '-C', join(file, '..'), 'x']).status).toBe(0);
    const bytes = readFileSync(file);
    const checksum = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    const { archive } = await packed(file, { checksum });
    expect(archive.equals(bytes)).toBe(true);
    expect(await refusal(file, { checksum: `sha256:${'0'.repeat(64)}` })).toMatchObject({
      id: 'wrong_checksum',
    });
    expect(await refusal(file, { limits: { bytes: 9, files: 9 } })).toMatchObject({ id: 'source_too_large' });
  });

  test.each([
    ['text', 'unusable_source'],
    ['', 'unusable_source'],
  ])('is known by what it begins with: %j', async (text, id) => {
    expect(await refusal(join(folderOf({ 'a.tar.gz': text }), 'a.tar.gz'))).toMatchObject({ id });
  });

  test('made by a program that writes \\ into paths is refused', async () => {
    const folder = folderOf({});
    const file = join(folder, 'app.zip');
    writeFileSync(file, zip({ path: 'Procfile', body: 'web: x' }, { path: 'lib\\one.js', body: '1' }));
    expect(await refusal(file)).toMatchObject({
      id: 'unusable_path',
      message: expect.stringContaining(String.raw`where a zip has /: lib\\one.js.`),
      hint: expect.stringContaining('Name the folder instead'),
    });
    writeFileSync(file, zip({ path: 'lib/one.js', body: '1' }));
    expect((await packed(file)).warnings).toEqual([]);
  });

  test('that grows like one that is to fill a disk is refused', async () => {
    const file = join(folderOf({}), 'app.tar.gz');
    writeFileSync(file, gzipSync(Buffer.alloc(80 * 1024 ** 2)));
    expect(await refusal(file)).toMatchObject({ id: 'source_too_compressed' });
  });

  test('that is not there is not packed', async () => {
    expect((await refusal('/nowhere/at all')).message).toBe('There is no file or folder /nowhere/at all.');
  });
});

describe('an address', () => {
  const checksum = `sha256:${'ab'.repeat(32)}`;
  test('is left to the platform', async () => {
    expect(await packSource('https://example.com/a.tgz?x=1', { checksum })).toEqual({
      kind: 'url',
      url: 'https://example.com/a.tgz?x=1',
      digest: 'ab'.repeat(32),
    });
  });

  test.each([
    ['http://example.com/a.tgz', checksum, 'unusable_source'],
    ['file:///etc/passwd', checksum, 'unusable_source'],
    ['https://ann:secret@example.com/', checksum, 'secret_in_address'],
    ['https://example.com/a.tgz', undefined, 'checksum_needed'],
    ['https://example.com/a.tgz', 'md5:00', 'invalid_checksum'],
  ])('is refused: %s, %s', async (url, given, id) => {
    expect(await refusal(url, { checksum: given })).toMatchObject({ id });
  });
});
