import { AppsApiError } from '../../contract/errors.js';
import { authorityCheck } from './authority.js';
import { type Answer, type Check, type Finding, type Machine, problem } from './check.js';
import { dataChecks } from './data.js';
import { engineChecks } from './engine.js';
import { folderChecks } from './folders.js';
import { machineChecks } from './machine.js';

export interface Examination {
  /** Whether there is no problem; warnings there may be. */
  readonly ok: boolean;
  readonly checks: readonly Finding[];
}

/** Every check, in the order they are shown in. */
export const CHECKS: readonly Check[] = [
  ...machineChecks,
  ...folderChecks,
  ...dataChecks,
  authorityCheck,
  ...engineChecks,
];

/** Looks at a machine and at the platform on it, and changes neither. It never throws. */
export async function examine(machine: Machine, checks: readonly Check[] = CHECKS): Promise<Examination> {
  const findings: Finding[] = [];
  for (const check of checks) {
    findings.push({ name: check.name, ...(await answerOf(check, machine)) });
  }
  return { ok: findings.every(({ state }) => state !== 'problem'), checks: findings };
}

async function answerOf(check: Check, machine: Machine): Promise<Answer> {
  try {
    return await check.examine(machine);
  } catch (error) {
    if (error instanceof AppsApiError) return problem(error.message, error.hint);
    return problem(`This could not be found out: ${error instanceof Error ? error.message : 'it failed'}`);
  }
}
