import { type ChildProcess, spawn } from 'node:child_process';
import { chownSync, mkdirSync, readFileSync, renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { Cgroups } from '../cgroups.js';
import { EngineError, type Exit, GATEWAY_HOST, type HostsEntry } from '../engine.js';
import { type OutputPipes, outputPipes } from '../output-pipes.js';
import type { DynoOrder, Program, Terminal } from '../protocol.js';
import { SETUP_FILE } from './dyno-setup.js';
import { Gate } from './gate.js';
import type { Ip } from './ip.js';
import { type Identity, launchCommand } from './launch.js';
import { JAIL, NEW_ROOT, TEMPLATE } from './layout.js';
import {
  innerPid,
  isAlive,
  type PidNamespace,
  pidNamespaceOf,
  processesByNamespace,
  signal,
} from './processes.js';
import { envFileOf } from './program-start.js';
import { fstabLine } from './root.js';
import { macOf, type Space } from './spaces.js';
import { TOOL_ENV } from './tool-env.js';

/** What a dyno is made with. */
export interface Workshop {
  readonly dir: string;
  readonly ip: Ip;
  readonly cgroups: Cgroups;
  readonly identity: Identity;
  /** Ports at a dyno's 127.0.0.1 that lead to the platform. */
  readonly loopback: readonly number[];
  /** Whether /app can be written to: an overlay works. */
  readonly writable: boolean;
}

/** A program's streams, as they go to the daemon before it begins. */
export interface Streams {
  readonly stdin: Socket | null;
  readonly stdout: Socket;
  readonly stderr: Socket;
}

const SCRATCH_BYTES = 256 * 1024 * 1024;
const SHM_BYTES = 64 * 1024 * 1024;
/** The platform outlives its dynos. */
const OOM_SCORE = 300;
const OOM_SCORE_MOST = 1000;
const SETUP_MS = 20_000;
const ORDERLY_MS = 10_000;
const GONE_POLL_MS = 2;
/** Between two looks for the last process, each of which reads all of /proc. */
const LAST_POLL_MS = 20;
/** Rules of the dyno's own network, and the table they name. */
const LOOPBACK_TLS = { pref: 10, table: 443 };
let ports = 0;

/** One dyno, from its namespaces to the last of its processes. */
export class Dyno {
  /** When it was ordered. */
  readonly since = Date.now();
  readonly streams: Streams;
  /** Resolves once everything of it is gone. */
  readonly ended: Promise<Exit>;
  private isStopping = false;
  private overMemory = false;
  private overTime = false;
  private readonly begun = new Gate();
  private readonly made = new Gate();
  private readonly networkMade = new Gate();
  private readonly child: ChildProcess;
  private readonly port: string;
  private readonly folder: string;
  private readonly groups: readonly string[];
  private readonly identity: Identity;
  /** Its first process; 0 until there is one. */
  init = 0;
  /** The child of `init` that ends with the agent, as the dyno numbers it. */
  private watch = 0;
  /** Of its processes, as soon as there is one. */
  namespace: PidNamespace | undefined;
  private unread = '';
  private readonly complaints: string[] = [];

  constructor(
    private readonly shop: Workshop,
    readonly order: DynoOrder,
    /** Without one it is in the network of the machine. */
    private readonly space: Space | undefined,
  ) {
    this.port = `dyno${++ports}`;
    this.folder = join('dynos', order.id);
    const { owner: become } = order;
    this.identity = { ...shop.identity, ...(become && { become }) };
    this.groups = shop.cgroups.create(order.id, order.limits);
    this.writeFiles();
    const output = this.outputPipes();
    this.child = spawn(
      'unshare',
      [
        [...(space === undefined ? [] : ['--net']), '--mount', '--pid', '--ipc'],
        order.hostname === undefined ? [] : ['--uts'],
        ['sh', SETUP_FILE, this.folder],
        this.command(order.program, order.terminal, 'env'),
      ].flat(),
      {
        cwd: shop.dir,
        env: TOOL_ENV,
        detached: true,
        stdio: [order.stdin ? 'pipe' : 'ignore', ...output.writers, 'pipe', 'pipe'],
      },
    );
    output.release();
    const { stdout, stderr } = output;
    this.streams = { stdin: this.child.stdin as Socket | null, stdout, stderr };
    this.ended = this.end();
  }

  get pids(): number[] {
    if (this.namespace === undefined) return [];
    const pids = processesByNamespace().get(this.namespace) ?? [];
    return pids.filter((pid) => pid !== this.init && innerPid(pid) !== this.watch);
  }

  /** Makes pipes that programs of the dyno can open again by path. */
  outputPipes(): OutputPipes {
    return outputPipes(join(this.shop.dir, this.folder), this.identity.become);
  }

  /** Bytes of its files that are in memory, mapped or not: those of /tmp, /dev/shm and, where it is an overlay, /app. */
  filesInMemory(): number {
    const at = (path: string): string => join('/proc', String(this.init), 'root', JAIL, path);
    const app = this.shop.writable && this.order.inPlace !== true ? usedBytes(at('app')) : 0;
    return usedBytes(at('tmp')) + usedBytes(at('dev/shm')) + app;
  }

  /** The streams have been taken over. */
  begin(): void {
    this.begun.open();
  }

  /** Resolves when the program was started. */
  async start(): Promise<void> {
    const tooLong = setTimeout(() => this.fail('its set-up took too long'), SETUP_MS);
    try {
      await Promise.all([this.connect(), this.adopt(this.child), this.made.passed, this.begun.passed]);
      this.control.write('go\n');
    } catch (error) {
      this.kill();
      await this.ended;
      throw error;
    } finally {
      clearTimeout(tooLong);
    }
  }

  private async connect(): Promise<void> {
    if (this.space === undefined) return;
    await this.networkMade.passed;
    await this.shop.ip.run(`link set ${this.port} master ${this.space.bridge} up`);
  }

  /** Sends it to everything in the dyno that has not been `told` yet. */
  signal(name: NodeJS.Signals, told = new Set<number>()): void {
    for (const pid of this.pids) {
      if (told.has(pid)) continue;
      told.add(pid);
      signal(pid, name);
    }
  }

  /**
   * Tells every process to end. A shell that only waits for the real program is gone at once: the dyno ends with the last
   * process, not with the first.
   */
  stop(told: Set<number>): void {
    this.isStopping = true;
    this.signal('SIGTERM', told);
  }

  wake(): void {
    this.child.kill('SIGCONT');
  }

  kill(): void {
    this.fail('it was stopped');
    if (this.init > 0) signal(this.init, 'SIGKILL');
    this.life.destroy();
    this.child.kill('SIGKILL');
  }

  setHosts(hosts: readonly HostsEntry[]): void {
    const lines = [{ host: '127.0.0.1', names: ['localhost'] }, ...hosts].map(
      ({ host, names }) => `${host} ${names.join(' ')}\n`,
    );
    const file = join(this.shop.dir, this.folder, 'public', 'hosts');
    // Renamed, as a reader must never find half of it.
    writeFileSync(`${file}.new`, lines.join(''), { mode: 0o644 });
    renameSync(`${file}.new`, file);
  }

  /** Puts a process that isn't in the dyno yet, and all it will start, under the dyno's limits. */
  async adopt({ pid }: ChildProcess): Promise<void> {
    // Side by side and off this thread: the kernel takes several milliseconds for each.
    const joined = this.groups.map((group) => writeFile(join(group, 'cgroup.procs'), String(pid)));
    const score = writeFile(`/proc/${pid}/oom_score_adj`, oomScore(this.order.limits.oomScore));
    await Promise.all([...joined, score]);
  }

  /** What starts another program, for one that has entered. */
  commandInside(id: string, program: Program, terminal: Terminal | undefined): string[] {
    const name = `env.${id}`;
    this.writeEnv(name, program);
    return this.command(program, terminal, name);
  }

  endForMemory(): void {
    this.overMemory = true;
    this.kill();
  }

  /** It was over its memory for too long, which is no reason not to let it end in order. */
  endForTime(): void {
    if (this.overTime) return;
    this.overMemory = true;
    this.overTime = true;
    this.stop(new Set());
    const timer = setTimeout(() => this.kill(), ORDERLY_MS);
    void this.ended.then(() => clearTimeout(timer));
  }

  private command(program: Program, terminal: Terminal | undefined, env: string): string[] {
    const { identity } = this;
    const { limits } = this.order;
    return launchCommand({ program, limits, identity, terminal, envFile: `/run/platform/${env}` });
  }

  private writeEnv(name: string, { env }: Program): void {
    const file = join(this.shop.dir, this.folder, 'public', name);
    writeFileSync(file, envFileOf(env), { mode: 0o600 });
    const { become } = this.identity;
    if (become !== undefined) chownSync(file, become.uid, become.gid);
  }

  private get control(): Socket {
    return this.child.stdio[3] as Socket;
  }

  private get life(): Socket {
    return this.child.stdio[4] as Socket;
  }

  private fail(why: string): void {
    const error = new EngineError('failed', `Dyno ${this.order.id} could not be started: ${why}.`);
    for (const waited of [this.networkMade, this.made, this.begun]) waited.refuse(error);
  }

  private async end(): Promise<Exit> {
    const exited = new Promise<Exit>((resolve) => {
      this.child.on('exit', (code, name) => resolve({ code, signal: name }));
      this.child.on('error', (error) => {
        this.fail(error.message);
        resolve({ code: 125, signal: null });
      });
    });
    this.control.setEncoding('utf8').on('data', (text: string) => this.hear(text));
    for (const socket of [this.control, this.life]) socket.on('error', () => undefined);
    const exit = await exited;
    while (this.isStopping && this.pids.length > 0) await pause(LAST_POLL_MS);
    this.fail(this.complaints.slice(-3).join('; ') || 'its set-up ended');
    await this.clear();
    if (!this.overMemory) return exit;
    return { ...exit, overMemory: true, ...(this.overTime && { overTime: true }) };
  }

  private hear(text: string): void {
    const lines = (this.unread + text).split('\n');
    this.unread = lines.pop() ?? '';
    for (const line of lines) {
      const [word, number] = line.split(' ');
      if (word === 'init') {
        this.init = Number(number);
        this.namespace = pidNamespaceOf(this.init);
        if (this.namespace === undefined) this.fail('its first process ended');
      } else if (word === 'watch') this.watch = Number(number);
      else if (line === 'network') this.networkMade.open();
      else if (line === 'ready') this.made.open();
      else if (line !== '') this.complaints.push(line);
    }
  }

  /** Waits for the last process, then takes away what doesn't go by itself. */
  private async clear(): Promise<void> {
    if (this.init > 0) signal(this.init, 'SIGKILL');
    this.life.destroy();
    while (this.init > 0 && isAlive(this.init)) await pause(GONE_POLL_MS);
    // The kernel takes its time over a network namespace, and its address may be wanted again at once.
    if (this.space !== undefined) await this.shop.ip.run(`link del ${this.port}`).catch(() => undefined);
    this.overMemory ||= this.shop.cgroups.memoryKills(this.order.id) > 0;
    while (!this.shop.cgroups.remove(this.order.id)) await pause(GONE_POLL_MS);
    rmSync(join(this.shop.dir, this.folder), { recursive: true, force: true });
  }

  private writeFiles(): void {
    const { dir, writable } = this.shop;
    const { identity, order } = this;
    const folder = join(dir, this.folder);
    mkdirSync(join(folder, 'public'), { recursive: true });
    const write = (name: string, text: string, mode = 0o600): void =>
      writeFileSync(join(folder, name), text, { mode });
    if (order.hostname !== undefined) write('hostname', `${order.hostname}\n`);
    // A program that serves one of these ports itself, because it is its $PORT, can reach itself there.
    const loopback = this.shop.loopback.filter((port) => String(port) !== order.program.env.PORT);
    if (this.space !== undefined)
      write('network', dynoNetwork(order.ip, this.space.subnet.bits, this.port, loopback));
    const at = (path: string): string => join(dir, NEW_ROOT, JAIL, path);
    const owner = identity.become ?? { uid: 0, gid: 0 };
    const size = order.limits.scratch ?? SCRATCH_BYTES;
    const guarded = 'nosuid,nodev';
    write(
      'fstab',
      fstabLine(join(dir, TEMPLATE), join(dir, NEW_ROOT), 'none', 'rbind') +
        fstabLine('tmpfs', join(dir, 'scratch'), 'tmpfs', `size=${size},mode=0755,${guarded}`) +
        fstabLine('tmpfs', at('tmp'), 'tmpfs', `size=${size},mode=1777,${guarded}`) +
        fstabLine('tmpfs', at('dev/shm'), 'tmpfs', `size=${SHM_BYTES},mode=1777,${guarded}`) +
        fstabLine(order.slug, join(dir, 'slug'), 'none', `bind,${order.inPlace ? 'rw' : 'ro'},${guarded}`) +
        fstabLine('proc', at('proc'), 'proc', `${guarded},noexec`) +
        fstabLine(at('proc/sys'), at('proc/sys'), 'none', 'bind,ro') +
        fstabLine('devpts', at('dev/pts'), 'devpts', 'newinstance,ptmxmode=0666,mode=0620,nosuid,noexec') +
        fstabLine(join(folder, 'public'), at('run/platform'), 'none', `bind,ro,${guarded}`),
    );
    // The paths are relative, as every program can read them in its list of mounts.
    const overlay = `lowerdir=slug,upperdir=scratch/upper,workdir=scratch/work,userxattr,${guarded}`;
    write(
      'fstab.own',
      writable && !order.inPlace
        ? fstabLine('app', at('app'), 'overlay', overlay)
        : fstabLine(join(dir, 'slug'), at('app'), 'none', 'bind'),
    );
    write('owner', `${owner.uid} ${owner.gid}\n`);
    this.writeEnv('env', order.program);
    this.setHosts(order.hosts);
  }
}

function dynoNetwork(ip: string, bits: number, port: string, loopback: readonly number[]): string {
  return [
    // By path, as it is read in namespaces that have no other name for the agent's.
    `link add eth0 address ${macOf(ip)} type veth peer name ${port} netns /proc/${process.pid}/ns/net`,
    'link set lo up',
    `addr add ${ip}/${bits} brd + dev eth0`,
    'link set eth0 up',
    'route add default dev eth0',
    // What is sent to its own 127.0.0.1:443 and so on goes out to the platform instead, which serves apps' domains.
    `route add default via ${GATEWAY_HOST} dev eth0 onlink src ${ip} table ${LOOPBACK_TLS.table}`,
    ...loopback.map(
      (each) =>
        `rule add pref ${LOOPBACK_TLS.pref} to 127.0.0.1 ipproto tcp dport ${each} lookup ${LOOPBACK_TLS.table}`,
    ),
    `rule add pref ${LOOPBACK_TLS.pref + 1} lookup local`,
    'rule del pref 0',
    '',
  ].join('\n');
}

/** Bytes that are used of a file system; 0 if it is gone. */
function usedBytes(path: string): number {
  try {
    const { blocks, bfree, bsize } = statfsSync(path);
    return (blocks - bfree) * bsize;
  } catch {
    return 0;
  }
}

/** On top of the agent's own, which without rights nothing may go below. */
function oomScore(wanted = OOM_SCORE): string {
  const own = Number(readFileSync('/proc/self/oom_score_adj', 'latin1'));
  return String(Math.min(OOM_SCORE_MOST, Math.max(own, 0) + wanted));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
