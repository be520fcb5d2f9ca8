import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

const KEYS = {
  enter: '\r',
  space: ' ',
  down: '\u001b[B',
  backspace: '\u007f',
  'ctrl-c': '\u0003',
  'ctrl-d': '\u0004',
  'ctrl-z': '\u001a',
} as const;

export interface TerminalOptions {
  readonly columns: number;
  /** How long to wait for anything, in milliseconds. */
  readonly bound: number;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * A pseudo-terminal, made by `script` of util-linux, with a command line of a shell running in it. It never waits for
 * time to pass: it waits for text to appear.
 */
export class Terminal {
  /** Everything that was written, as it came. */
  raw = '';
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #exit: Promise<number | null>;
  readonly #bound: number;
  #changed: () => void = () => {};
  /** How much of the text has been waited for already. */
  #seen = 0;

  constructor(line: string, { columns, bound, cwd, env }: TerminalOptions) {
    this.#bound = bound;
    // The size goes to the terminal itself, as a window's would; COLUMNS is for those who ask for another one.
    const size = `stty rows 50 cols ${columns}`;
    this.#child = spawn('script', ['-qfec', `${size}; exec ${line}`, '/dev/null'], {
      cwd,
      env: { ...env, SHELL: '/bin/sh' },
      stdio: 'pipe',
    });
    this.#child.stdin.on('error', () => {});
    this.#child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      this.raw += chunk;
      this.#changed();
    });
    this.#exit = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('close', (code) => {
        resolve(code);
        this.#changed();
      });
    });
  }

  /** What a reader sees, everything that was overwritten included. */
  get screen(): string {
    return stripVTControlCharacters(this.raw).replaceAll('\r\n', '\n');
  }

  /** Waits for text to appear after what was waited for last. */
  async sees(wanted: string | RegExp): Promise<void> {
    const find = (): number => {
      const rest = this.screen.slice(this.#seen);
      if (typeof wanted === 'string')
        return rest.includes(wanted) ? rest.indexOf(wanted) + wanted.length : -1;
      const match = wanted.exec(rest);
      return match === null ? -1 : match.index + match[0].length;
    };
    const end = await this.#when(() => {
      const at = find();
      return at === -1 ? undefined : at;
    }, `${wanted} did not appear`);
    this.#seen += end;
  }

  types(text: string): void {
    this.#child.stdin.write(text);
  }

  press(...keys: (keyof typeof KEYS)[]): void {
    for (const key of keys) this.types(KEYS[key]);
  }

  /** What `fg` of a shell sends to a command that was stopped. */
  resume(): void {
    const { pid } = this.#child;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
    for (const child of children) process.kill(Number(child), 'SIGCONT');
  }

  async ended(): Promise<{ code: number | null; screen: string; raw: string }> {
    await this.#when(() => (this.#isOver() ? true : undefined), 'the command did not end', true);
    return { code: await this.#exit, screen: this.screen, raw: this.raw };
  }

  /** Hangs up on whatever still runs. */
  close(): void {
    if (!this.#isOver()) this.#child.kill('SIGKILL');
  }

  #isOver(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  async #when<T>(look: () => T | undefined, otherwise: string, untilEnd = false): Promise<T> {
    let bound: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      bound = setTimeout(() => reject(this.#failure(otherwise)), this.#bound);
    });
    try {
      for (;;) {
        const changed = new Promise<void>((resolve) => {
          this.#changed = resolve;
        });
        const found = look();
        if (found !== undefined) return found;
        if (!untilEnd && this.#isOver()) {
          await this.#exit;
          const last = look();
          if (last !== undefined) return last;
          throw this.#failure(otherwise);
        }
        await Promise.race([changed, this.#exit, late]);
      }
    } finally {
      clearTimeout(bound);
    }
  }

  #failure(what: string): Error {
    return new Error(`${what} at the terminal, which showed:\n${this.screen}`);
  }
}
