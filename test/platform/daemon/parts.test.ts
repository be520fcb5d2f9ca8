import { type ChildProcess, spawn } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, test } from '@jest/globals';
import { buildSync } from 'esbuild';
import { findDaemon, needDaemon, stopDaemon } from '../../../src/client/daemon.js';
import { holderOf } from '../../../src/platform/files/process-lock.js';
import { readLogs } from '../../../src/platform/logs/read.js';
import { logsFolder } from '../../../src/platform/logs/segments.js';
import { sectionsOf, stopParts } from '../../../src/platform/parts.js';
import type { Folders } from '../../../src/platform/store/store.js';
import { refusal, temporaryFolder, temporaryFolders } from '../store/temporary.js';

let program: string | undefined;

/** The daemon of these tests in one file. */
function programFile(): string {
  if (program !== undefined) return program;
  const folder = temporaryFolder();
  symlinkSync(join(import.meta.dirname, '../../../node_modules'), join(folder, 'node_modules'));
  program = join(folder, 'daemon.mjs');
  buildSync({
    entryPoints: [join(import.meta.dirname, 'daemon.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['@photostructure/sqlite', '@oclif/core'],
    logLevel: 'error',
    banner: { js: "import{createRequire as make}from'node:module';const require=make(import.meta.url);" },
  });
  return program;
}

interface Daemon {
  readonly folders: Folders;
  readonly said: string[];
  readonly child: ChildProcess;
  readonly saidOf: (line: string) => Promise<void>;
  readonly ended: Promise<number | null>;
}

/** Runs a daemon with those parts as long as `act` takes, and no longer. */
async function withParts(parts: string[], act: (daemon: Daemon) => Promise<void>): Promise<void> {
  const folders = temporaryFolders();
  const child = spawn(process.execPath, [programFile(), folders.dataDir, folders.configDir, ...parts], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  const waiting = new Set<() => void>();
  let over = false;
  const wake = (): void => {
    for (const each of waiting) each();
  };
  createInterface({ input: child.stdout }).on('line', (line) => {
    said.push(line);
    wake();
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      over = true;
      wake();
      resolve(code);
    });
  });
  const saidOf = async (line: string): Promise<void> => {
    while (!said.includes(line)) {
      if (over) throw new Error(`It ended without saying ${line}: ${said.join('; ')}`);
      await new Promise<void>((resolve) => {
        waiting.add(resolve);
      });
    }
  };
  try {
    await act({ folders, said, child, saidOf, ended });
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

async function logOf({ dataDir }: Folders): Promise<string[]> {
  const lines: string[] = [];
  for await (const { line } of readLogs({ dir: logsFolder(dataDir), apps: ['platform'], lines: 1000 }))
    lines.push(line);
  return lines;
}

/** Of a part that is only asked something. */
const stop = (): Promise<void> => Promise.reject(new Error('That was not asked.'));

describe('what the daemon runs', () => {
  test('starts before it answers, is shown in its status, and stops in reverse', async () => {
    await withParts(['engine', 'router'], async ({ folders, said, saidOf, ended, child }) => {
      await saidOf('ready');
      const daemon = await needDaemon(folders.dataDir);
      expect(daemon).toMatchObject({ pid: child.pid, listen: null, token_file: null });
      expect(daemon.sections).toEqual([
        { name: 'engine', facts: { size_bytes: 1 } },
        { name: 'router', facts: { size_bytes: 1 } },
        { name: 'access', facts: { tokens: 0, turned_away: 0 } },
      ]);
      expect(holderOf(folders.dataDir, 'server')).toEqual({ pid: child.pid });
      expect(await stopDaemon(folders.dataDir)).toBe(true);
      expect(await ended).toBe(0);
      expect(said).toEqual(['engine starts', 'router starts', 'ready', 'router stops', 'engine stops']);
      expect(holderOf(folders.dataDir, 'server')).toBeUndefined();
      expect(await stopDaemon(folders.dataDir)).toBe(false);
      expect(await findDaemon(folders.dataDir)).toBeUndefined();
      expect(await refusal(needDaemon(folders.dataDir))).toMatchObject({
        id: 'not_running',
        status: 503,
        hint: 'Start it: aka platform:start',
      });
    });
  });

  test('is all stopped if one of it can not be started', async () => {
    await withParts(['engine', 'router:unstartable', 'other'], async ({ folders, said, ended }) => {
      expect(await ended).not.toBe(0);
      expect(said).toEqual(['engine starts', 'router starts', 'engine stops']);
      expect(holderOf(folders.dataDir, 'server')).toBeUndefined();
    });
  });

  test('does not keep the rest from stopping in order', async () => {
    await withParts(['engine', 'router:unstoppable'], async ({ folders, said, saidOf, ended, child }) => {
      await saidOf('ready');
      child.kill('SIGTERM');
      expect(await ended).toBe(0);
      expect(said.slice(-2)).toEqual(['router stops', 'engine stops']);
      expect((await logOf(folders)).slice(1)).toEqual([
        'Stopping.',
        'router did not stop in order: no way',
        'Stopped.',
      ]);
    });
  });

  test('is not waited for without end', async () => {
    const notes: string[] = [];
    const never = { name: 'router', stop: () => new Promise<void>(() => {}) };
    let stopped = false;
    const engine = {
      name: 'engine',
      async stop() {
        stopped = true;
      },
    };
    await stopParts([engine, never], (line) => notes.push(line), 10);
    expect(notes).toEqual(['router did not stop in order: it took more than 0.01 s']);
    expect(stopped).toBe(true);
  });

  test('does not keep the daemon from being asked, and stopped, when it has no answer', async () => {
    const parts = [
      { name: 'engine', stop, status: () => new Promise<never>(() => {}) },
      { name: 'router', stop, status: () => Promise.reject(new Error('password=hunter22')) },
      { name: 'quiet', stop },
      { name: 'news', stop, status: async () => ({ name: 'news', facts: { good: 'none' } }) },
    ];
    expect(await sectionsOf(parts, 10)).toEqual([
      { name: 'engine', facts: { problem: 'it took more than 0.01 s' } },
      { name: 'router', facts: { problem: 'it failed to say' } },
      { name: 'news', facts: { good: 'none' } },
    ]);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('is left behind at a second signal, %s', async (signal) => {
    await withParts(['engine:endless'], async ({ saidOf, ended, child, folders }) => {
      await saidOf('ready');
      child.kill('SIGTERM');
      await saidOf('engine stops');
      child.kill(signal);
      expect(await ended).toBe(1);
      expect(holderOf(folders.dataDir, 'server')).toBeUndefined();
    });
  });

  test.each(['throws', 'rejects'])(
    'ends with the whole daemon when it %s where nobody catches it',
    async (how) => {
      await withParts([`engine:${how}`], async ({ saidOf, said, ended, child, folders }) => {
        await saidOf('ready');
        child.kill('SIGUSR2');
        expect(await ended).toBe(70);
        expect(said).not.toContain('engine stops');
        const log = await logOf(folders);
        expect(log[1]).toMatch(/^A defect in aka: (?:TypeError|Error): a surprise/);
        expect(log[2]).toMatch(/^ +at /);
        expect(log.join('\n')).not.toContain('hunter22');
      });
    },
  );
});
