import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { buildSync } from 'esbuild';
import { AppsApiError } from '../../../src/contract/errors.js';
import { type HostsFile, writeHosts } from '../../../src/platform/machine/hosts-file.js';
import { temporaryFolder } from '../store/temporary.js';

/** As somebody wrote it, in no known encoding and without an end. */
const WRITTEN = Buffer.concat([
  Buffer.from('127.0.0.1 localhost\r\n# caf'),
  Buffer.from([0xe9, 0xff]),
  Buffer.from('\n\n::1 ip6'),
]);
const LINE = '127.0.0.1 web.local.localhost';

function hostsFile(content: Uint8Array | string = WRITTEN): HostsFile & { readonly folder: string } {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'etc'));
  const file = join(folder, 'etc', 'hosts');
  writeFileSync(file, content, { mode: 0o644 });
  chmodSync(file, 0o644);
  return { folder: join(folder, 'etc'), file, lock: join(folder, 'lock') };
}

function stateOf({ file }: HostsFile) {
  const stats = lstatSync(file, { throwIfNoEntry: false });
  return stats && { ino: stats.ino, mode: stats.mode, size: stats.size, changed: stats.ctimeMs };
}

function refusalOf(at: HostsFile): AppsApiError {
  try {
    writeHosts('/a', [LINE], at);
  } catch (error) {
    if (error instanceof AppsApiError) return error;
    throw error;
  }
  throw new Error('It was not refused.');
}

describe('a hosts file', () => {
  test('gets lines, and is what it was to the byte without them', () => {
    const at = hostsFile();
    chmodSync(at.file, 0o604);
    expect(writeHosts('/a', [LINE], at)).toBe(true);
    expect(readFileSync(at.file, 'latin1')).toBe(
      `# aka begin "/a"\n${LINE}\n# aka end "/a"\n${WRITTEN.toString('latin1')}`,
    );
    expect(statSync(at.file).mode & 0o777).toBe(0o604);
    const { ino } = statSync(at.file);
    expect(writeHosts('/a', [LINE], at)).toBe(false);
    expect(statSync(at.file).ino).toBe(ino);
    expect(writeHosts('/a', [], at)).toBe(true);
    expect(readFileSync(at.file)).toEqual(WRITTEN);
    expect(writeHosts('/a', [], at)).toBe(false);
    expect(readdirSync(at.folder)).toEqual(['hosts']);
  });

  test('is not written by two at once, and whole whenever it is read', async () => {
    const at = hostsFile('127.0.0.1 localhost\n');
    const program = join(at.folder, '..', 'writer.mjs');
    symlinkSync(join(import.meta.dirname, '../../../node_modules'), join(at.folder, '..', 'node_modules'));
    buildSync({
      entryPoints: [join(import.meta.dirname, 'writer.ts')],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
      external: ['@photostructure/sqlite'],
    });
    const state = { over: false, reads: 0 };
    const owners = ['a', 'b', 'c', 'd'];
    const writers = Promise.all(
      owners.map((owner) => promisify(execFile)(process.execPath, [program, at.file, at.lock, owner, '41'])),
    ).finally(() => {
      state.over = true;
    });
    while (!state.over) {
      const text = readFileSync(at.file, 'latin1');
      expect(text).toMatch(
        /^127\.0\.0\.1 localhost\n(?:# aka begin "(.)"\n127\.0\.0\.1 \1-\d+\.local\.localhost\n# aka end "\1"\n)*$/,
      );
      state.reads += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await writers;
    expect(state.reads).toBeGreaterThan(10);
    const text = readFileSync(at.file, 'latin1');
    for (const owner of owners) expect(text).toContain(`\n127.0.0.1 ${owner}-41.local.localhost\n`);
    for (const owner of owners) writeHosts(owner, [], at);
    expect(readFileSync(at.file, 'latin1')).toBe('127.0.0.1 localhost\n');
    expect(readdirSync(at.folder)).toEqual(['hosts']);
  });

  test('takes the place of what a killed process left', () => {
    const at = hostsFile();
    writeFileSync(`${at.file}.aka-draft`, 'half');
    expect(writeHosts('/a', [LINE], at)).toBe(true);
    expect(readdirSync(at.folder)).toEqual(['hosts']);
  });

  test.each<[why: string, how: (at: HostsFile) => void, says: string]>([
    [
      'a link to another',
      ({ file }) => {
        renameSync(file, `${file}.real`);
        symlinkSync(`${file}.real`, file);
      },
      'symbolic link',
    ],
    [
      'a folder',
      ({ file }) => {
        rmSync(file);
        mkdirSync(file);
      },
      'no regular file',
    ],
    ['not there', ({ file }) => rmSync(file), 'not there'],
    ['what others may write', ({ file }) => chmodSync(file, 0o666), 'may write'],
    ['known by another name', ({ file }) => linkSync(file, `${file}.2`), 'another name'],
    ['no text', ({ file }) => writeFileSync(file, 'a\0b'), 'no text'],
    ['endless', ({ file }) => writeFileSync(file, Buffer.alloc(16 * 1024 ** 2 + 1, 35)), 'too large'],
  ])('is left alone where it is %s', (_, how, says) => {
    const at = hostsFile();
    how(at);
    const before = stateOf(at);
    expect(refusalOf(at)).toMatchObject({
      id: 'strange_hosts_file',
      status: 409,
      message: expect.stringContaining(says),
    });
    expect(stateOf(at)).toEqual(before);
    expect(existsSync(`${at.file}.aka-draft`)).toBe(false);
  });
});
