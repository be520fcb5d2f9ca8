import { spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { DaemonStatus } from '../../contract/daemon.js';
import { AppsApiError } from '../../contract/errors.js';
import { clearOldDrafts, draftOf } from '../files/drafts.js';
import { privateFolder } from '../files/private-files.js';
import { builtFile } from '../machine/built-file.js';

export interface Launch {
  readonly dataDir: string;
  /** Serves in the foreground, prints one JSON document if it fails, and ends at SIGTERM. */
  readonly command: readonly [program: string, ...args: string[]];
  /** All that it gets of the environment. */
  readonly env: Readonly<Record<string, string>>;
  /** The daemon that answers now, if one does. */
  readonly ask: () => Promise<DaemonStatus | undefined>;
}

/** What came of it. */
export type Launched =
  | { readonly kind: 'running'; readonly status: DaemonStatus; readonly own: boolean }
  /** It ended; `result` is what it said on standard output, `said` the end of what it said beside that. */
  | { readonly kind: 'ended'; readonly code: number | null; readonly result: string; readonly said: string }
  /** It neither ended nor answers. */
  | { readonly kind: 'pending'; readonly pid: number };

/** How long it may take to answer, in milliseconds: longer than it waits for one that is just stopping. */
const STARTING = { bound: 45_000, look: 25 };

/** How much of what it says is read, in bytes. */
const SAID_MAX = 16 * 1024;

/** What a daemon wrote to standard error: nothing, unless Node itself dies. */
export function lastWordsFile(dataDir: string): string {
  return join(dataDir, 'daemon.stderr');
}

/**
 * Starts a daemon under a supervisor in the background, in a session of its own, so that both outlive the terminal. Waits
 * until a daemon answers: this one, or another that was quicker.
 */
export async function launch({ dataDir, command, env, ask }: Launch): Promise<Launched> {
  privateFolder(dataDir);
  const file = join(dataDir, 'start');
  clearOldDrafts(file);
  const result = openSync(draftOf(file), 'wx+', 0o600);
  // Nameless from here on: however this ends, nothing is left behind.
  unlinkSync(draftOf(file));
  const errors = openSync(lastWordsFile(dataDir), 'a+', 0o600);
  const before = fstatSync(errors).size;
  try {
    const [program, ...args] = supervised(dataDir, command);
    const child = spawn(program, args, { cwd: '/', env, detached: true, stdio: ['ignore', result, errors] });
    let ended: { code: number | null } | undefined;
    const over = new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => {
        ended = { code };
        resolve();
      });
    });
    child.unref();
    const deadline = Date.now() + STARTING.bound;
    while (Date.now() < deadline) {
      const status = await ask();
      const own = status?.supervisor === child.pid;
      if (status !== undefined && (own || ended !== undefined)) return { kind: 'running', status, own };
      if (ended !== undefined) {
        return { kind: 'ended', code: ended.code, result: read(result, 0), said: read(errors, before) };
      }
      await Promise.race([over, pause(STARTING.look)]);
    }
    return { kind: 'pending', pid: child.pid ?? 0 };
  } finally {
    closeSync(result);
    closeSync(errors);
  }
}

/** Makes a command for the supervisor that runs a daemon. It needs little memory: its heap is kept small. */
function supervised(dataDir: string, command: Launch['command']): Launch['command'] {
  const supervisor = builtFile('supervisor.cjs');
  if (supervisor === undefined)
    throw new AppsApiError({
      id: 'incomplete_installation',
      status: 500,
      message: 'dist/supervisor.cjs of aka is missing.',
      hint: 'Reinstall aka, or run: npm run build',
    });
  const lean = ['--max-old-space-size=16', '--max-semi-space-size=1'];
  return [process.execPath, ...lean, supervisor, dataDir, ...command];
}

/** The end of what is in a file from a place on. */
function read(fd: number, from: number): string {
  const { size } = fstatSync(fd);
  const start = Math.max(from, size - SAID_MAX);
  const bytes = Buffer.alloc(Math.max(0, size - start));
  return bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, start));
}
