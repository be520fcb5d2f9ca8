import { isDeepStrictEqual } from 'node:util';
import type { Command } from '@oclif/core';
import { COMPLIANCES } from '../../model/compliance.js';
import { HELP_TOPICS } from '../help-topics.js';

/** What can be typed after the name of the program: what the script for every shell is made from. */
export interface Grammar {
  /** The names of the program; the first is asked when it was called by any other. */
  readonly programs: readonly string[];
  readonly commands: readonly CommandForm[];
  /** Flags that every command has, besides its own. */
  readonly shared: readonly FlagForm[];
}

export interface CommandForm {
  readonly id: string;
  readonly summary: string;
  readonly args: readonly ArgForm[];
  /** Whether the last argument can be given any number of times. */
  readonly endless: boolean;
  readonly flags: readonly FlagForm[];
}

export interface ArgForm {
  readonly name: string;
  readonly value: Value;
}

export interface FlagForm {
  /** With its dashes, as `--space`. */
  readonly long: string;
  /** With its dash, as `-s`. */
  readonly short?: string;
  readonly summary: string;
  readonly repeatable: boolean;
  /** What follows it; a switch has none. */
  readonly value?: Value;
}

export type Value =
  /** Names that only the platform knows. */
  | { readonly kind: 'names'; readonly of: Names }
  | { readonly kind: 'words'; readonly words: readonly string[] }
  /** Any of the words, with commas between them. */
  | { readonly kind: 'set'; readonly words: readonly string[] }
  | { readonly kind: 'file' }
  /** Nothing that could be known. */
  | { readonly kind: 'text' };

/** An argument or flag that is called so, or whose name ends so (`other-space`), takes a name of these. */
const NAMED = {
  space: 'spaces',
  app: 'apps',
  stack: 'stacks',
  region: 'regions',
  org: 'orgs',
  credential: 'credentials',
  // Of the user's settings.
  platform: 'profiles',
  profile: 'profiles',
  // Of the app that the line names.
  type: 'types',
  dyno: 'dynos',
  build: 'builds',
  release: 'releases',
} as const;

/** What the words of these commands name, whatever their arguments are called. */
const WORDS = {
  'config:get': 'vars',
  'config:set': 'vars',
  'config:unset': 'vars',
  'config:why': 'vars',
  'ps:destroy': 'types',
  'ps:scale': 'types',
} as const;

/** Flags that name an app and are not called so. */
const APP_FLAGS: readonly string[] = ['from', 'to'];

export type Names = (typeof NAMED)[keyof typeof NAMED] | (typeof WORDS)[keyof typeof WORDS];
export const NAMES: readonly Names[] = [...new Set([...Object.values(NAMED), ...Object.values(WORDS)])];

/** What `aka help` knows besides commands. */
export const TOPICS = [...HELP_TOPICS.keys()];

const HELP: FlagForm = { long: '--help', short: '-h', summary: 'show help', repeatable: false };

/** Describes the commands that are not hidden, in alphabetical order. */
export function grammarOf(programs: readonly string[], commands: readonly Command.Loadable[]): Grammar {
  const all = commands
    .filter(({ id, hidden, hiddenAliases }) => hidden !== true && !hiddenAliases.includes(id) && isWord(id))
    .map(commandForm);
  const shared = (all[0]?.flags ?? []).filter((flag) => all.every(({ flags }) => has(flags, flag)));
  return {
    programs: programs.filter(isWord),
    commands: all
      .map((form) => ({ ...form, flags: form.flags.filter((flag) => !has(shared, flag)) }))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    shared,
  };
}

function has(flags: readonly FlagForm[], flag: FlagForm): boolean {
  return flags.some((each) => isDeepStrictEqual(each, flag));
}

function commandForm({ id, summary, description, strict, args, flags }: Command.Loadable): CommandForm {
  const shown = Object.values(flags).filter((flag) => flag.hidden !== true && isWord(flag.name));
  return {
    id,
    summary: line(summary ?? description),
    args: argsOf(id, args),
    endless: strict === false,
    flags: [...shown.flatMap(flagForms), HELP],
  };
}

function argsOf(id: string, args: Command.Loadable['args']): ArgForm[] {
  const shown = Object.values(args).filter((arg) => arg.hidden !== true);
  if (!Object.hasOwn(WORDS, id)) {
    return shown.map(({ name, options }) => ({ name: line(name), value: valueOf(name, options) }));
  }
  const value: Value = { kind: 'names', of: WORDS[id as keyof typeof WORDS] };
  return [{ name: line(shown[0]?.name ?? 'word'), value }];
}

function flagForms(flag: Command.Flag.Cached): FlagForm[] {
  const form = {
    long: `--${flag.name}`,
    ...(flag.char === undefined ? {} : { short: `-${flag.char}` }),
    summary: line(flag.summary ?? flag.description),
  };
  if (flag.type === 'option') {
    return [{ ...form, repeatable: flag.multiple === true, value: valueOf(flag.name, flag.options) }];
  }
  const off = { long: `--no-${flag.name}`, summary: form.summary, repeatable: false };
  return [{ ...form, repeatable: false }, ...(flag.allowNo === true ? [off] : [])];
}

function valueOf(name: string, options: readonly string[] | undefined): Value {
  if (options !== undefined) return { kind: 'words', words: options.filter(isWord) };
  const noun = name.split('-').at(-1) ?? name;
  if (noun === 'compliance') return { kind: 'set', words: COMPLIANCES };
  if (noun === 'file') return { kind: 'file' };
  if (APP_FLAGS.includes(name)) return { kind: 'names', of: 'apps' };
  return Object.hasOwn(NAMED, noun)
    ? { kind: 'names', of: NAMED[noun as keyof typeof NAMED] }
    : { kind: 'text' };
}

/** What the functions of the scripts of a program are called; another program's may be in the same shell. */
export function functionName(program: string): string {
  return `_${program.replace(/\W/g, '_')}`;
}

/** Whether no shell takes any of its characters, nor our scripts, for something else. */
function isWord(text: string): boolean {
  return /^[a-z0-9][\w.:-]*$/i.test(text);
}

/** The first line, without the templates of help pages. */
function line(text = ''): string {
  return text.replace(/<%.*?%>/gs, '').split('\n', 1)[0] ?? '';
}
