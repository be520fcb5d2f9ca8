import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { BuildProgram, BuildRunner, RunningStep } from '../../../src/platform/builds/build-engine.js';

/** Runs programs of builds as plain processes, as an engine does where there are no namespaces. */
export class PlainRunner implements BuildRunner {
  readonly facts = { mode: 'loopback' as const };
  readonly network = { env: {}, hosts: [] };
  readonly ran: BuildProgram[] = [];
  private readonly running = new Map<string, { child: ChildProcess; exit: Promise<unknown> }>();

  ownerOf(): undefined {
    return undefined;
  }

  async run(program: BuildProgram): Promise<RunningStep> {
    this.ran.push(program);
    const [command, ...args] = program.program.argv;
    const child = spawn(command, args, {
      cwd: program.slug,
      env: { ...program.program.env, HOME: program.slug },
      detached: true,
      stdio: 'pipe',
    });
    const exit = once(child, 'exit').then(([code, signal]) => {
      end(child, 'SIGKILL');
      return { code: code as number | null, signal: signal as NodeJS.Signals | null };
    });
    this.running.set(program.id, { child, exit });
    const { stdin, stdout, stderr } = child;
    return { stdin, stdout, stderr, exit };
  }

  async stop(id: string, graceMs: number): Promise<void> {
    const found = this.running.get(id);
    if (found === undefined) return;
    if (graceMs > 0) end(found.child, 'SIGTERM');
    const timer = setTimeout(() => end(found.child, 'SIGKILL'), graceMs);
    await found.exit;
    clearTimeout(timer);
    this.running.delete(id);
  }

  get left(): number {
    return this.running.size;
  }
}

function end({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // It has ended.
  }
}
