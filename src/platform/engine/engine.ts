import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import type { Network, NetworkMode } from '../../model/addresses.js';
import type { Listener } from './listeners.js';
import type { Owner } from './owners.js';

/**
 * Where dynos run. It does what it is told and says what is there: it knows nothing of releases or desired state, and
 * keeps nothing when its process ends.
 *
 * Every method that fails throws an {@link EngineError}; what it had begun is undone.
 */
export interface Engine {
  readonly facts: EngineFacts;
  /** Settles when nothing runs any more: with undefined after `close`, with the reason if the engine was lost. */
  readonly ended: Promise<EngineError | undefined>;
  /**
   * Who the dynos of a space really are, if not this process's user: what their slug holds must be theirs to be written
   * to. Call it after {@link ensureSpace}.
   */
  ownerOf(space: string): Owner | undefined;
  /** Makes a space's network. One that is there stays as it is. */
  ensureSpace(space: SpaceNetwork): Promise<void>;
  /** Ends every dyno in it, then its network. A space that isn't there is no error. */
  removeSpace(name: string): Promise<void>;
  /** Resolves when the program was started; its output and end come through {@link EngineEvents}. */
  start(dyno: DynoSpec): Promise<void>;
  /** Starts a one-off program in a dyno of its own, with its streams in the caller's hands. */
  run(dyno: DynoSpec, terminal?: TerminalSize): Promise<RunningProgram>;
  /** Starts a program beside the one of a running dyno: same files, processes and network. */
  runInside(id: string, program: Program, terminal?: TerminalSize): Promise<RunningProgram>;
  /**
   * SIGTERM to everything in the dyno, SIGKILL after `graceMs`. Resolves when nothing of it is left, and forgets it;
   * a dyno that isn't there is no error.
   */
  stop(id: string, graceMs: number): Promise<void>;
  /** Every dyno that was started and not yet forgotten by `stop`. */
  list(): DynoState[];
  /** Replaces the names in a dyno's hosts file, at any time. */
  setHosts(id: string, hosts: readonly HostsEntry[]): Promise<void>;
  /** Connects to a port of a dyno. Rejects with `refused`, `timeout` or `not_found`. */
  dial(id: string, port: number): Promise<Socket>;
  /** Where the programs of a dyno listen; undefined if that can't be known. Rejects with `not_found`. */
  listeners(id: string): Promise<readonly Listener[] | undefined>;
  /** Says which dynos answer at a stable address, at once for new connections; with no target they are refused. */
  setService(service: Service): Promise<void>;
  /** Stops answering at a stable address. */
  removeService(space: string, address: number): Promise<void>;
  /**
   * Takes the connections that dynos of any space make to a port of {@link GATEWAY_HOST}, such as a service of this
   * machine that they may reach. Returns what ends it. Rejects with `exists` if the port is taken.
   */
  serveGateway(port: number, serve: (from: DynoRef, socket: Socket) => void): Promise<() => void>;
  /** Ends everything and resolves when nothing is left. */
  close(): Promise<void>;
}

/** What the platform hears from its engine. */
export interface EngineEvents {
  /** Called once for every dyno that ends, whoever ended it, after its network is gone. */
  onExit(dyno: DynoState): void;
  /** Bytes as the program wrote them. While a promise of it is pending, no more is read: the program waits. */
  onOutput(id: string, from: 'stdout' | 'stderr', bytes: Buffer): void | Promise<void>;
  /**
   * A dyno connected to one of the router's ports at 127.0.0.1 inside itself: a client of an app's domain that forces
   * loopback. `port` is the one it connected to.
   */
  readonly onLoopbackTls?: (from: DynoRef, socket: Socket, port: number) => void;
  /** A dyno connected to {@link EGRESS_PORT} of {@link GATEWAY_HOST}, where it finds a way out of its space. */
  readonly onEgress?: (from: DynoRef, socket: Socket) => void;
}

/** The same in every space: behind it is the platform, never another space. */
export const GATEWAY_HOST = '169.254.0.1';
export const EGRESS_PORT = 3128;
/** The port of https, which leads to the router in every dyno. */
export const HTTPS_PORT = 443;

/** Where dynos find files that the platform gives to all of them. */
export const ETC = '/etc/platform';
/** The one with the authorities that programs in dynos trust, in PEM. */
export const TRUSTED = 'trusted.pem';

export interface DynoRef {
  readonly id: string;
  readonly space: string;
}

/** What holds on this machine. Texts are for people, without a full stop. */
export interface EngineFacts {
  readonly mode: NetworkMode;
  readonly rootless: boolean;
  /** True if every dyno needs a port number of its own, because all share the machine's. */
  readonly sharedPorts: boolean;
  readonly enforced: readonly Enforcement[];
}

export type Promised =
  | 'isolation'
  | 'broadcast'
  | 'files'
  | 'processes'
  | 'memory'
  | 'spikes'
  | 'cpu'
  | 'priority'
  | 'pids'
  | 'syscalls'
  | 'user_limits'
  | 'egress'
  | 'loopback_tls';

export interface Enforcement {
  readonly promise: Promised;
  readonly holds: boolean;
  /** How it is enforced, or why it isn't. */
  readonly how: string;
}

export interface SpaceNetwork {
  readonly name: string;
  /** Of the pool: the one subnet of its dynos. */
  readonly network: Network;
}

export interface Program {
  readonly argv: readonly [string, ...string[]];
  /** Relative to /app. */
  readonly cwd?: string;
  /** The whole environment; names are shell identifiers. Nothing else is passed on. */
  readonly env: Readonly<Record<string, string>>;
}

export interface DynoSpec {
  /** 1 to 64 of `A-Za-z0-9._-`, not starting with a dot. */
  readonly id: string;
  readonly space: string;
  /** In the pool; a host of {@link DYNO_HOSTS} of a block of the space's network. */
  readonly address: number;
  /** Without it, every dyno calls itself `dyno`, and is there a little sooner. */
  readonly hostname?: string;
  readonly program: Program;
  /** The folder the program finds as /app. What the dyno writes there is its own, and gone with it. */
  readonly slug: string;
  /** What it writes in /app goes to the folder itself, and stays: for builds. */
  readonly inPlace?: boolean;
  readonly limits: Limits;
  readonly hosts: readonly HostsEntry[];
}

export interface Limits {
  /** Bytes. */
  readonly memory?: number;
  /** Bytes by which it may go over `memory`, for `memorySpikeMs` at a time. */
  readonly memorySpike?: number;
  /** Milliseconds; then it is told to end. */
  readonly memorySpikeMs?: number;
  /** Cores; 0.5 is half of one. */
  readonly cpu?: number;
  /** Share of CPU under pressure, relative to 100. */
  readonly cpuWeight?: number;
  readonly pids?: number;
  /** How soon the kernel ends it when memory runs out: 0 to 1000, the sooner the higher; 0 as the platform itself. */
  readonly oomScore?: number;
  /** Bytes it may write in /app, and as many in /tmp. They live in memory. */
  readonly scratch?: number;
}

export interface HostsEntry {
  readonly host: string;
  readonly names: readonly string[];
}

export interface Service {
  readonly space: string;
  /** In the pool; a host of {@link APP_HOSTS} of a block of this space, in its network or not. */
  readonly address: number;
  readonly port: number;
  /** Connections go round them; one that refuses is skipped. */
  readonly targets: readonly { readonly dyno: string; readonly port: number }[];
}

export interface DynoState {
  readonly id: string;
  readonly space: string;
  readonly state: 'starting' | 'running' | 'exited';
  readonly exit?: Exit;
  readonly since: Date;
}

/** Exactly one of them is null, as for a child process. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Set if the engine ended it for going over its memory. */
  readonly overMemory?: boolean;
  /** Set if it was because it had been over for too long. */
  readonly overTime?: boolean;
}

export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

/** A program whose streams are the caller's. With a terminal, everything it prints comes through stdout. */
export interface RunningProgram {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exit: Promise<Exit>;
  signal(signal: NodeJS.Signals): Promise<void>;
  resize(size: TerminalSize): Promise<void>;
}

/** `id` is for programs: exists, not_found, refused, timeout, invalid, failed, lost. */
export class EngineError extends Error {
  override readonly name = 'EngineError';

  constructor(
    readonly id: EngineErrorId,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export type EngineErrorId = 'exists' | 'not_found' | 'refused' | 'timeout' | 'invalid' | 'failed' | 'lost';
