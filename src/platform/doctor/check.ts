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
