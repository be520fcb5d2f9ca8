import { printable } from '../model/rule.js';
import { withColours, withoutColours } from './program-text.js';

/** How a piece of text is meant; what that looks like depends on where it is shown. */
export interface Style {
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly caution: (text: string) => string;
  /** A line that a program printed: its own colours are kept where there are any. */
  readonly program: (line: string) => string;
  /** Tells things of one kind apart by colours; there is always one, which may be none. */
  readonly tints: readonly ((text: string) => string)[];
}

/** Text with a style of its own. */
interface Styled {
  readonly text: string;
  readonly style: (text: string) => string;
}

export type Cell = string | number | Styled;
export type Facts = readonly (readonly [name: string, value: Cell | readonly Cell[]])[];

/** Where results go: aligned and coloured at a terminal, tab-separated rows without decoration elsewhere. */
export interface Output {
  readonly style: Style;
  readonly isTerminal: boolean;
  line(text?: string): void;
  /** A value as it is, for programs; at a terminal its control characters are escaped. */
  raw(value: string): void;
  /** A line of text that is safe already and has its style. */
  styled(text: string): void;
  /** A heading, at a terminal only: rows speak for themselves. */
  heading(text: string): void;
  /** Explains to a reader; left out where programs read. */
  note(text: string): void;
  facts(facts: Facts): void;
  table(head: readonly string[], rows: readonly (readonly Cell[])[]): void;
}

/** What is shown of a cell: its text can't move a cursor, and only its own style goes round that. */
export function cellText(cell: Cell): string {
  return typeof cell === 'object' ? cell.style(printable(cell.text)) : printable(String(cell));
}

/** The cells of a fact, which has one or several. */
export function cellsOf(value: Cell | readonly Cell[]): readonly Cell[] {
  return isList(value) ? value : [value];
}

function isList(value: Cell | readonly Cell[]): value is readonly Cell[] {
  return Array.isArray(value);
}

/** The width that text is laid out for, in columns. */
function columnsOf(stream: { columns?: number | undefined }, env: NodeJS.ProcessEnv): number {
  const asked = Number(env.COLUMNS);
  return Number.isInteger(asked) && asked > 0 ? asked : stream.columns || 80;
}

/** Whether colours are wanted on a stream: NO_COLOR, FORCE_COLOR and TERM=dumb are honoured. */
function colourLevel(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): 0 | 1 {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return 0;
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '') return env.FORCE_COLOR === '0' ? 0 : 1;
  return stream.isTTY === true && env.TERM !== 'dumb' ? 1 : 0;
}

const plainStyle: Style = {
  strong: (text) => text,
  faint: (text) => text,
  good: (text) => text,
  bad: (text) => text,
  caution: (text) => text,
  program: withoutColours,
  tints: [(text) => text],
};

/** The style of a stream; chalk is only loaded where there is something to colour. */
export async function styleFor(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): Promise<Style> {
  const level = colourLevel(stream, env);
  if (level === 0) return plainStyle;
  const { Chalk } = await import('chalk');
  const chalk = new Chalk({ level });
  const { bold, dim, green, red, yellow, cyan, magenta, blue } = chalk;
  const tints = [cyan, yellow, green, magenta, blue];
  return { strong: bold, faint: dim, good: green, bad: red, caution: yellow, program: withColours, tints };
}

/** The output for what runs here and now. */
export async function outputFor(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): Promise<Output> {
  const style = await styleFor(stream, env);
  if (stream.isTTY !== true) return new PlainOutput(stream, style);
  const { TerminalOutput } = await import('./terminal-output.js');
  return new TerminalOutput(stream, style, columnsOf(stream, env));
}

class PlainOutput implements Output {
  readonly isTerminal = false;
  readonly #stream: NodeJS.WritableStream;

  constructor(
    stream: NodeJS.WritableStream,
    readonly style: Style,
  ) {
    this.#stream = stream;
  }

  line(text = ''): void {
    this.#stream.write(`${printable(text)}\n`);
  }

  raw(value: string): void {
    this.#stream.write(`${value}\n`);
  }

  styled(text: string): void {
    this.#stream.write(`${text}\n`);
  }

  heading(): void {}

  note(): void {}

  facts(facts: Facts): void {
    for (const [name, value] of facts) this.#row([name, ...cellsOf(value)]);
  }

  table(_: readonly string[], rows: readonly (readonly Cell[])[]): void {
    for (const row of rows) this.#row(row);
  }

  /** A tab or a line feed in a cell would make two of it. */
  #row(cells: readonly Cell[]): void {
    const row = cells.map((cell) => cellText(cell).replaceAll('\t', '\\t').replaceAll('\n', '\\n'));
    this.#stream.write(`${row.join('\t')}\n`);
  }
}
