import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { packSource } from '../../../src/client/source/source.js';
import { RuleError } from '../../../src/model/rule.js';
import { unpack } from '../../../src/platform/builds/unpack.js';
import { pax, tar, tarGz, zip } from './archives.js';
import { type Tree, temporaryFolder, treeOf, write } from './folders.js';

const SMALL = { bytes: 10_000, entries: 20 };

async function unpacked(archive: Buffer | string, limits = SMALL): Promise<Record<string, string>> {
  const folder = temporaryFolder();
  const file = typeof archive === 'string' ? archive : join(folder, 'archive');
  if (typeof archive !== 'string') writeFileSync(file, archive);
  await unpack(file, join(folder, 'app'), { limits });
  return treeOf(join(folder, 'app'));
}

/** What an archive is refused with, after which nothing may be outside of its folder. */
async function refusal(archive: Buffer, limits = SMALL): Promise<string> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'archive'), archive);
  write(folder, { 'in/made': '' });
  try {
    await unpack(join(folder, 'archive'), join(folder, 'in', 'app'), { limits });
  } catch (error) {
    expect(readdirSync(folder).sort()).toEqual(['archive', 'in']);
    expect(readdirSync(join(folder, 'in')).sort()).toEqual(['app', 'made']);
    if (error instanceof RuleError) return error.message;
    throw error;
  }
  throw new Error('It was unpacked.');
}

const LINK = { type: 'SymbolicLink' as const };

describe('a tar.gz', () => {
  test('is unpacked as tar makes it', async () => {
    const folder = temporaryFolder();
    const long = `${'d'.repeat(90)}/${'e'.repeat(90)}/${'f'.repeat(90)}`;
    const tree: Tree = {
      [long]: 'far',
      'ä b\n"': 'odd',
      run: '!#!/bin/sh',
      link: '-> run',
      'lib/up': '-> ../run',
    };
    write(join(folder, 'app'), tree);
    execFileSync('ln', [join(folder, 'app/run'), join(folder, 'app/same')]);
    for (const format of ['gnu', 'pax']) {
      const file = join(folder, format);
      execFileSync('tar', ['czf', file, `--format=${format}`, '-C', join(folder, 'app'), '.']);
      expect(await unpacked(file)).toEqual({ ...tree, same: '!#!/bin/sh' });
    }
  });

  test('has its single folder taken off, links and all, unless it says where its top is', async () => {
    const parts = [
      { path: 'app-1.0/', type: 'Directory' as const },
      { path: 'app-1.0/bin/run', body: 'x', mode: 0o4777 },
      { path: 'app-1.0/link', ...LINK, linkpath: 'bin/run' },
    ];
    const global = {
      path: 'pax_global_header',
      type: 'GlobalExtendedHeader' as const,
      body: '13 comment=x\n',
    };
    expect(await unpacked(tarGz(global, ...parts))).toEqual({ 'bin/run': '!x', link: '-> bin/run' });
    expect(await unpacked(tarGz({ path: './', type: 'Directory' }, ...parts))).toEqual({
      'app-1.0/bin/run': '!x',
      'app-1.0/link': '-> bin/run',
    });
    expect(await unpacked(tarGz({ path: 'alone', body: 'x' }))).toEqual({ alone: 'x' });
    // One that has the name it would get.
    expect(await unpacked(tarGz({ path: 'app/app', body: 'x' }))).toEqual({ app: 'x' });
  });

  test('has no owners and no modes but whether a file is executable', async () => {
    const folder = temporaryFolder();
    writeFileSync(
      join(folder, 'a'),
      tarGz(
        { path: 'top/', type: 'Directory', mode: 0 },
        { path: 'top/suid', mode: 0o6711, uid: 65_534 },
        { path: 'top/none', mode: 0 },
      ),
    );
    await unpack(join(folder, 'a'), join(folder, 'app'));
    const mode = (path: string): number => statSync(join(folder, 'app', path)).mode & 0o7777;
    expect([mode('suid'), mode('none')]).toEqual([0o755, 0o644]);
    expect(statSync(join(folder, 'app', 'suid')).uid).toBe(process.getuid?.());
  });

  test('that says a name twice has the last one', async () => {
    expect(
      await unpacked(
        tarGz({ path: 'a', ...LINK, linkpath: 'b' }, { path: 'b', body: '1' }, { path: 'a', body: '2' }),
      ),
    ).toEqual({ a: '2', b: '1' });
    expect(
      await unpacked(
        tarGz({ path: 'a', body: '2' }, { path: 'b', body: '1' }, { path: 'a', ...LINK, linkpath: 'b' }),
      ),
    ).toEqual({ a: '-> b', b: '1' });
  });

  test.each<[string, Buffer, string]>([
    ['an absolute path', tarGz({ path: '/etc/x' }), '/etc/x in the archive has an absolute path.'],
    ['a path of Windows', tarGz({ path: 'C:\\x' }), 'C:\\\\x in the archive has an absolute path.'],
    ['a path out', tarGz({ path: 'a/../../x' }), 'a/../../x in the archive has a path with ...'],
    [
      'a path out in pax',
      tarGz(pax({ path: '../x' }), { path: 'a' }),
      '../x in the archive has a path with ...',
    ],
    ['a folder out', tarGz({ path: '../x/', type: 'Directory' }), '../x/ in the archive has a path with ...'],
    [
      'a link out',
      tarGz({ path: 'a' }, { path: 'b', ...LINK, linkpath: '../x' }),
      'b in the archive is a link that leads out of the source, to ../x.',
    ],
    [
      'a link out of what is unwrapped',
      tarGz({ path: 'top/a' }, { path: 'top/b', ...LINK, linkpath: '../top/a' }),
      'b in the archive is a link that leads out of the source, to ../top/a.',
    ],
    [
      'an absolute link',
      tarGz({ path: 'a' }, { path: 'b', ...LINK, linkpath: '/etc/passwd' }),
      'b in the archive is a link that leads out of the source, to /etc/passwd.',
    ],
    [
      'a link out through another',
      tarGz(
        { path: 's/x' },
        { path: 's/up', ...LINK, linkpath: '..' },
        { path: 'b', ...LINK, linkpath: 's/up/../x' },
      ),
      'b in the archive is a link that leads out of the source, to s/up/../x.',
    ],
    [
      'a file written through a link',
      tarGz({ path: 'd', ...LINK, linkpath: '..' }, { path: 'd/x', body: 'x' }),
      'd in the archive is a link and a folder at once.',
    ],
    [
      'a folder that becomes a link',
      tarGz({ path: 'd/x' }, { path: 'd', ...LINK, linkpath: '/tmp' }),
      'd in the archive is a folder and something else at once.',
    ],
    [
      'a folder where a file is',
      tarGz({ path: 'd' }, { path: 'd/x' }),
      'd in the archive is a folder and something else at once.',
    ],
    [
      'another name of a file outside',
      tarGz({ path: 'a' }, { path: 'b', type: 'Link', linkpath: '../archive' }),
      '../archive in the archive has a path with ...',
    ],
    [
      'another name of nothing',
      tarGz({ path: 'a' }, { path: 'b', type: 'Link', linkpath: 'c' }),
      'c in the archive is another name of something that is not there.',
    ],
    ['a device', tarGz({ path: 'a', type: 'CharacterDevice' }), 'a in the archive is a device.'],
    ['a pipe', tarGz({ path: 'a', type: 'FIFO' }), 'a in the archive is a named pipe.'],
    [
      'too long a name',
      tarGz(pax({ path: 'n'.repeat(300) }), { path: 'a' }),
      `${'n'.repeat(200)}... in the archive has too long a name.`,
    ],
    [
      'a name without end',
      tarGz({ path: 'a', type: 'NextFileHasLongPath', size: 2 ** 30 }),
      'a in the archive has too long a name.',
    ],
    [
      'too many entries',
      tarGz(...Array.from({ length: 21 }, (_, n) => ({ path: `f${n}` }))),
      'The source has more than 20 files.',
    ],
    [
      'too much in it',
      tarGz({ path: 'a', body: 'x'.repeat(10_001) }),
      'The source has more than 9.8 KiB, unpacked.',
    ],
    [
      'copies that are too much',
      tarGz({ path: 'a', body: 'x'.repeat(6000) }, { path: 'b', type: 'Link', linkpath: 'a' }),
      'The source has more than 9.8 KiB, unpacked.',
    ],
    ['nothing in it', gzipSync(Buffer.alloc(1024)), "The archive can't be unpacked: it is empty."],
    ['only its top', tarGz({ path: './', type: 'Directory' }), 'The archive is empty.'],
    [
      'no tar in it',
      gzipSync('x'.repeat(2000)),
      "The archive can't be unpacked: a header holds no number where one belongs.",
    ],
    [
      'half of it',
      tarGz({ path: 'a', body: 'x'.repeat(3000) }).subarray(0, 40),
      'The archive is damaged, or not whole.',
    ],
    [
      'a header that was changed',
      gzipSync(Buffer.from(tar({ path: 'a' }).toString('latin1').replace('a', 'b'), 'latin1')),
      "The archive can't be unpacked: a header does not add up.",
    ],
    [
      'half of its tar',
      gzipSync(tar({ path: 'a', body: 'x'.repeat(3000) }).subarray(0, 1024)),
      "The archive can't be unpacked: it ends too early.",
    ],
    [
      'a size that is none',
      tarGz(pax({ size: '-1' }), { path: 'a' }),
      "The archive can't be unpacked: an extended header holds no number where one belongs.",
    ],
    ['another kind', Buffer.from('Rar!'), 'The source is neither a tar.gz nor a zip file.'],
    ['nothing', Buffer.alloc(0), 'The source is neither a tar.gz nor a zip file.'],
  ])('is refused with %s', async (_what, archive, message) => {
    expect(await refusal(archive)).toBe(message);
  });

  test('that is a bomb is refused before it is on disk', async () => {
    const bomb = tarGz({ path: 'a', body: Buffer.alloc(100 * 1024 * 1024) });
    expect(await refusal(bomb, { bytes: 2 ** 40, entries: 9 })).toBe(
      'The archive has more than 200 times its size when it is unpacked, which no build takes.',
    );
  });
});

describe('a zip', () => {
  test('is unpacked, with links and modes where it has them', async () => {
    const archive = zip(
      { path: 'app-main/', mode: 0o40755 },
      { path: 'app-main/run', body: 'x', mode: 0o100755 },
      { path: 'app-main/lib/a', body: 'y', mode: 0o100600 },
      { path: 'app-main/link', body: 'lib/a', mode: 0o120777 },
    );
    expect(await unpacked(archive)).toEqual({ run: '!x', 'lib/a': 'y', link: '-> lib/a' });
    expect(await unpacked(zip({ path: 'a', body: 'x' }, { path: 'b/c', body: '' }))).toEqual({
      a: 'x',
      'b/c': '',
    });
  });

  test.each<[string, Buffer, string]>([
    ['a path out', zip({ path: '../x' }), "The archive can't be unpacked: invalid relative path: ../x."],
    ['an absolute path', zip({ path: '/x' }), "The archive can't be unpacked: absolute path: /x."],
    [
      'a path of Windows',
      zip({ path: 'a\\..\\..\\x' }),
      "The archive can't be unpacked: invalid characters in fileName: a\\\\..\\\\..\\\\x.",
    ],
    [
      'a link out',
      zip({ path: 'a' }, { path: 'b', body: '../x', mode: 0o120777 }),
      'b in the archive is a link that leads out of the source, to ../x.',
    ],
    [
      'a file written through a link',
      zip({ path: 'd', body: '..', mode: 0o120777 }, { path: 'd/x' }),
      'd in the archive is a link and a folder at once.',
    ],
    [
      'a link of a long target',
      zip({ path: 'a', body: 'x'.repeat(5000), mode: 0o120777 }),
      'a in the archive is a link with too long a target.',
    ],
    ['a device', zip({ path: 'a', mode: 0o020666 }), 'a in the archive is a device, a pipe or a socket.'],
    ['a password', zip({ path: 'a', body: 'x', encrypted: true }), 'a in the archive is encrypted.'],
    [
      'too much in it',
      zip({ path: 'a', body: 'x'.repeat(10_001) }),
      'The source has more than 9.8 KiB, unpacked.',
    ],
    [
      'more than it says',
      zip({ path: 'a', body: 'x'.repeat(5000), size: 3 }),
      "The archive can't be unpacked: too many bytes in the stream. expected 3. got at least 5000.",
    ],
    [
      'too many entries',
      zip(...Array.from({ length: 21 }, (_, n) => ({ path: `f${n}` }))),
      'The source has more than 20 files.',
    ],
    ['nothing in it', zip(), 'The archive is empty.'],
    [
      'half of it',
      zip({ path: 'a', body: 'x' }).subarray(0, 30),
      "The archive can't be unpacked: End of central directory record signature not found. Either not a zip file, or file is truncated..",
    ],
  ])('is refused with %s', async (_what, archive, message) => {
    expect(await refusal(archive)).toBe(message);
  });
});

test('what is packed is unpacked as it was, and packs the same again', async () => {
  const name = fc
    .stringMatching(/^[a-zé \n'"\\-][a-z.é ]{0,60}$/)
    .filter((text) => !/^\s*$|^\.+$/.test(text));
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
  const content = fc
    .oneof(
      fc.string(),
      fc.string().map((text) => `!${text}`),
    )
    .filter((text) => !text.startsWith('-> '));
  const trees = fc.dictionary(path, content, { minKeys: 1, maxKeys: 8 });
  await fc.assert(
    fc.asyncProperty(trees, async (tree) => {
      const folder = temporaryFolder();
      const kept = Object.fromEntries(
        Object.entries(tree).filter(
          ([each]) => !Object.keys(tree).some((other) => other.startsWith(`${each}/`)),
        ),
      );
      const first = write(join(folder, 'first'), kept);
      const digest = await pack(first, join(folder, 'one'));
      await unpack(join(folder, 'one'), join(folder, 'second'));
      expect(treeOf(join(folder, 'second'))).toEqual(treeOf(first));
      expect(await pack(join(folder, 'second'), join(folder, 'two'))).toBe(digest);
      expect(existsSync(join(folder, 'second.wrapped'))).toBe(false);
    }),
    { numRuns: 40 },
  );
});

async function pack(from: string, file: string): Promise<string> {
  const source = await packSource(from);
  if (source.kind === 'url') throw new Error('It is an address.');
  await writeFile(file, source.stream);
  return (await source.sent).digest;
}
