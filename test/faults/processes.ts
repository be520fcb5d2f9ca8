import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Folders } from '../../src/platform/store/store.js';
import { bundledProgram } from '../bundled-program.js';

let driver: string | undefined;

function driverFile(): string {
  driver ??= bundledProgram(join(import.meta.dirname, 'driver.ts'));
  return driver;
}

export interface Outcome {
  /** What it said, a value a line. */
  readonly said: readonly unknown[];
  readonly signal: string | null;
  readonly code: number | null;
  readonly stderr: string;
}

export interface Running {
  readonly pid: number;
  readonly said: readonly unknown[];
  /** Waits until it has said more than so many values. Fails if it ends before. */
  saidMoreThan(count: number): Promise<void>;
  /** Lets it start, when it is ready. */
  start(): Promise<void>;
  kill(): void;
  readonly ended: Promise<Outcome>;
}

/** Starts a task of the driver in a process of its own. */
export function launch(task: string, { dataDir, configDir }: Folders, ...rest: string[]): Running {
  const { NODE_OPTIONS: _, NODE_EXTRA_CA_CERTS: __, ...env } = process.env;
  const child: ChildProcess = spawn(process.execPath, [driverFile(), task, dataDir, configDir, ...rest], {
    env,
  });
  const said: unknown[] = [];
  let stderr = '';
  let ready: () => void;
  const isReady = new Promise<void>((resolve) => {
    ready = resolve;
  });
  if (child.stdout === null || child.stderr === null) throw new Error('The process has no output.');
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    const value: unknown = JSON.parse(line);
    if (value === 'ready') ready();
    else said.push(value);
  });
  child.stderr.on('data', (text: Buffer) => {
    stderr += text.toString();
  });
  let isOver = false;
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      isOver = true;
      ready();
      resolve({ said, signal, code, stderr });
    });
  });
  return {
    pid: child.pid ?? 0,
    said,
    ended,
    kill: () => void child.kill('SIGKILL'),
    async saidMoreThan(count) {
      while (said.length <= count) {
        if (isOver) throw new Error(`The process ended by itself: ${stderr}`);
        await new Promise(setImmediate);
      }
    },
    async start() {
      await isReady;
      child.stdin?.end('!');
    },
  };
}

/** Does something for each of some items, a few at a time. */
export async function inTurns<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = items.values();
  const worker = async (): Promise<void> => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
