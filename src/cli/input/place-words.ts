import { looksLikeApp } from './app-word.js';

/** What has to be known of a command to place its words. */
export interface Form {
  readonly id: string;
  readonly args: Readonly<Record<string, { readonly required?: boolean | undefined }>>;
  readonly flags: Readonly<Record<string, FlagForm>>;
}

interface FlagForm {
  readonly char?: string | undefined;
  readonly aliases?: readonly string[] | undefined;
  readonly charAliases?: readonly string[] | undefined;
  readonly type?: string | undefined;
}

/** A word as @oclif/core read it. */
export type Token =
  | { readonly type: 'arg'; readonly input: string }
  | { readonly type: 'flag'; readonly flag: string; readonly input: string };

/** Flags that name the argument of a command that lacks them. Those of an app or a space to create are by command. */
const FLAGS_OF_ARGUMENT: Readonly<Record<string, readonly string[]>> = {
  app: ['--app', '-a'],
  space: ['--space', '-s'],
  pipeline: ['--pipeline', '-p'],
  dyno: ['--dyno', '-d', '--dyno-name', '--process-type', '--ps', '-p'],
  type: ['--type', '--process-type', '--ps', '-p'],
  release: ['--release', '-r'],
  build: ['--build'],
  stack: ['--stack', '-s'],
  region: ['--region', '-r'],
  credential: ['--credential', '--name', '-n'],
  'apps:create name': ['--app', '-a', '--name', '-n'],
  'spaces:create name': ['--space', '--name', '-n'],
  'pipelines:create name': ['--pipeline', '-p', '--name', '-n'],
};

/**
 * The words of a command line that @oclif/core refused with this error, as they were probably meant. Undefined if there
 * is nothing to move.
 */
export function placedWords(error: unknown, argv: readonly string[], form: Form): string[] | undefined {
  if (!(error instanceof Error) || !('parse' in error)) return undefined;
  const { raw = [] } = (error.parse as { output?: { raw?: readonly Token[] } }).output ?? {};
  return flagAsArgument(argv, form) ?? argumentAsFlag(raw, form);
}

/**
 * The words of a command line that could not be parsed, in the form that the command takes: `spaces:info --space shop`
 * as `spaces:info shop`. Undefined if no flag stands for the first argument.
 */
export function flagAsArgument(argv: readonly string[], { id, args, flags }: Form): string[] | undefined {
  const [first = ''] = Object.keys(args);
  const names = (FLAGS_OF_ARGUMENT[`${id} ${first}`] ?? FLAGS_OF_ARGUMENT[first] ?? []).filter(
    (name) => !isFlag(name, flags),
  );
  const dashes = argv.indexOf('--');
  const at = argv.findIndex(
    (word, index) => (dashes === -1 || index < dashes) && names.includes(nameOf(word)),
  );
  const flag = argv[at];
  if (flag === undefined) return undefined;
  if (flag.includes('=')) return argv.with(at, flag.slice(flag.indexOf('=') + 1));
  const value = argv[at + 1];
  return value === undefined || value.startsWith('-') ? undefined : argv.filter((_, index) => index !== at);
}

/**
 * The words of a command line with the argument that is one too many as the app or the space that it is about:
 * `logs web-shop` as `logs --app=web-shop`. Undefined if it can't be that.
 */
export function argumentAsFlag(tokens: readonly Token[], { args, flags }: Form): string[] | undefined {
  const typed = tokens.filter(({ type }) => type === 'arg').map(({ input }) => input);
  const has = (flag: string): boolean =>
    flags[flag] !== undefined && !tokens.some((token) => token.type === 'flag' && token.flag === flag);
  if (typed.length !== Object.keys(args).length + 1) return undefined;
  const app = has('app') ? typed.findLast(looksLikeApp) : undefined;
  if (app !== undefined) return wordsOf(tokens, flags, 'app', app);
  const [word] = typed;
  return has('space') && typed.length === 1 && word !== undefined && /^[a-z][a-z0-9-]+$/i.test(word)
    ? wordsOf(tokens, flags, 'space', word)
    : undefined;
}

/**
 * The words of a command line that names no app, with its optional argument as the app: `ps:restart web-shop` as
 * `ps:restart --app=web-shop`. Undefined where that argument can be a folder, or is not written as an app.
 */
export function optionalAsApp(tokens: readonly Token[], { args, flags }: Form): string[] | undefined {
  const [first] = Object.entries(args);
  const typed = tokens.filter(({ type }) => type === 'arg').map(({ input }) => input);
  const [word] = typed;
  if (first === undefined || first[1].required === true || first[0] === 'source') return undefined;
  if (flags.app === undefined || typed.length !== 1 || word === undefined || !looksLikeApp(word))
    return undefined;
  return wordsOf(tokens, flags, 'app', word);
}

/** Tokens as words again, with the last argument that is `word` as the value of a flag. */
function wordsOf(tokens: readonly Token[], flags: Form['flags'], flag: string, word: string): string[] {
  const at = tokens.findLastIndex(({ type, input }) => type === 'arg' && input === word);
  const rest = tokens.filter((_, index) => index !== at);
  const args = rest.filter(({ type }) => type === 'arg').map(({ input }) => input);
  return [
    ...rest.flatMap((token) =>
      token.type === 'arg'
        ? []
        : [flags[token.flag]?.type === 'boolean' ? token.input : `--${token.flag}=${token.input}`],
    ),
    `--${flag}=${word}`,
    ...(args.length > 0 ? ['--', ...args] : []),
  ];
}

function nameOf(word: string): string {
  const at = word.indexOf('=');
  return at === -1 ? word : word.slice(0, at);
}

function isFlag(name: string, flags: Form['flags']): boolean {
  return Object.entries(flags).some(
    ([long, { char, aliases = [], charAliases = [] }]) =>
      `--${long}` === name ||
      `-${char}` === name ||
      aliases.some((alias) => `--${alias}` === name || `-${alias}` === name) ||
      charAliases.some((alias) => `-${alias}` === name),
  );
}
