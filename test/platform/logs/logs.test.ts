import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { buildSync } from 'esbuild';
import { array, assert, constantFrom, nat, property, string } from 'fast-check';
import type { LogEntry } from '../../../src/contract/logs.js';
import { textOf } from '../../../src/platform/logs/entry.js';
import { LineSplitter } from '../../../src/platform/logs/line-splitter.js';
import { type LogsOptions, openLogs } from '../../../src/platform/logs/logs.js';
import { type ReadLogs, readLogs } from '../../../src/platform/logs/read.js';
import { SecretSet } from '../../../src/platform/logs/secret-set.js';
import { logsUsage, segmentFile } from '../../../src/platform/logs/segments.js';
import { temporaryFolder } from '../store/temporary.js';

const WEB = { app: 'app', dyno: 'web.1', stream: 'stdout' } as const;

function open(options: Partial<LogsOptions> = {}) {
  const dir = options.dir ?? temporaryFolder();
  return { dir, logs: openLogs({ ...options, dir }) };
}

/** Of whatever app. */
function secrets(...all: string[]): Pick<LogsOptions, 'secretsOf'> {
  const set = new SecretSet(all);
  return { secretsOf: () => set };
}

async function read(dir: string, more: Partial<ReadLogs> = {}): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  for await (const entry of readLogs({ dir, apps: ['app'], lines: Number.POSITIVE_INFINITY, ...more })) {
    entries.push(entry);
  }
  return entries;
}

async function linesOf(dir: string, more: Partial<ReadLogs> = {}): Promise<string[]> {
  return (await read(dir, more)).map(({ line }) => line);
}

function numbered(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}`);
}

/** Reads so many entries of a log that is followed, and leaves. */
async function follow(entries: AsyncIterable<LogEntry>, count: number): Promise<string[]> {
  const lines: string[] = [];
  for await (const { line } of entries) if (lines.push(line) === count) break;
  return lines;
}

/** A program of this folder, in one file. */
function built(name: string): string {
  const outfile = join(temporaryFolder(), `${name}.mjs`);
  buildSync({
    entryPoints: [join(import.meta.dirname, `${name}.ts`)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
  return outfile;
}

/** Whether a file system of any size can be had, in a namespace of its own. */
function canFillADisk(): boolean {
  const words = ['-Urm', '/bin/sh', '-c', 'mount -t tmpfs none /mnt'];
  return spawnSync('unshare', words, { stdio: 'ignore' }).status === 0;
}

/** A test that this machine can't run: says so, and is counted as skipped. */
function notTested(name: string): void {
  process.stderr.write(`NOT TESTED on this machine: logs ${name}\n`);
  test.skip(name, () => {});
}

describe('what streams say becomes lines', () => {
  test('however it is cut, and in whatever script', () => {
    const text = string({ unit: constantFrom('a', 'é', '€', '😀', '\n', '\r', '\0', '\u001b') });
    assert(
      property(text, array(nat(12)), (said, cuts) => {
        const bytes = Buffer.from(said);
        const splitter = new LineSplitter(1000);
        const lines: string[] = [];
        let start = 0;
        for (const size of [...cuts, bytes.length]) {
          lines.push(...splitter.take(bytes.subarray(start, start + size)));
          start = Math.min(bytes.length, start + size);
        }
        lines.push(...splitter.end());
        const expected = said.split('\n').map((line) => line.replace(/\r$/, ''));
        // What has no end at the end is as it was said, carriage return and all.
        expected[expected.length - 1] = said.slice(said.lastIndexOf('\n') + 1);
        if (expected.at(-1) === '') expected.pop();
        expect(lines).toEqual(expected);
      }),
    );
  });

  test('a long one becomes several, none of them with half a character', () => {
    const splitter = new LineSplitter(10);
    const lines = [...splitter.take(Buffer.from('€'.repeat(20))), ...splitter.end()];
    expect(lines.join('')).toBe('€'.repeat(20));
    expect(Math.max(...lines.map((line) => Buffer.byteLength(line)))).toBeLessThanOrEqual(10);
  });

  test('binary output is kept, harmless, and takes no more than its share', () => {
    const splitter = new LineSplitter(10);
    const lines = [...splitter.take(Buffer.alloc(100, 0x80)), ...splitter.end()];
    expect(lines.join('')).toBe('\ufffd'.repeat(100));
  });
});

describe('logs', () => {
  test('keep who said what and when, one line an entry, lines of dynos and streams apart', async () => {
    const at = '2026-03-01T12:00:00.123Z';
    const { dir, logs } = open({ now: () => new Date(at) });
    await logs.write(WEB, 'half');
    await logs.write({ ...WEB, dyno: 'web.2' }, 'other ');
    await logs.write({ ...WEB, stream: 'stderr' }, 'oh\n');
    await logs.write(WEB, ' and half\n');
    await logs.write({ ...WEB, dyno: 'web.2' }, Buffer.from([0x1b, 0x5b, 0x32, 0x4a, 0x0a]));
    await logs.close();
    expect(await read(dir)).toEqual([
      { ...WEB, at, stream: 'stderr', line: 'oh' },
      { ...WEB, at, line: 'half and half' },
      { ...WEB, at, dyno: 'web.2', line: 'other \u001b[2J' },
    ]);
    expect(statSync(segmentFile(join(dir, 'app'), 1)).mode & 0o777).toBe(0o600);
    expect(readFileSync(segmentFile(join(dir, 'app'), 1), 'latin1')).not.toMatch(/[^ -~\n]/);
  });

  test('never mix up what a dyno and its replacement say at the same time', async () => {
    const { dir, logs } = open(secrets('hunter2'));
    const [old, fresh] = [
      { ...WEB, program: 'a' },
      { ...WEB, program: 'b' },
    ];
    await logs.write(old, 'old hun');
    await logs.write(fresh, 'new hun');
    logs.end(fresh);
    await logs.write(old, 'ter2\n');
    await logs.close();
    expect(await linesOf(dir)).toEqual(['new hun', 'old [redacted]']);
    expect((await read(dir)).every((entry) => !('program' in entry))).toBe(true);
  });

  test('have the last words of a dyno that is over', async () => {
    const { dir, logs } = open();
    await logs.write(WEB, 'without an end');
    await logs.flush();
    expect(await linesOf(dir)).toEqual([]);
    logs.end(WEB);
    await logs.flush();
    expect(await linesOf(dir)).toEqual(['without an end']);
  });

  test('are on disk within a moment, without being asked', async () => {
    const { dir, logs } = open();
    const end = new AbortController();
    const first = follow(readLogs({ dir, apps: ['app'], lines: 0, follow: end.signal }), 1);
    const started = performance.now();
    await logs.write(WEB, 'soon\n');
    expect(await first).toEqual(['soon']);
    // The bound is a poll that only happens where nothing is told of changes.
    expect(performance.now() - started).toBeLessThan(1500);
  });

  test('have no secret of the app, however it is cut, in the end without an end', async () => {
    const { dir, logs } = open({ ...secrets('hunter2', 'first\nsecond'), limits: { line: 12 } });
    await logs.write(WEB, 'it is hun');
    await logs.write({ ...WEB, stream: 'stderr' }, 'hun');
    await logs.write(WEB, 'ter2\nfirst\n');
    await logs.write(WEB, 'second\n0123456hunter2\nhunt');
    await logs.write({ ...WEB, stream: 'stderr' }, 'ter2');
    await logs.close();
    const said = await read(dir);
    const of = (stream: string) => said.filter((each) => each.stream === stream).map(({ line }) => line);
    // Long lines are cut after they are masked.
    expect(of('stdout')).toEqual(['it is [redac', 'ted]', '[redacted]', '0123456[reda', 'cted]', 'hunt']);
    expect(of('stderr')).toEqual(['[redacted]']);
  });

  test('hold a line back that could be the start of a secret, but not for long', async () => {
    const { dir, logs } = open(secrets('first\nsecond'));
    const end = new AbortController();
    const followed = follow(readLogs({ dir, apps: ['app'], lines: 0, follow: end.signal }), 1);
    const started = performance.now();
    await logs.write(WEB, 'first\nsec');
    await logs.flush();
    expect(await linesOf(dir)).toEqual([]);
    expect(await followed).toEqual(['first']);
    expect(performance.now() - started).toBeGreaterThan(400);
    await logs.write(WEB, 'ret\nfirst\nsecond\n');
    await logs.close();
    expect(await linesOf(dir)).toEqual(['first', 'secret', '[redacted]']);
  });

  test('have nothing of what secrets could not be told of, and say so', async () => {
    let broken = true;
    const { dir, logs } = open({
      secretsOf: () => {
        if (broken) throw new Error('no key');
        return new SecretSet(['hunter2']);
      },
    });
    await logs.write(WEB, 'hunter2\nhunter2\n');
    broken = false;
    await logs.write(WEB, 'hunter2!\n');
    await logs.close();
    expect(await linesOf(dir)).toEqual([
      '2 lines lost: what is secret in them could not be told',
      '[redacted]!',
    ]);
  });

  test('take no more room than they may, and lose the first lines', async () => {
    const { dir, logs } = open({ limits: { segment: 2000, app: 10_000 } });
    for (let n = 1; n <= 2000; n += 1) {
      await logs.write(WEB, `line ${n}\n`);
      if (n % 10 === 0) await logs.flush();
    }
    await logs.close();
    const kept = await linesOf(dir);
    expect(kept).toEqual(numbered(2001 - kept.length, 2000));
    expect(kept.length).toBeGreaterThan(50);
    expect(await logsUsage(dir)).toBeLessThanOrEqual(10_000);
    expect(await logs.usage()).toBe(await logsUsage(dir));
  });

  test('of all apps together have a limit: the app with the most gives way', async () => {
    const { dir, logs } = open({ limits: { segment: 1000, app: 100_000, total: 10_000 } });
    await logs.write({ ...WEB, app: 'quiet' }, 'still here\n');
    for (let n = 1; n <= 500; n += 1) {
      await logs.write(WEB, `line ${n}\n`);
      if (n % 5 === 0) await logs.flush();
    }
    await logs.close();
    expect(await logsUsage(dir)).toBeLessThanOrEqual(12_000);
    expect(await linesOf(dir, { apps: ['quiet'] })).toEqual(['still here']);
    expect((await linesOf(dir, { lines: 1 }))[0]).toBe('line 500');
  });

  test('of apps that are gone go, too, and that of the platform stays', async () => {
    const { dir, logs } = open();
    for (const app of ['app', 'gone', 'platform']) await logs.write({ ...WEB, app }, 'here\n');
    await logs.flush();
    await logs.prune(async () => new Set(['app']));
    expect(readdirSync(dir).sort()).toEqual(['app', 'platform']);
    await logs.write({ ...WEB, app: 'gone' }, 'again\n');
    await logs.close();
    expect(await linesOf(dir, { apps: ['gone'] })).toEqual(['again']);
  });

  test('survive a disk that takes nothing for a while: the dyno goes on, and what is lost is counted', async () => {
    const { dir, logs } = open();
    await logs.write(WEB, 'before\n');
    await logs.flush();
    const folder = join(dir, 'app');
    const kept = readFileSync(segmentFile(folder, 1));
    // A folder where the file should be: nothing can be written, by root neither.
    rmSync(segmentFile(folder, 1));
    mkdirSync(segmentFile(folder, 1));
    await logs.write(WEB, 'lost\nlost, too\n');
    await logs.flush();
    rmSync(segmentFile(folder, 1), { recursive: true });
    writeFileSync(segmentFile(folder, 1), kept);
    await logs.write(WEB, 'after\n');
    await logs.close();
    expect(await linesOf(dir)).toEqual(['before', '2 lines lost: EISDIR', 'after']);
  });

  const full = canFillADisk() ? test : notTested;
  full('survive a full disk: what got there is whole, what did not is counted', () => {
    const dir = temporaryFolder();
    const words = [
      '-Urm',
      '/bin/sh',
      '-c',
      'mount -t tmpfs -o size=64k,mode=700 none "$1" && exec "$2" "$3" "$1"',
    ];
    const program = built('full-disk');
    const said = execFileSync('unshare', [...words, 'sh', dir, process.execPath, program], {
      encoding: 'utf8',
    });
    const lines = JSON.parse(said) as string[];
    const kept = lines.filter((line) => line.startsWith('line ')).map((line) => line.trim());
    expect(kept).toEqual(numbered(1, kept.length));
    expect(kept.length).toBeGreaterThan(5);
    expect(lines.slice(kept.length)).toEqual([`${100 - kept.length} lines lost: ENOSPC`, 'after']);
  });

  test('go on behind half a line that a full disk or a killed writer left', async () => {
    const { dir, logs } = open();
    await logs.write(WEB, 'before\n');
    await logs.close();
    appendFileSync(segmentFile(join(dir, 'app'), 1), '{"at":"2026-');
    const next = open({ dir });
    await next.logs.write(WEB, 'after\n');
    await next.logs.close();
    expect(await linesOf(dir)).toEqual(['before', 'after']);
  });

  test('make a fast writer wait, and hold a bounded number of lines of one that does not', async () => {
    const { dir, logs } = open({ limits: { queue: 100_000 } });
    const line = `${'x'.repeat(1000)}\n`;
    const writes = Array.from({ length: 500 }, () => logs.write(WEB, line));
    await Promise.all(writes);
    await logs.close();
    const lines = await linesOf(dir);
    const lost = Number(/^(\d+) lines lost/.exec(lines.find((each) => each.includes('lost')) ?? '')?.[1]);
    expect(lost).toBeGreaterThan(300);
    expect(lines.length - 1 + lost).toBe(500);
    const patient = open({ limits: { queue: 100_000 } });
    for (let n = 0; n < 500; n += 1) await patient.logs.write(WEB, line);
    await patient.logs.close();
    expect(await linesOf(patient.dir)).toHaveLength(500);
  });

  test('refuse an id that is a path', async () => {
    const { logs } = open();
    await expect(logs.write({ ...WEB, app: '../app' }, 'x\n')).rejects.toThrow(TypeError);
  });
});

describe('who reads logs', () => {
  test('gets the last lines, also across files', async () => {
    const { dir, logs } = open({ limits: { segment: 1000 } });
    for (const line of numbered(1, 100)) {
      await logs.write(WEB, `${line}\n`);
      await logs.flush();
    }
    expect(await linesOf(dir, { lines: 40 })).toEqual(numbered(61, 100));
    expect(await linesOf(dir, { lines: 0 })).toEqual([]);
    expect(await linesOf(dir, { lines: 1000 })).toEqual(numbered(1, 100));
  });

  test('gets those of one dyno, or of one type', async () => {
    const { dir, logs } = open();
    for (const dyno of ['web.1', 'web.10', 'worker.1', 'web.1'])
      await logs.write({ ...WEB, dyno }, `${dyno}\n`);
    await logs.close();
    expect(await linesOf(dir, { dyno: 'web.1', lines: 1 })).toEqual(['web.1']);
    expect(await linesOf(dir, { dyno: 'web.1' })).toEqual(['web.1', 'web.1']);
    expect(await linesOf(dir, { dyno: 'web' })).toEqual(['web.1', 'web.10', 'web.1']);
  });

  test('gets the lines of several apps by their times, the last of all of them', async () => {
    let at = 0;
    const { dir, logs } = open({ now: () => new Date((at += 1000)) });
    for (const n of [1, 2, 3, 4, 5, 6, 7, 8, 9])
      await logs.write({ ...WEB, app: n % 3 === 0 ? 'third' : 'other' }, `line ${n}\n`);
    await logs.close();
    const apps = ['other', 'third', 'silent'];
    expect(await linesOf(dir, { apps })).toEqual(numbered(1, 9));
    expect(await linesOf(dir, { apps, lines: 4 })).toEqual(numbered(6, 9));
  });

  test('holds little of a large log in memory', async () => {
    const dir = temporaryFolder();
    mkdirSync(join(dir, 'app'));
    const file = segmentFile(join(dir, 'app'), 1);
    const facts = { ...WEB, at: '2026-03-01T12:00:00.000Z' };
    const block = textOf({ ...facts, line: 'x'.repeat(1000) }).repeat(10_000);
    for (let n = 0; n < 10; n += 1) appendFileSync(file, block);
    appendFileSync(file, textOf({ ...facts, line: 'last' }));
    expect(statSync(file).size).toBeGreaterThan(100_000_000);
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    const lines: string[] = [];
    for await (const { line } of readLogs({ dir, apps: ['app'], lines: 100 })) {
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
      lines.push(line);
    }
    expect(lines).toHaveLength(100);
    expect(lines.at(-1)).toBe('last');
    expect(most).toBeLessThan(10_000_000);
  });

  test('is not led astray by what is no entry, however long', async () => {
    const { dir, logs } = open();
    await logs.write(WEB, 'before\n');
    await logs.close();
    const file = segmentFile(join(dir, 'app'), 1);
    appendFileSync(file, `${'x'.repeat(1_000_000)}\n{"at":1}\n[]\nnull\n\n`);
    const next = open({ dir });
    await next.logs.write(WEB, 'after\n');
    await next.logs.close();
    expect(await linesOf(dir)).toEqual(['before', 'after']);
    expect(await linesOf(dir, { lines: 2 })).toEqual(['before', 'after']);
  });

  test('follows another process through its rotations, until that is killed and after', async () => {
    const dir = temporaryFolder();
    const writer = spawn(process.execPath, [built('writer'), dir, '100'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const over = once(writer, 'close');
    const end = new AbortController();
    try {
      await once(writer.stdout, 'data');
      const entries = readLogs({ dir, apps: ['app'], lines: 50, follow: end.signal });
      const seen = await follow(entries, 3000);
      const first = Number(seen[0]?.split(' ')[1]);
      expect(seen).toEqual(numbered(first, first + 2999));
    } finally {
      writer.kill('SIGKILL');
      await over;
    }
    const { logs } = open({ dir });
    const next = follow(readLogs({ dir, apps: ['app'], lines: 0, follow: end.signal }), 1);
    await logs.write(WEB, 'back again\n');
    expect(await next).toEqual(['back again']);
    await logs.close();
  });

  test('stops when told to, also while there is nothing to read', async () => {
    const dir = temporaryFolder();
    const end = new AbortController();
    const entries = linesOf(dir, { follow: end.signal });
    setImmediate(() => end.abort());
    expect(await entries).toEqual([]);
  });
});
