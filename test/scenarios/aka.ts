import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { RUN } from './once-per-run.js';
import { Terminal } from './terminal.js';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const AKA = join(ROOT, 'bin', 'run.js');

/** How long a command may take, in milliseconds: a bound that only a hanging one meets. */
const BOUND = 30_000;

/** What a command left behind. */
export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The one JSON document that is on standard output. Throws if there is another number of them. */
  json<T = Record<string, unknown>>(): T;
}

/** A command that has been started. */
export interface Started {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Ended>;
  /** Resolves with all it has written to a stream since its start when these words are in it. Rejects if it ends without them. */
  written(stream: 'stdout' | 'stderr', words: string): Promise<string>;
}

export interface Surroundings {
  /** What is on standard input before its end. Without it the input stays open and nothing comes. */
  readonly stdin?: string;
  /** Which stream is not even there. Of stdout, the reader is gone before anything is written. */
  readonly closed?: 'stdin' | 'stdout' | undefined;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** How long it may take, in milliseconds. */
  readonly bound?: number;
}

export interface AtTerminal {
  /** How wide the terminal is. */
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** A file for standard output; the terminal is then what input and errors are on. */
  readonly stdoutTo?: string;
}

/** All users of a run share the cache of compiled code: compiling takes half the time of a command. */
const sharedCache = join(RUN, 'cache');
mkdirSync(sharedCache, { recursive: true, mode: 0o700 });

/** The folders of a home that hold what a user did. */
export const HOME_FOLDERS = ['.local', '.config', 'work'] as const;

/**
 * Somebody with a home folder of their own, a working folder in it, and the built `aka`. Of the environment they have
 * PATH and HOME and nothing else.
 */
export class User {
  /** What was run and what came of it, for whoever reads a failure. */
  readonly transcript: string[] = [];
  /** What they run as `aka`. */
  program = AKA;
  readonly home = mkdtempSync(join(tmpdir(), 'aka-user-'));
  readonly cwd = join(this.home, 'work');
  readonly dataDir = join(this.home, '.local', 'share', 'aka');
  readonly configDir = join(this.home, '.config', 'aka');
  readonly database = join(this.dataDir, 'platform.db');

  constructor() {
    mkdirSync(this.cwd);
    symlinkSync(sharedCache, join(this.home, '.cache'));
  }

  /** Runs `aka` to its end. Rejects if that does not come. */
  async run(argv: readonly string[], surroundings: Surroundings = {}): Promise<Ended> {
    return this.start(argv, surroundings).ended;
  }

  /** Runs `aka` and expects it to succeed. */
  async does(...argv: string[]): Promise<Ended> {
    const ended = await this.run(argv);
    if (ended.code !== 0) throw new Error(`aka ${argv.join(' ')} exits ${ended.code}: ${ended.stderr}`);
    return ended;
  }

  start(argv: readonly string[], surroundings: Surroundings = {}): Started {
    return this.#spawn([process.execPath, this.program, ...argv], `aka ${argv.join(' ')}`, surroundings);
  }

  /** Runs a line of a POSIX shell that finds `aka`, and whatever is in the folder `bin` of the home, on its PATH. */
  async sh(line: string, surroundings: Surroundings = {}): Promise<Ended> {
    const bin = join(this.home, 'bin');
    mkdirSync(bin, { recursive: true });
    writeFileSync(
      join(bin, 'aka'),
      `#!/bin/sh\nexec ${quoted(process.execPath)} ${quoted(this.program)} "$@"\n`,
      {
        mode: 0o755,
      },
    );
    const env = { PATH: `${bin}:${process.env.PATH ?? ''}`, ...surroundings.env };
    return this.#spawn(['/bin/sh', '-c', line], `sh: ${line}`, { ...surroundings, env }).ended;
  }

  /** Runs `aka` in a pseudo-terminal, with `act` at its keyboard. Rejects if it does not end. */
  async atTerminal(
    argv: readonly string[],
    act: (terminal: Terminal) => Promise<void> = async () => {},
    { columns = 80, env = {}, stdoutTo }: AtTerminal = {},
  ): Promise<{ code: number | null; screen: string; raw: string }> {
    const words = [process.execPath, this.program, ...argv].map(quoted).join(' ');
    const line = stdoutTo === undefined ? words : `${words} > ${quoted(stdoutTo)}`;
    const terminal = new Terminal(line, {
      columns,
      bound: BOUND,
      cwd: this.cwd,
      env: { ...this.#env(env), TERM: env.TERM ?? 'xterm-256color' },
    });
    try {
      await act(terminal);
      return await terminal.ended();
    } finally {
      terminal.close();
      this.transcript.push(`terminal$ aka ${argv.join(' ')}\n${terminal.screen}`);
    }
  }

  /** Takes over the home folder of another user, as it is now. */
  becomes(other: User): void {
    this.copyHome(other.home);
  }

  /** Copies what a user did from their home folder, or from a copy of it. */
  copyHome(home: string): void {
    for (const folder of HOME_FOLDERS) {
      cpSync(join(home, folder), join(this.home, folder), {
        recursive: true,
        preserveTimestamps: true,
      });
    }
  }

  remove(): void {
    // What it started may write its last words meanwhile.
    rmSync(this.home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  #env(env: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
    return { PATH: process.env.PATH, HOME: this.home, ...env };
  }

  #spawn(command: readonly string[], shown: string, surroundings: Surroundings): Started {
    const { stdin, closed, env = {}, cwd = this.cwd, bound = BOUND } = surroundings;
    const [program = '', ...args] =
      closed === 'stdin' ? ['/bin/sh', '-c', 'exec "$@" <&-', 'sh', ...command] : command;
    const child = spawn(program, args, { cwd, env: this.#env(env), stdio: 'pipe' });
    // A command that has no use for its input may be gone before it is written.
    child.stdin.on('error', () => {});
    if (stdin !== undefined) child.stdin.end(stdin);
    if (closed === 'stdout') child.stdout.destroy();
    const written = { stdout: new Written(child.stdout), stderr: new Written(child.stderr) };
    const ended = this.#end(child, written, shown, bound);
    return { child, ended, written: (stream, words) => written[stream].until(words, ended) };
  }

  async #end(
    child: ChildProcessWithoutNullStreams,
    written: { readonly stdout: Written; readonly stderr: Written },
    shown: string,
    bound: number,
  ): Promise<Ended> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, bound);
    const [code, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (...how) => resolve(how));
    }).finally(() => clearTimeout(timer));
    const stdout = written.stdout.text;
    const stderr = written.stderr.text;
    this.transcript.push(`$ ${shown}\n${stdout}${stderr}(exit ${code ?? signal})`);
    if (late) throw new Error(`${shown} did not end within ${bound / 1000} s`);
    return { code, signal, stdout, stderr, json: <T>() => JSON.parse(stdout) as T };
  }
}

/** What was written to a stream, from its beginning. */
class Written {
  readonly #stream: Readable;
  readonly #chunks: Buffer[] = [];

  constructor(stream: Readable) {
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => this.#chunks.push(chunk));
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString();
  }

  async until(words: string, ended: Promise<unknown>): Promise<string> {
    let over = false;
    const end = ended.finally(() => {
      over = true;
    });
    while (!this.text.includes(words)) {
      if (over) throw new Error(`It ended without ${words}: ${this.text}`);
      await Promise.race([once(this.#stream, 'data'), end]);
    }
    end.catch(() => {});
    return this.text;
  }
}

/** A word of a shell's command line, whatever is in it. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
