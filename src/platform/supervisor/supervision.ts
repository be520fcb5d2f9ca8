import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writePrivateFile } from '../files/private-files.js';

/** How a daemon that was serving ended. */
export interface Death {
  /** Such as `killed by SIGKILL`. */
  readonly how: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** What a supervisor passes to each daemon that it starts. */
export interface Supervision {
  /** Names the supervisor; see {@link isCurrent}. */
  readonly id: string;
  /** How many times it restarted the daemon. */
  readonly restarts: number;
  /** Why it restarted the daemon last; null if it never did. */
  readonly lastDeath: Death | null;
}

/** The environment variable that holds a {@link Supervision}, as JSON. */
const VARIABLE = 'AKA_SUPERVISION';

/** The message that a daemon sends to its supervisor once it serves. */
export const SERVING = 'serving';

/** Returns the environment of a daemon under a supervisor. */
export function withSupervision(env: NodeJS.ProcessEnv, supervision: Supervision): NodeJS.ProcessEnv {
  return { ...env, [VARIABLE]: JSON.stringify(supervision) };
}

/** Returns what the supervisor of this process passed to it; undefined if it has none. */
export function supervisionOf(env: NodeJS.ProcessEnv): Supervision | undefined {
  const text = env[VARIABLE];
  return text === undefined || process.send === undefined ? undefined : (JSON.parse(text) as Supervision);
}

/** Makes a supervisor the one of a platform: any other stops restarting its daemon. */
export function appoint(dataDir: string, id: string): void {
  writePrivateFile(fileOf(dataDir), id);
}

/** Leaves a platform without a supervisor: nothing restarts its daemon. */
export function dismiss(dataDir: string): void {
  rmSync(fileOf(dataDir), { force: true });
}

/**
 * Whether a supervisor is still the one of its platform. It is not after `platform:stop`, which must also hold between
 * the death of a daemon and its restart, when there is no daemon to be asked.
 */
export function isCurrent(dataDir: string, id: string): boolean {
  try {
    return readFileSync(fileOf(dataDir), 'utf8') === id;
  } catch {
    return false;
  }
}

function fileOf(dataDir: string): string {
  return join(dataDir, 'supervisor');
}
