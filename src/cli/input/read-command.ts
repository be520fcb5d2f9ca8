import { looksLikeApp } from './app-word.js';
import { ALIASES, INSTEAD, TOPIC_ALIASES, VERBS } from './other-names.js';
import { suggestCommands } from './suggest.js';

/** What has to be known of a command to find where its name ends. */
export interface CommandShape {
  readonly strict?: boolean | undefined;
  readonly args: Readonly<Record<string, unknown>>;
  readonly flags: Readonly<Record<string, unknown>>;
}

/** The commands there are. */
export interface Commands {
  readonly ids: readonly string[];
  find(id: string): CommandShape | undefined;
}

/** What the words of a command line mean. */
export type Reading =
  | {
      readonly kind: 'command';
      readonly id: string;
      readonly words: readonly string[];
      /** The command with the flags that were added, if it was typed under another name. */
      readonly instead?: string;
    }
  | { readonly kind: 'help'; readonly subject: string }
  /** A topic that is no command, and nothing behind it. */
  | { readonly kind: 'topic'; readonly subject: string }
  | { readonly kind: 'unknown'; readonly name: string; readonly hint: string };

/** The longest name of a command: platform:tokens:create. */
const NAME_WORDS = 3;

/**
 * Reads a command line whose first word is not simply a command with flags behind it: a name with blanks for colons, a
 * name from another tool, `help`, or a word that belongs to a neighbour of the command. Returns the command to run and
 * its words, or what to say.
 */
export function readCommand(typed: readonly string[], commands: Commands): Reading {
  // apps:help is apps help.
  const [first = '', ...others] = typed;
  const argv = first.endsWith(':help') ? [first.slice(0, -':help'.length), 'help', ...others] : typed;
  const leading = leadingWords(argv);
  const named = longestName(leading, commands);
  if (named === undefined) return unknown(leading[0] ?? '', leading[1], commands);
  const rest = argv.slice(named.length);
  if (named.kind === 'topic') {
    const [verb] = rest;
    return verb === undefined || verb.startsWith('-')
      ? { kind: 'topic', subject: named.id }
      : verb === 'help'
        ? { kind: 'help', subject: named.id }
        : unknown(`${named.id}:${verb}`, undefined, commands);
  }
  if (named.kind === 'instead') return { kind: 'unknown', name: named.name, hint: named.hint };
  if (isHelp(rest, commands.find(named.id))) return { kind: 'help', subject: named.id };
  return neighbour(named, rest, commands) ?? command(named, rest);
}

interface Named {
  readonly kind: 'command';
  readonly id: string;
  readonly added: readonly string[];
  readonly isAlias: boolean;
  /** How many words it is made of. */
  readonly length: number;
}

type Found =
  | Named
  | { readonly kind: 'topic'; readonly id: string; readonly length: number }
  | { readonly kind: 'instead'; readonly name: string; readonly hint: string; readonly length: number };

/** The words a name can be made of; the first may be anything. */
function leadingWords(argv: readonly string[]): readonly string[] {
  const end = argv.findIndex((word, index) => index > 0 && !/^[a-z][a-z:-]*$/i.test(word));
  return argv.slice(0, Math.min(end === -1 ? argv.length : end, NAME_WORDS));
}

/** What the most words name. A command that takes words ends the name: what follows is its own. */
function longestName(words: readonly string[], commands: Commands): Found | undefined {
  let found: Found | undefined;
  for (let length = 1; length <= words.length; length++) {
    const name = words.slice(0, length).join(':').toLowerCase();
    found = lookUp(name, length, commands) ?? found;
    if (takesWords(commands.find(name))) break;
  }
  return found;
}

function lookUp(name: string, length: number, commands: Commands): Found | undefined {
  if (commands.find(name) !== undefined) {
    return { kind: 'command', id: name, added: [], isAlias: false, length };
  }
  const alias = own(ALIASES, name);
  if (alias !== undefined) {
    const [id = '', ...added] = alias.split(' ');
    return { kind: 'command', id, added, isAlias: true, length };
  }
  const exact = own(INSTEAD, name);
  if (exact !== undefined) return { kind: 'instead', name, hint: exact, length };
  const id = sameElsewhere(name, commands);
  if (id !== undefined) return { kind: 'command', id, added: [], isAlias: true, length };
  if (isTopic(name, commands)) return { kind: 'topic', id: name, length };
  // Of `domains add www.example.com`, the last word is no part of a name.
  const hint = length > 2 ? undefined : own(INSTEAD, name.split(':')[0] ?? '');
  return hint === undefined ? undefined : { kind: 'instead', name, hint, length };
}

/** The command that has another name for its topic, its verb or both: `webhooks:ls` is `hooks`. */
function sameElsewhere(name: string, commands: Commands): string | undefined {
  const parts = name.split(':');
  const [first = '', ...others] = parts;
  const topic = own(TOPIC_ALIASES, first);
  if (topic !== undefined) {
    const id = [topic, ...others].join(':');
    return commands.find(id) === undefined ? sameElsewhere(id, commands) : id;
  }
  const verb = parts.pop() ?? '';
  if (parts.length === 0) return undefined;
  return (own(VERBS, verb) ?? [])
    .map((each) => (each === '' ? parts.join(':') : `${parts.join(':')}:${each}`))
    .find((id) => commands.find(id) !== undefined);
}

function isHelp([first, ...others]: readonly string[], shape: CommandShape | undefined): boolean {
  // For a command that takes words, `help` may be one of them.
  return first === 'help' && shape?.strict !== false && (others.length === 0 || !takesWords(shape));
}

/**
 * The neighbour in its topic that a command without arguments is given a word for: `spaces shop` is `spaces:info shop`,
 * and `spaces craete` a mistyped `spaces:create`.
 */
function neighbour(named: Named, rest: readonly string[], commands: Commands): Reading | undefined {
  const { id } = named;
  const [word] = rest;
  if (word === undefined || word.startsWith('-') || takesWords(commands.find(id))) return undefined;
  const [near] = /^[a-z-]{3,}$/i.test(word) ? suggestCommands(`${id}:${word}`, commands.ids) : [];
  if (near !== undefined) return unknown(`${id}:${word}`, undefined, commands);
  const about = [`${id}:info`, `${id}:explain`].find((each) => takesWords(commands.find(each)));
  const takesApp = commands.find(id)?.flags.app !== undefined;
  if (about === undefined || (takesApp && looksLikeApp(word))) return undefined;
  return { kind: 'command', id: about, words: rest, instead: about };
}

function command({ id, added, isAlias }: Named, rest: readonly string[]): Reading {
  const words = [...added, ...rest];
  return { kind: 'command', id, words, ...(isAlias && { instead: [id, ...added].join(' ') }) };
}

function unknown(first: string, second: string | undefined, commands: Commands): Reading {
  const near = suggestCommands(first, commands.ids);
  const [joined] =
    near.length > 0 || second === undefined ? [] : suggestCommands(`${first}:${second}`, commands.ids);
  const topic = first.split(':')[0] ?? '';
  const hint =
    near.length > 0 || joined !== undefined
      ? `Did you mean aka ${(joined === undefined ? near : [joined]).join(' or aka ')}?`
      : first.includes(':') && (isTopic(topic, commands) || commands.find(topic) !== undefined)
        ? `Its commands: aka help ${topic}`
        : 'Every command: aka help';
  return { kind: 'unknown', name: first, hint };
}

function isTopic(name: string, { ids }: Commands): boolean {
  return ids.some((id) => id.startsWith(`${name}:`));
}

function takesWords(shape: CommandShape | undefined): boolean {
  return shape !== undefined && (shape.strict === false || Object.keys(shape.args).length > 0);
}

function own<Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
