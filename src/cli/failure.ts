import { isUnderWay } from '../client/under-way.js';
import { AppsApiError } from '../contract/errors.js';
import { redactText } from '../model/redaction.js';
import { printable, Refusal, RuleError } from '../model/rule.js';
import { asTyped, loginHint } from './called-as.js';
import { EXIT, type ExitCode, exitForStatus } from './exit-codes.js';
import { usageFailure } from './usage.js';

/** An error as people and scripts see it. */
export interface Failure {
  readonly id: string;
  readonly message: string;
  readonly hint?: string;
  readonly exit: ExitCode;
}

/** What a command throws to end with a code of its own. */
export class CommandError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** A mistake in what was typed. */
export function usage(message: string, hint?: string, id = 'usage'): CommandError {
  return new CommandError({ id, message, exit: EXIT.usage, ...(hint === undefined ? {} : { hint }) });
}

/**
 * Checks what can be known without a platform. What a policy refuses is left to the platform: it refuses it as well,
 * and records that.
 */
export function checkLocally(check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
}

/** What happened to a command that was told to stop. */
export function interrupted(): CommandError {
  const unsure = isUnderWay();
  return new CommandError({
    id: 'interrupted',
    message: unsure ? 'Interrupted. Whether the change was made is not known.' : 'Interrupted.',
    exit: EXIT.interrupted,
    ...(unsure && { hint: 'Look at what is there before you do it again.' }),
  });
}

/** Gives every error its form. One that nobody expected is a defect of `aka`, and says so. */
export function failureOf(error: unknown): Failure {
  const usageError = usageFailure(error);
  if (usageError !== undefined) return { ...usageError, hint: asTyped(usageError.hint) };
  const { id, message, hint, exit } = classify(error);
  const login = id === 'unauthorized' ? loginHint() : undefined;
  const shown = login ?? tellingHint(message, hint);
  return { id, message: presentable(message), ...(shown === undefined ? {} : { hint: shown }), exit };
}

/** A hint may be made of what was typed: where that is a secret, of the secret in another form. */
function tellingHint(message: string, hint: string | undefined): string | undefined {
  return hint === undefined || redactText(message) !== message ? undefined : asTyped(presentable(hint));
}

function classify(error: unknown): Failure {
  if (error instanceof CommandError) return error.failure;
  if (error instanceof AppsApiError) return withHint(error, exitForStatus(error.status));
  if (error instanceof RuleError)
    return withHint(error, error instanceof Refusal ? EXIT.refused : EXIT.usage);
  return systemFailure(error) ?? defect(error);
}

function withHint(error: AppsApiError | RuleError, exit: ExitCode): Failure {
  const { id, message, hint } = error;
  return { id, message, exit, ...(hint === undefined ? {} : { hint }) };
}

/** What the machine refuses: a full disk, a folder that can't be written. */
function systemFailure(error: unknown): Failure | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, path } = error as NodeJS.ErrnoException;
  const where = path === undefined ? '' : ` (${path})`;
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return {
      id: 'not_permitted',
      message: `This machine does not permit it: ${code}${where}.`,
      hint: 'Check who owns the folder, or choose others: AKA_DATA_DIR and AKA_CONFIG_DIR.',
      exit: EXIT.notAllowed,
    };
  }
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return {
      id: 'disk_full',
      message: `The disk is full${where}. Nothing was changed.`,
      exit: EXIT.unreachable,
    };
  }
  if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR' || code === 'EEXIST') {
    return {
      id: 'bad_path',
      message: `There is no such file or folder to use: ${code}${where}.`,
      exit: EXIT.usage,
    };
  }
  return undefined;
}

function defect(error: unknown): Failure {
  return {
    id: 'defect',
    message: `A defect in aka: ${error instanceof Error ? `${error.name}: ${error.message}` : 'something was thrown'}`,
    hint: 'Run it again with --debug and report what it prints.',
    exit: EXIT.defect,
  };
}

/** Safe to print: no secrets, no control characters, not endless. */
export function presentable(text: string): string {
  const shown = printable(redactText(text));
  return shown.length > 2000 ? `${shown.slice(0, 2000)}...` : shown;
}
