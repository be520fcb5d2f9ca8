import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appoint, type Death, isCurrent, SERVING, withSupervision } from './supervision.js';

export interface Supervised {
  readonly dataDir: string;
  /** Starts the daemon in the foreground. */
  readonly command: readonly [program: string, ...args: string[]];
}

/** The pause before a restart, in milliseconds: none at first, then longer each time, up to `longest`. */
const PAUSE = { first: 500, longest: 30_000 };
/** The exit code of a shell for a program that isn't there. */
const NOT_FOUND = 127;
/** A daemon that served for so long, in milliseconds, is restarted without a pause when it dies. */
const HEALTHY = 60_000;

/**
 * Runs a daemon, and runs it again whenever it dies, until it ends by itself (exit code 0), this process gets SIGTERM,
 * SIGINT or SIGHUP, or the supervisor is dismissed or replaced. A daemon that never got to serve is not restarted: its
 * exit code becomes that of this process, so that the reason is reported at once.
 */
export function supervise({ dataDir, command }: Supervised): void {
  const id = randomUUID();
  const [program, ...args] = command;
  let child: ChildProcess | undefined;
  let waiting: NodeJS.Timeout | undefined;
  let hasServed = false;
  let isStopping = false;
  let pause = 0;
  let restarts = 0;
  let lastDeath: Death | null = null;

  const start = (): void => {
    if (hasServed && !isCurrent(dataDir, id)) process.exit(0);
    child = spawn(program, args, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: withSupervision(process.env, { id, restarts, lastDeath }),
    });
    let healthy: NodeJS.Timeout | undefined;
    child.on('message', (message) => {
      if (message !== SERVING) return;
      hasServed = true;
      appoint(dataDir, id);
      healthy = setTimeout(() => (pause = 0), HEALTHY);
    });
    child.once('error', (error) => {
      process.stderr.write(`${error.message}\n`);
      process.exit(NOT_FOUND);
    });
    child.once('exit', (code, signal) => {
      clearTimeout(healthy);
      if (isStopping || code === 0 || !hasServed) return endAs(code, signal);
      restarts += 1;
      lastDeath = { how: howOf(code, signal), at: new Date().toISOString() };
      waiting = setTimeout(start, pause);
      pause = Math.min(Math.max(2 * pause, PAUSE.first), PAUSE.longest);
    });
  };

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => {
      isStopping = true;
      clearTimeout(waiting);
      if (child?.exitCode !== null || child.signalCode !== null) process.exit(0);
      child.kill(signal);
    });
  }
  start();
}

/** Ends this process as the daemon ended. */
function endAs(code: number | null, signal: NodeJS.Signals | null): void {
  if (signal === null) process.exit(code ?? 1);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

function howOf(code: number | null, signal: string | null): string {
  if (signal !== null) return `killed by ${signal}`;
  return code === 70 ? 'a defect in aka (exit code 70)' : `exit code ${code}`;
}
