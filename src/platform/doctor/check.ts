import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Folders } from '../store/store.js';

/** What was found out about one thing. A problem is in the way of the platform, a warning of some use of it. */
export interface Finding {
  readonly name: string;
  readonly state: 'ok' | 'warning' | 'problem';
  readonly says: string;
  /** The command, or the step, that mends it. */
  readonly mend?: string;
}

/** What checks look at. */
export interface Machine extends Folders {
  readonly env: NodeJS.ProcessEnv;
}

/** Looks at one thing, and changes nothing. What it throws is a problem. */
export interface Check {
  readonly name: string;
  examine(machine: Machine): Answer | Promise<Answer>;
}

export type Answer = Omit<Finding, 'name'>;

export function ok(says: string): Answer {
  return { state: 'ok', says };
}

export function warning(says: string, mend?: string): Answer {
  return { state: 'warning', says, ...(mend !== undefined && { mend }) };
}

export function problem(says: string, mend?: string): Answer {
  return { state: 'problem', says, ...(mend !== undefined && { mend }) };
}

/** The longest that a program that is tried may take, in milliseconds. */
const PATIENCE = 3000;

/** Runs a program to see whether it can; false too if it is not there, or has not ended in time. */
export function succeeds(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  patience = PATIENCE,
): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'ignore', env: { PATH: searchPath(env) } });
    const limit = setTimeout(() => child.kill('SIGKILL'), patience);
    const end = (succeeded: boolean): void => {
      clearTimeout(limit);
      resolve(succeeded);
    };
    child.once('error', () => end(false));
    child.once('exit', (code) => end(code === 0));
  });
}

/** Where a program is; undefined if it is nowhere. */
export function findProgram(name: string, env: NodeJS.ProcessEnv): string | undefined {
  return searchPath(env)
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

/** With the folders of administrators, which a user's own path often lacks. */
function searchPath(env: NodeJS.ProcessEnv): string {
  return [env.PATH, '/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin', '/bin']
    .filter(Boolean)
    .join(delimiter);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
