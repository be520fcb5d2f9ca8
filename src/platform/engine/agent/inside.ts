import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Exit } from '../engine.js';
import type { Program, Terminal } from '../protocol.js';
import type { Dyno, Streams } from './dyno.js';
import { descendantsOf, signal } from './processes.js';
import { TOOL_ENV } from './tool-env.js';

/** $1 is the dyno's first process; it goes on when it hears so on descriptor 3. */
const INSIDE_SETUP = `
set -e
init=$1; shift
read -r go <&3
exec nsenter --target="$init" --mount --uts --ipc --net --pid -- "$@" 3>&-
`;

/** A program beside the one a dyno was started for; it ends with the dyno. */
export class Inside {
  readonly streams: Streams;
  readonly ended: Promise<Exit>;
  private readonly child: ChildProcess;

  constructor(
    readonly dyno: Dyno,
    readonly id: string,
    program: Program,
    terminal: Terminal | undefined,
  ) {
    const command = dyno.commandInside(id, program, terminal);
    const output = dyno.outputPipes();
    this.child = spawn('sh', ['-c', INSIDE_SETUP, 'sh', String(dyno.init), ...command], {
      cwd: '/',
      env: TOOL_ENV,
      detached: true,
      stdio: ['pipe', ...output.writers, 'pipe'],
    });
    output.release();
    const { stdout, stderr } = output;
    this.streams = { stdin: this.child.stdin as Socket | null, stdout, stderr };
    this.control.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      this.child.on('error', () => resolve({ code: 125, signal: null }));
      this.child.on('exit', (code, name) => resolve({ code, signal: name }));
    });
  }

  get pids(): number[] {
    return this.child.pid === undefined ? [] : descendantsOf(this.child.pid);
  }

  begin(): void {
    this.dyno.adopt(this.child).then(
      () => this.control.write('go\n'),
      // Its dyno is ending, or it has ended itself: it must not begin without the dyno's limits.
      () => this.child.kill('SIGKILL'),
    );
  }

  signal(name: NodeJS.Signals): void {
    for (const pid of this.pids) signal(pid, name);
  }

  private get control(): Socket {
    return this.child.stdio[3] as Socket;
  }
}
