/** What has our commands: `aka` itself, or another tool that they are a plugin of. */
interface Host {
  readonly bin: string;
  /** What it has between topic and command: a colon or a blank. */
  readonly topicSeparator: string;
  readonly commandIDs: readonly string[];
}

/** The older aka that started this process, as its plugin (index.js) says. */
interface OlderAka {
  readonly bin: string;
  /** The commands that it has. Ours that it lacks are typed behind `akkeris-spaces`. */
  readonly commands: readonly string[];
}

let host: Host | undefined;
let older: OlderAka | undefined;
/** The flag that named the platform, as it was typed. */
let platformFlag: string | undefined;

/** Commands that are about no platform, or about all. */
const OF_NO_PLATFORM = /^(?:help|completion|profiles)(?::|$)/;

/** From now on {@link asTyped} writes commands as they are typed there. */
export function calledIn(given: Host): void {
  host = given;
  older = olderAka(process.env);
}

/** From now on {@link asTyped} has commands for the platform that these flags name. */
export function calledFor({
  platform,
  api,
}: {
  platform?: string | undefined;
  api?: string | undefined;
}): void {
  const [flag, value] = platform === undefined ? ['--api', api] : ['--platform', platform];
  // Only what a shell takes as it is.
  platformFlag = value !== undefined && /^[\w.:/@-]{1,200}$/.test(value) ? `${flag} ${value}` : undefined;
}

/**
 * A text for people in which commands are written as ours are (`aka spaces:info`), with commands as they are typed
 * where this runs. Not for data: it may hold the same words.
 */
export function asTyped(text: string): string {
  return typed(text, platformFlag);
}

function typed(text: string, flagOfPlatform: string | undefined): string {
  const called = host;
  if (called === undefined) return text;
  return text.replaceAll(/(?<![\w-])aka ([a-z]+(?::[a-z-]+)*)/g, (all: string, id: string, at: number) => {
    if (id !== 'help' && !called.commandIDs.includes(id)) return all;
    const named = /^(?:(?! aka )[^\n;])* --(?:platform|api)\b/.test(text.slice(at + all.length));
    const flag = flagOfPlatform === undefined || named || OF_NO_PLATFORM.test(id) ? '' : ` ${flagOfPlatform}`;
    return `${nameOf(id, called)}${flag}`;
  });
}

function nameOf(id: string, { bin, topicSeparator }: Host): string {
  if (older !== undefined) return `${older.bin} ${older.commands.includes(id) ? '' : 'akkeris-spaces '}${id}`;
  return `${bin} ${id.replaceAll(':', topicSeparator)}`;
}

/**
 * A result with the advice in it as it is typed here: the texts of members that have these names. A result is the same
 * whichever flags name its platform.
 */
export function withAdvice<T>(result: T, members: readonly string[]): T {
  if (members.length === 0 || typeof result !== 'object' || result === null) return result;
  const told = (value: unknown, key: string): unknown =>
    typeof value === 'string'
      ? members.includes(key)
        ? typed(value, undefined)
        : value
      : withAdvice(value, members);
  return (
    Array.isArray(result)
      ? result.map((each) => withAdvice(each as unknown, members))
      : Object.fromEntries(Object.entries(result).map(([key, value]) => [key, told(value, key)]))
  ) as T;
}

/** How one logs in where that isn't done by a token in the environment; undefined elsewhere. */
export function loginHint(): string | undefined {
  return older === undefined ? undefined : `Log in: ${older.bin} auth:login`;
}

/** The name this program was started by, of those that its package has. */
export function programName(path: string | undefined, names: readonly string[]): string {
  const name = path?.split(/[/\\]/).at(-1) ?? '';
  return names.includes(name) ? name : 'aka';
}

function olderAka({ AKKERIS_SPACES_PLUGIN: text }: NodeJS.ProcessEnv): OlderAka | undefined {
  if (text === undefined) return undefined;
  try {
    const { bin, commands } = JSON.parse(text) as Partial<OlderAka>;
    // `help` of the older aka tells of its own commands.
    return typeof bin === 'string' && /^[a-z]{1,20}$/.test(bin) && Array.isArray(commands)
      ? { bin, commands: commands.filter((id) => id !== 'help') }
      : undefined;
  } catch {
    return undefined;
  }
}
