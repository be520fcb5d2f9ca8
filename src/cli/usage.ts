import { stripVTControlCharacters } from 'node:util';
import { isCompliance } from '../model/compliance.js';
import { nearest } from '../model/nearest.js';
import { redactText } from '../model/redaction.js';
import { EXIT } from './exit-codes.js';
import type { Failure } from './failure.js';

/** The parts of a parse error of @oclif/core that say what was wrong; what was typed is in it, too. */
interface ParseError extends Error {
  readonly args?: readonly (string | { readonly name: string; readonly description?: string })[];
  readonly flags?: readonly string[];
  readonly parse?: {
    readonly input?: { readonly flags?: Readonly<Record<string, FlagFacts>> };
    readonly output?: {
      readonly argv?: readonly unknown[];
      readonly flags?: Readonly<Record<string, unknown>>;
    };
  };
}

interface FlagFacts {
  readonly name: string;
  readonly char?: string;
  readonly options?: readonly string[];
  readonly helpValue?: string;
}

/** A parse error in our words, with the usage line of its command. */
export class UsageError extends Error {
  readonly failure: UsageFailure;

  constructor(failure: UsageFailure, options: ErrorOptions) {
    super(failure.message, options);
    this.failure = failure;
  }
}

type UsageFailure = Failure & { readonly hint: string };

/**
 * Puts a parse error of @oclif/core into our words. Theirs show the values that were typed, and one may be a
 * secret: ours show names of flags and arguments only, and nothing in them has to be hidden: what stands behind
 * `--token-file` is a word of ours. The hint is the way out, or the usage `line` of the command. Undefined for any other
 * error.
 */
export function usageFailure(error: unknown, line?: string): UsageFailure | undefined {
  if (error instanceof UsageError) return error.failure;
  if (!(error instanceof Error) || !('oclif' in error)) return undefined;
  const said = explain(error, line);
  return {
    id: 'usage',
    message: said.message,
    hint: said.hint ?? (line === undefined ? 'See its usage with --help.' : `Usage: ${line}`),
    exit: EXIT.usage,
  };
}

function explain(error: ParseError, line: string | undefined): { message: string; hint?: string } {
  switch (error.constructor.name) {
    case 'NonExistentFlagsError':
      return unknownFlag(error, line);
    case 'UnexpectedArgsError':
      return tooManyArguments(error);
    case 'RequiredArgsError':
      return missingArguments(error);
    case 'ArgInvalidOptionError':
    case 'FlagInvalidOptionError':
      return notAnOption(error);
    default:
      return generic(error);
  }
}

function unknownFlag(error: ParseError, line: string | undefined): { message: string; hint?: string } {
  const typed = (error.flags ?? []).map((flag) => flag.split('=')[0] ?? '');
  const shown = typed.find(
    (flag) =>
      /^(-[a-z]|--[a-z]+(-[a-z]+){0,3})$/i.test(flag) && flag.length <= 24 && redactText(flag) === flag,
  );
  const message = shown === undefined ? 'A flag is not known here.' : `There is no flag ${shown} here.`;
  const flags = error.parse?.input?.flags ?? {};
  if (flags.confirm !== undefined && typed.some((flag) => ANSWERS_YES.has(flag))) {
    return { message, hint: `To skip the prompt: --confirm ${confirmedName(error)}` };
  }
  // Long ones only: any letter is one edit away from any other.
  const near = shown?.startsWith('--')
    ? nearest(
        shown,
        Object.keys(flags).map((flag) => `--${flag}`),
      )
    : undefined;
  if (near !== undefined) return { message, hint: `Did you mean ${near}?` };
  return line?.includes(' -- ')
    ? { message, hint: `Put -- before the program and its flags: ${line}` }
    : { message };
}

/** What others take for "don't ask". */
const ANSWERS_YES: ReadonlySet<string> = new Set([
  '--yes',
  '-y',
  '--force',
  '-f',
  '--no-confirm',
  '--assume-yes',
]);

/** What the command would be confirmed by: the name that was typed, if it is one, or what the flag takes. */
function confirmedName({ parse }: ParseError): string {
  const { flags, argv = [] } = parse?.output ?? {};
  const [name] = [flags?.app, argv[0]].filter(
    (word): word is string =>
      typeof word === 'string' && /^[a-z][a-z0-9-]{1,62}$/i.test(word) && redactText(word) === word,
  );
  return name ?? parse?.input?.flags?.confirm?.helpValue ?? 'NAME';
}

function tooManyArguments(error: ParseError): { message: string; hint?: string } {
  const typed = (error.args ?? []).filter((arg) => typeof arg === 'string');
  // Any of the arguments may be the one too many: `-c prod socs shop` is as wrong as `shop -c prod socs`.
  const words = (error.parse?.output?.argv ?? typed).map((word) => String(word).toLowerCase());
  const choosesCompliance = error.parse?.input?.flags?.compliance !== undefined;
  if (choosesCompliance && words.some((word) => word.split(',').every(isCompliance))) {
    return {
      message: 'Compliances are separated by commas, not by blanks.',
      hint: 'Write them as one word: --compliance socs,prod',
    };
  }
  return { message: `${typed.length === 1 ? 'One argument' : `${typed.length} arguments`} too many.` };
}

function missingArguments(error: ParseError): { message: string } {
  const names = (error.args ?? []).map((arg) => (typeof arg === 'string' ? arg : arg.name.toUpperCase()));
  return { message: `${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} missing.` };
}

function notAnOption(error: ParseError): { message: string } {
  // "Expected --format=VALUE to be one of: a, b"; only the value may be a secret.
  const flag = /^Expected (--[a-z-]+)=/.exec(error.message)?.[1];
  const options = /.*to be one of: (.*)/.exec(error.message)?.[1] ?? '';
  return { message: `${flag ?? 'The argument'} must be one of: ${options}.` };
}

function generic(error: ParseError): { message: string } {
  const [line = ''] = error.message.split('\n');
  const valueless =
    /^Flag (--[a-z-]+) (expects a value|can only be specified once|expects one of these values: .*)/;
  const flag = valueless.exec(line);
  if (flag !== null) return { message: `${flag[1]} ${flag[2]}.` };
  const number = /Parsing (--[a-z-]+) *\s+Expected an integer( [a-z ]+\d+)? but received/.exec(error.message);
  if (number !== null) return { message: `${number[1]} expects an integer${number[2] ?? ''}.` };
  // At a terminal, theirs has the name in bold.
  const missing = /Missing required flag (\S+)/.exec(stripVTControlCharacters(error.message))?.[1];
  if (missing !== undefined) return { message: `--${missing.replace(/^-+/, '')} is missing.` };
  const needs = /All of the following must be provided when using (--[a-z-]+): (--[a-z-]+(?:, --[a-z-]+)*)/;
  const alone = needs.exec(error.message);
  if (alone !== null) return { message: `${alone[1]} needs ${alone[2]?.replaceAll(', ', ' and ')}.` };
  const together = /(--[a-z-]+=?\S*) cannot also be provided when using (--[a-z-]+)/.exec(error.message);
  if (together !== null) {
    return { message: `${together[1]?.split('=')[0]} and ${together[2]} can't be used together.` };
  }
  return { message: 'The flags and arguments do not fit together.' };
}
