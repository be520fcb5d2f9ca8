import type { Readable, Writable } from 'node:stream';
import type { NetworkMode } from '../../model/addresses.js';
import type { Owner } from '../engine/owners.js';
import type { BuildNetwork } from './build-network.js';

/** What builds need of an engine; the engine for builds is one. */
export interface BuildRunner {
  readonly facts: {
    readonly mode: NetworkMode;
  };
  /** Who programs really are, if not this process's user. */
  ownerOf(space: string): Owner | undefined;
  readonly network: BuildNetwork;
  /** Why builds share the machine's network although they shouldn't, without a full stop; undefined if they don't. */
  readonly notIsolated?: string;
  run(program: BuildProgram): Promise<RunningStep>;
  /** SIGTERM, SIGKILL after `graceMs`. Resolves when nothing of it is left. */
  stop(id: string, graceMs: number): Promise<void>;
}

/** A dyno as the engine wants it, in the only space of the build's engine. */
export interface BuildProgram {
  readonly id: string;
  readonly space: string;
  readonly address: number;
  readonly program: {
    readonly argv: readonly [string, ...string[]];
    readonly env: Readonly<Record<string, string>>;
  };
  readonly slug: string;
  readonly inPlace: true;
  readonly limits: BuildProgramLimits;
  readonly hosts: readonly { readonly host: string; readonly names: readonly string[] }[];
}

export interface BuildProgramLimits {
  /** Bytes. */
  readonly memory?: number;
  readonly cpuWeight?: number;
  readonly oomScore?: number;
  readonly pids?: number;
  /** Bytes of /tmp, in memory. */
  readonly scratch?: number;
}

export interface RunningStep {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exit: Promise<{
    readonly code: number | null;
    readonly signal: NodeJS.Signals | null;
    readonly overMemory?: boolean;
  }>;
}
