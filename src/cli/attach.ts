import { once } from 'node:events';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import type { RemoteRun } from '../client/remote-run.js';
import type { ProgramExit, RunOrder, TerminalSize } from '../contract/tunnels.js';
import { rawTerminal } from './raw-terminal.js';
import { atInterrupt } from './signals.js';

/** What ends this process ends the program, too. */
const ENDING = ['SIGTERM', 'SIGHUP'] as const;

/** The terminal that a program gets where this process has one. */
export function terminalHere(env: NodeJS.ProcessEnv): NonNullable<RunOrder['terminal']> {
  // Undefined where it is no terminal, whatever its type says.
  const { rows, columns }: Partial<TerminalSize> = process.stdout;
  const kind = env.TERM ?? '';
  return {
    // One that was never given a size says 0.
    rows: rows || 24,
    columns: columns || 80,
    kind: /^[A-Za-z0-9+._-]{1,64}$/.test(kind) ? kind : 'dumb',
  };
}

/**
 * Joins a program to the streams of this process until it ends. At a terminal every key goes to it; without one Ctrl-C
 * is passed on as a signal. Rejects with an AppsApiError if the connection is lost.
 */
export async function attach(
  run: RemoteRun,
  { terminal, stdout }: { readonly terminal: boolean; readonly stdout: NodeJS.WriteStream },
): Promise<ProgramExit> {
  const { stdin } = process;
  const restore = terminal && stdin.isTTY ? rawTerminal(stdin) : (): void => undefined;
  const resized = (): void => {
    const { rows, columns } = process.stdout;
    if (rows > 0 && columns > 0) run.resize({ rows, columns });
  };
  const leave = (signal: NodeJS.Signals): void => {
    run.close();
    restore();
    process.exit(exitCodeOf({ code: null, signal }));
  };
  atInterrupt(() => run.signal('SIGINT'));
  for (const signal of ENDING) process.once(signal, leave);
  if (terminal) process.stdout.on('resize', resized);
  try {
    stdin.pipe(run.stdin);
    const printed = [shown(run.stdout, stdout), shown(run.stderr, process.stderr)];
    const exit = await run.exit;
    await Promise.all(printed);
    return exit;
  } finally {
    restore();
    for (const signal of ENDING) process.off(signal, leave);
    process.stdout.off('resize', resized);
    stdin.unpipe(run.stdin);
    stdin.pause();
    // A pipe that stays open must not keep this process.
    stdin.unref();
  }
}

/** Resolves when all of it was handed to the stream. */
async function shown(from: Readable, to: NodeJS.WriteStream): Promise<void> {
  const end = once(from, 'end');
  from.pipe(to, { end: false });
  await end;
}

/** What a shell makes of the end of a program. */
export function exitCodeOf({ code, signal }: ProgramExit): number {
  const number = signal === null ? undefined : constants.signals[signal as NodeJS.Signals];
  return code ?? 128 + (number ?? 0);
}
