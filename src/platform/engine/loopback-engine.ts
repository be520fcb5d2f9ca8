import { type ChildProcess, spawn } from 'node:child_process';
import { constants, existsSync } from 'node:fs';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { setPriority } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { type Pool, serviceAddress } from '../../model/addresses.js';
import { removeTree } from '../files/remove-tree.js';
import { discard } from '../files/trash.js';
import { Admission, type Admitted, admittedBy } from './admission.js';
import { descendantsOf } from './agent/processes.js';
import {
  type DynoSpec,
  type DynoState,
  type Engine,
  EngineError,
  type EngineEvents,
  type EngineFacts,
  type Exit,
  type Program,
  type Promised,
  type RunningProgram,
  type Service,
  type SpaceNetwork,
  type TerminalSize,
} from './engine.js';
import { type Listener, listenersOf } from './listeners.js';
import { niceness } from './niceness.js';
import { type OutputPipes, outputPipes } from './output-pipes.js';
import { StableAddress } from './stable-address.js';
import { inTerminal } from './terminal.js';
import { Watchdog } from './watchdog.js';

export interface LoopbackOptions {
  readonly pool: Pool;
  /** A private folder for dynos' copies of their slugs; what is in it is removed. */
  readonly dir: string;
  /** Why there are no subnets here, without a full stop. */
  readonly because: string;
  readonly events: EngineEvents;
}

type Output = Pick<OutputPipes, 'stdout' | 'stderr'>;

interface Dyno {
  state: DynoState;
  readonly child: ChildProcess;
  /** What it prints. */
  readonly printed: Output;
  readonly folder: string;
  /** Removed when it ends. */
  readonly own: string;
  readonly ip: string;
  readonly exit: Promise<Exit>;
  /** Settles when its output has been passed on. */
  output: Promise<unknown>;
  /** Settles when its files are gone. */
  finished: Promise<void>;
}

const DIAL_MS = 5000;
/** Between two looks for the last process of a group. */
const LAST_POLL_MS = 20;
/** Of the files the daemon may have open, for connections to stable addresses. */
const SHARE_OF_FILES = 0.4;

/** Dynos as plain processes of this machine, where namespaces can't be had. Nothing keeps them apart. */
export class LoopbackEngine implements Engine {
  readonly facts: EngineFacts;
  readonly ended: Promise<EngineError | undefined>;
  private readonly dynos = new Map<string, Dyno>();
  private readonly starting = new Map<string, DynoState>();
  private readonly spaces = new Set<string>();
  private readonly services = new Map<string, { space: string; at: StableAddress }>();
  private readonly admission = new Admission(admitted());
  private readonly watchdog = new Watchdog();
  private readonly children = new Set<ChildProcess>();
  /** Programs that were told to end. */
  private readonly stopping = new Set<ChildProcess>();
  private closing = false;
  private copies = 0;

  private constructor(private readonly options: LoopbackOptions) {
    this.facts = factsOf(options.because);
    this.ended = this.watchdog.ended.then(() => this.withoutWatchdog());
  }

  static async open(options: LoopbackOptions): Promise<LoopbackEngine> {
    await discard(options.dir, dirname(options.dir), AbortSignal.abort());
    await mkdir(options.dir, { recursive: true, mode: 0o700 });
    return new LoopbackEngine(options);
  }

  ownerOf(): undefined {
    return undefined;
  }

  async ensureSpace({ name }: SpaceNetwork): Promise<void> {
    this.spaces.add(name);
  }

  async removeSpace(name: string): Promise<void> {
    const inside = this.list().filter(({ space }) => space === name);
    await Promise.all(inside.map(({ id }) => this.stop(id, 0)));
    for (const [key, { space, at }] of this.services) {
      if (space !== name) continue;
      this.services.delete(key);
      await at.close();
    }
    this.spaces.delete(name);
  }

  async start(spec: DynoSpec): Promise<void> {
    const dyno = await this.launch(spec, 'ignore');
    const output = (['stdout', 'stderr'] as const).map((from) =>
      this.forward(spec.id, from, dyno.printed[from]),
    );
    dyno.output = Promise.all(output);
  }

  async run(spec: DynoSpec, terminal?: TerminalSize): Promise<RunningProgram> {
    const dyno = await this.launch(spec, 'pipe', terminal);
    return running(dyno.child, dyno.printed, dyno.exit);
  }

  async runInside(id: string, program: Program, terminal?: TerminalSize): Promise<RunningProgram> {
    const { folder } = this.dyno(id);
    const { child, printed } = this.spawn(program, folder, 'pipe', terminal);
    const exit = this.watch(child);
    await spawned(child, program);
    return running(child, printed, exit);
  }

  async stop(id: string, graceMs: number): Promise<void> {
    const dyno = this.dynos.get(id);
    if (dyno === undefined) return;
    if (dyno.state.state !== 'exited') {
      this.stopping.add(dyno.child);
      signalGroup(dyno.child, 'SIGTERM');
      const timer = setTimeout(() => signalGroup(dyno.child, 'SIGKILL'), graceMs);
      await dyno.exit;
      clearTimeout(timer);
    }
    await dyno.finished;
    if (this.dynos.get(id) === dyno) this.dynos.delete(id);
  }

  list(): DynoState[] {
    return [...this.starting.values(), ...[...this.dynos.values()].map(({ state }) => state)];
  }

  /** There is no hosts file but the machine's. */
  async setHosts(id: string): Promise<void> {
    this.dyno(id);
  }

  async dial(id: string, port: number): Promise<Socket> {
    const { ip } = this.dyno(id);
    // Most programs listen on every address or on localhost, some on the one they were given.
    return dial('127.0.0.1', port).catch((error) => {
      if (error instanceof EngineError && error.id === 'refused') return dial(ip, port);
      throw error;
    });
  }

  async listeners(id: string): Promise<readonly Listener[] | undefined> {
    const { pid } = this.dyno(id).child;
    return pid === undefined || !existsSync('/proc/self/net')
      ? undefined
      : listenersOf([pid, ...descendantsOf(pid)]);
  }

  async setService({ space, address, port, targets }: Service): Promise<void> {
    if (!this.spaces.has(space)) throw new EngineError('not_found', `There is no space ${space} here.`);
    const ip = this.dotted(address);
    const at = this.services.get(ip)?.at ?? new StableAddress(ip, port, this.admission);
    this.services.set(ip, { space, at });
    await at.setTargets(targets.map((target) => ({ ip: '127.0.0.1', port: target.port })));
  }

  async removeService(_space: string, address: number): Promise<void> {
    const ip = this.dotted(address);
    const service = this.services.get(ip);
    this.services.delete(ip);
    await service?.at.close();
  }

  /** Dynos have the machine's network, in which nothing stands between them and its services. */
  async serveGateway(): Promise<() => void> {
    return () => undefined;
  }

  async close(): Promise<void> {
    this.closing = true;
    await Promise.all([...this.spaces].map((name) => this.removeSpace(name)));
    await Promise.all(this.list().map(({ id }) => this.stop(id, 0)));
    await this.watchdog.close();
    await discard(this.options.dir, dirname(this.options.dir));
  }

  /** Nothing would end dynos with the daemon any more, so they end now. */
  private async withoutWatchdog(): Promise<EngineError | undefined> {
    if (this.closing) return undefined;
    for (const child of this.children) signalGroup(child, 'SIGKILL');
    await Promise.all([...this.dynos.values()].map(({ exit }) => exit));
    return new EngineError('lost', 'The process that watches over dynos has ended.');
  }

  private async launch(spec: DynoSpec, stdin: 'ignore' | 'pipe', terminal?: TerminalSize): Promise<Dyno> {
    const { id, space, slug, program, limits } = spec;
    if (this.dynos.has(id) || this.starting.has(id))
      throw new EngineError('exists', `There is a dyno ${id} already.`);
    if (!this.spaces.has(space)) throw new EngineError('not_found', `There is no space ${space} here.`);
    const own = join(this.options.dir, String(++this.copies));
    const folder = spec.inPlace === true ? slug : own;
    // Noted before anything is awaited, so that an id is started once.
    this.starting.set(id, { id, space, state: 'starting', since: new Date() });
    try {
      if (folder === own) await copy(slug, own);
      const { child, printed } = this.spawn(program, folder, stdin, terminal);
      const exit = this.watch(child);
      await spawned(child, program);
      if (child.pid !== undefined) setPriority(child.pid, niceness(limits.cpuWeight));
      await endsSooner(child.pid, limits.oomScore);
      const dyno: Dyno = {
        child,
        printed,
        folder,
        own,
        ip: this.dotted(spec.address),
        exit,
        output: Promise.resolve(),
        finished: Promise.resolve(),
        state: { id, space, state: 'running', since: new Date() },
      };
      this.dynos.set(id, dyno);
      dyno.finished = exit.then((how) => this.finish(dyno, how));
      return dyno;
    } catch (error) {
      await removeCopy(own);
      throw error;
    } finally {
      this.starting.delete(id);
    }
  }

  private spawn(
    { argv, cwd = '.', env }: Program,
    folder: string,
    stdin: 'ignore' | 'pipe',
    terminal: TerminalSize | undefined,
  ): { child: ChildProcess; printed: Output } {
    const [command = '', ...args] = terminal === undefined ? argv : inTerminal(argv, terminal);
    const output = outputPipes(this.options.dir);
    try {
      const child = spawn(command, args, {
        cwd: join(folder, cwd),
        // The only folder of its own is this one, whatever it is called elsewhere.
        env: { ...env, HOME: folder },
        detached: true,
        stdio: [stdin, ...output.writers],
      });
      return { child, printed: output };
    } finally {
      output.release();
    }
  }

  /**
   * Ends what else is in the program's group when the program ends. Where it was told to end, the rest of the group may
   * finish: often the program is a shell that only waited for the real one.
   */
  private watch(child: ChildProcess): Promise<Exit> {
    const group = child.pid;
    if (group !== undefined) this.watchdog.add(group);
    this.children.add(child);
    child.on('error', () => this.children.delete(child));
    return new Promise((resolve) => {
      child.on('exit', (code, signal) => {
        const end = async (): Promise<void> => {
          while (this.stopping.has(child) && isGroup(child)) await pause(LAST_POLL_MS);
          signalGroup(child, 'SIGKILL');
          this.children.delete(child);
          this.stopping.delete(child);
          if (group !== undefined) this.watchdog.gone(group);
          resolve({ code, signal });
        };
        void end();
      });
    });
  }

  private async finish(dyno: Dyno, exit: Exit): Promise<void> {
    const { id, space } = dyno.state;
    dyno.state = { id, space, state: 'exited', exit, since: new Date() };
    await removeCopy(dyno.own);
    void dyno.output.then(() => this.options.events.onExit(dyno.state));
  }

  private async forward(id: string, from: 'stdout' | 'stderr', bytes: Readable | null): Promise<void> {
    try {
      for await (const chunk of bytes ?? []) await this.options.events.onOutput(id, from, chunk as Buffer);
    } catch {
      // The pipe broke with the program.
    }
  }

  private dyno(id: string): Dyno {
    const dyno = this.dynos.get(id);
    if (dyno?.state.state !== 'running') {
      throw new EngineError('not_found', `There is no dyno ${id} running.`);
    }
    return dyno;
  }

  private dotted(address: number): string {
    return serviceAddress(address, this.options.pool, 'loopback').host;
  }
}

/** What a dyno left that can't be removed stays in the engine's folder, which is discarded whole. */
async function removeCopy(own: string): Promise<void> {
  await removeTree(own).catch(() => undefined);
}

async function copy(slug: string, folder: string): Promise<void> {
  try {
    await cp(slug, folder, { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE });
  } catch (error) {
    throw new EngineError('failed', `The slug can't be copied: ${messageOf(error)}.`, { cause: error });
  }
}

function spawned(child: ChildProcess, { argv }: Program): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) =>
      reject(new EngineError('failed', `${argv[0]} can't be started: ${error.message}.`)),
    );
  });
}

function running(child: ChildProcess, { stdout, stderr }: Output, exit: Promise<Exit>): RunningProgram {
  return {
    stdin: (child.stdin ?? new Readable()) as Writable,
    stdout,
    stderr,
    exit,
    signal: async (signal) => signalGroup(child, signal),
    // The terminal is the `script` program's alone; it keeps its first size.
    resize: async () => undefined,
  };
}

/** Only Linux has such a score; where it can't be set, the machine decides for itself. */
async function endsSooner(pid: number | undefined, oomScore = 0): Promise<void> {
  if (pid === undefined || oomScore === 0) return;
  await writeFile(`/proc/${pid}/oom_score_adj`, String(oomScore)).catch(() => undefined);
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // macOS answers EPERM for a group of which only zombies are left.
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

/** Whether a process of the program's group is left. */
function isGroup({ pid }: ChildProcess): boolean {
  try {
    return pid !== undefined && process.kill(-pid, 0);
  } catch {
    return false;
  }
}

function dial(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    const fail = (id: 'refused' | 'timeout', why: string): void => {
      socket.destroy();
      reject(new EngineError(id, `${host}:${port} ${why}.`));
    };
    socket.setTimeout(DIAL_MS, () => fail('timeout', `did not answer within ${DIAL_MS} ms`));
    socket.once('error', (error) => fail('refused', `can't be reached: ${error.message}`));
    socket.once('connect', () => {
      socket.setTimeout(0);
      resolve(socket);
    });
  });
}

function factsOf(because: string): EngineFacts {
  const without = (promise: Promised, how: string): EngineFacts['enforced'][number] => ({
    promise,
    holds: false,
    how: `${how}: ${because}`,
  });
  return {
    mode: 'loopback',
    rootless: process.getuid?.() !== 0,
    sharedPorts: true,
    enforced: [
      without('isolation', 'every app can be reached from every other'),
      without('broadcast', 'there is no network to broadcast on'),
      without('files', "dynos can read what the platform's user can, also each other's files"),
      without('processes', 'dynos see and can end each other'),
      without('memory', 'nothing limits it'),
      without('spikes', 'nothing limits memory'),
      without('cpu', 'only niceness'),
      without('priority', 'only niceness and room, and nothing holds a dyno to its size'),
      without('pids', 'nothing limits them'),
      without('syscalls', 'dynos reach all of the kernel'),
      without('user_limits', "dynos are the platform's user, and share what the kernel counts by user"),
      without('egress', 'dynos use the network of the machine, and nothing holds them back'),
      without('loopback_tls', "dynos have the machine's own 127.0.0.1"),
    ],
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** All dynos connect from the same address, so they can't be told apart. */
function admitted(): Admitted {
  const { all } = admittedBy(SHARE_OF_FILES);
  return { all, each: all };
}
