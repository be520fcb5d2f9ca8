import type { Duplex, Readable, Writable } from 'node:stream';
import type { TerminalSize } from '../../contract/tunnels.js';
import type { SpaceName } from '../../model/names.js';
import type { Size } from '../../model/sizes.js';
import type { AppRef, DesiredApp, DynoRef } from '../desired/app.js';
import type { DesiredSpace } from '../desired/space.js';

/**
 * Makes desired state real. It decides nothing: it is handed spaces and apps as they should be, and tells how they are.
 *
 * Everything is level-triggered: each call hands over the whole of a space or app, may be repeated at any time, and what
 * fails is retried until it succeeds or something else is desired.
 */
export interface Orchestrator {
  readonly facts: OrchestratorFacts;
  /** Settles when it can't go on: with the reason, or with undefined after {@link close}. */
  readonly lost: Promise<Error | undefined>;
  /**
   * Resolves when the space is as desired: dynos started from then on have its network and discovery vars. Rejects if it
   * can't be made now; the caller tries again.
   */
  applySpace(space: DesiredSpace): Promise<void>;
  /** Ends every dyno in it and removes its network. Resolves when it is gone; one that isn't there is no error. */
  removeSpace(name: SpaceName): Promise<void>;
  /** Returns at once; {@link OrchestratorEvents} tell what comes of it. The app's space was applied before. */
  applyApp(app: DesiredApp): void;
  /** Returns at once. */
  removeApp(app: AppRef): void;
  /** Starts to tell, with what is there now: so a restarted control plane adopts it. Called once. */
  observe(sink: OrchestratorEvents): void;
  /** Runs a program in a one-off dyno with the app's current release. */
  run(app: AppRef, spec: OneOff, terminal?: TerminalSize): Promise<RunningProgram>;
  /** Connects to a port of a dyno. */
  dial(dyno: DynoRef, port: number): Promise<Duplex>;
  /** Tests what a space promises. */
  prove(space: SpaceName): Promise<readonly Proof[]>;
  /** Ends the orchestrator, and its dynos with it or not. */
  close(apps: 'stop' | 'leave'): Promise<void>;
}

export interface OrchestratorFacts {
  /** How discovery vars point to apps. */
  readonly discovery: 'subnet' | 'loopback' | 'cluster';
  readonly artifacts: readonly ('slug' | 'image')[];
  readonly enforced: readonly Enforcement[];
}

/** A promise to dynos, and whether this orchestrator enforces it. */
export interface Enforcement {
  readonly promise: string;
  readonly holds: boolean | 'unknown';
  /** How it is enforced, or why it isn't. For people, without a full stop. */
  readonly how: string;
}

/** What an orchestrator tells. Calls are in order for each app; none of them throws. */
export interface OrchestratorEvents {
  onApp(app: ObservedApp): void;
  /** Nothing of the app is left. */
  onAppGone(app: AppRef): void;
  /** A space is gone that nobody removed here. It isn't made again until it is applied. */
  onSpaceGone(space: SpaceName): void;
  /** What is desired of an app could not be made; it is tried again. */
  onFailure(failure: ApplyFailure): void;
  /** What is told may be old from now on, until `onConnected`. */
  onDisconnected(reason: string): void;
  onConnected(): void;
}

export interface ApplyFailure {
  readonly app: AppRef;
  readonly message: string;
  readonly retryMs: number;
}

export interface ObservedApp {
  readonly app: AppRef;
  readonly dynos: readonly ObservedDyno[];
  /** Of the newest release that was applied; undefined if none is known. */
  readonly rollout: Rollout | undefined;
}

export interface ObservedDyno {
  /** Within its app, such as `web.1`. */
  readonly name: string;
  readonly type: string;
  /** The version of its release. */
  readonly release: number;
  readonly state: DynoState;
  /** Why it isn't up, for people. */
  readonly reason: string | undefined;
  /** Why it can't run, for programs. */
  readonly unmet: FailureCode | undefined;
  readonly restarts: number;
  readonly since: string;
}

export type DynoState = 'waiting' | 'starting' | 'up' | 'crashed' | 'stopping';

/** How a release comes into effect. */
export interface Rollout {
  /** The version of the release. */
  readonly release: number;
  readonly outcome: 'pending' | 'succeeded' | 'failed';
  readonly failure: RolloutFailure | undefined;
}

export interface RolloutFailure {
  readonly code: FailureCode;
  readonly message: string;
}

/**
 * `image` and `slug`: it can't be fetched. `crash`: the program ends. `probe`: it isn't ready. `quota`: the space has no
 * more. `unschedulable`: no machine has room. `config`: it was refused. `timeout`: none of these within the deadline.
 */
export type FailureCode =
  | 'image'
  | 'slug'
  | 'crash'
  | 'probe'
  | 'quota'
  | 'unschedulable'
  | 'config'
  | 'timeout';

export interface OneOff {
  readonly command: string;
  readonly size: Size;
  /** Above all other vars. */
  readonly env?: Readonly<Record<string, string>>;
  /** Seconds after which it is ended. */
  readonly timeout?: number;
}

/** A program and its streams, which the caller reads and writes. With a terminal, everything it prints comes through stdout. */
export interface RunningProgram {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** The exit code; rejects if that can't be known. */
  readonly exit: Promise<number>;
  resize(size: TerminalSize): Promise<void>;
  /** SIGTERM, then SIGKILL. */
  stop(): Promise<void>;
}

/** What was seen of a promise. */
export interface Proof {
  readonly promise: string;
  readonly state: 'holds' | 'broken' | 'unknown';
  /** What was tried and seen. For people, without a full stop. */
  readonly evidence: string;
  /** What to do about it. */
  readonly hint?: string;
}
