import { spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { DaemonStatus } from '../../contract/daemon.js';
import { clearOldDrafts, draftOf } from '../files/drafts.js';
import { privateFolder } from '../files/private-files.js';

export interface Launch {
  readonly dataDir: string;
  /** What serves in the foreground, says in one JSON document what failed, and ends at SIGTERM. */
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
 * Starts a process in the background, in a session of its own, so that it outlives the terminal, and waits until the
 * daemon answers: this one, or another that was quicker.
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
    const [program, ...args] = command;
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
      if (status !== undefined && (status.pid === child.pid || ended !== undefined)) {
        return { kind: 'running', status, own: status.pid === child.pid };
      }
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

/** The end of what is in a file from a place on. */
function read(fd: number, from: number): string {
  const { size } = fstatSync(fd);
  const start = Math.max(from, size - SAID_MAX);
  const bytes = Buffer.alloc(Math.max(0, size - start));
  return bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, start));
}
