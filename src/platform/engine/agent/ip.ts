import { spawn } from 'node:child_process';
import { EngineError } from '../engine.js';
import { TOOL_ENV } from './tool-env.js';

interface Waiting {
  readonly commands: readonly string[];
  readonly resolve: () => void;
  readonly reject: (error: EngineError) => void;
}

/**
 * iproute2's `ip`, one process at a time: what is asked while one runs goes to the next together, so that a hundred
 * dynos need a few processes. Each request stands or falls by its own commands.
 */
export class Ip {
  private waiting: Waiting[] = [];
  private running = false;

  /** Runs `ip` commands (without the word) in order. Rejects with the first one's message that fails. */
  run(...commands: readonly string[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ commands, resolve, reject });
      if (!this.running) void this.work();
    });
  }

  private async work(): Promise<void> {
    this.running = true;
    while (this.waiting.length > 0) {
      const batch = this.waiting;
      this.waiting = [];
      const failed = await failures(batch.flatMap(({ commands }) => commands));
      let line = 0;
      for (const { commands, resolve, reject } of batch) {
        const at = commands.findIndex((_, index) => failed.has(line + index + 1));
        if (at === -1) resolve();
        else {
          const why = failed.get(line + at + 1) ?? '';
          reject(new EngineError('failed', `ip ${commands[at] ?? ''}: ${why}`));
        }
        line += commands.length;
      }
    }
    this.running = false;
  }
}

/** What went wrong, by the number of the line. */
async function failures(lines: readonly string[]): Promise<Map<number, string>> {
  const failed = new Map<number, string>();
  const child = spawn('ip', ['-force', '-batch', '-'], {
    env: TOOL_ENV,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  // If it can't be started or dies early, `close` says so below.
  child.stdin.on('error', () => undefined).end(`${lines.join('\n')}\n`);
  const trouble = await new Promise<string | undefined>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code) => resolve(code === null ? 'ip was killed' : undefined));
  });
  if (trouble !== undefined) return new Map(lines.map((_, index) => [index + 1, trouble]));
  let message: string[] = [];
  for (const line of text.split('\n')) {
    const number = /^Command failed \S+:(\d+)$/.exec(line)?.[1];
    if (number === undefined) message.push(line);
    else {
      failed.set(Number(number), message.join(' ').trim());
      message = [];
    }
  }
  return failed;
}
