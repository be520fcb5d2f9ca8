import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';
import { printable } from '../model/rule.js';
import { asTyped } from './called-as.js';
import { type Cell, cellsOf, cellText, type Facts, type Output, type Style } from './output.js';

/** No lines between cells: alignment is enough, and cells can be copied. */
const BARE = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/** A column that has fewer characters than this is too narrow to read sentences in. */
const LEAST_ROOM = 16;

/** Facts whose names are longer than this leave at least so many characters to what they say, or it goes below. */
const NAME_MAX = 16;
const LEAST_ROOM_OF_FACTS = 40;

/** Output for a reader at a terminal. */
export class TerminalOutput implements Output {
  readonly isTerminal = true;
  readonly #stream: NodeJS.WritableStream;
  readonly #columns: number;

  constructor(
    stream: NodeJS.WritableStream,
    readonly style: Style,
    columns: number,
  ) {
    this.#stream = stream;
    this.#columns = columns;
  }

  line(text = ''): void {
    this.#write(printable(text));
  }

  raw(value: string): void {
    this.line(value);
  }

  styled(text: string): void {
    this.#write(text);
  }

  heading(text: string): void {
    this.line();
    this.#write(this.style.strong(printable(text)));
  }

  note(text: string): void {
    this.#write(this.style.faint(wrap(asTyped(printable(text)), this.#columns)));
  }

  /** Beside their names where there is room for them, else below. */
  facts(facts: Facts): void {
    const width = Math.max(...facts.map(([name]) => name.length));
    if (this.#columns - width - 2 < LEAST_ROOM_OF_FACTS && width > NAME_MAX) return this.#below(facts);
    for (const [name, value] of facts) {
      const lines = cellsOf(value).flatMap((each) =>
        wrap(cellText(each), this.#columns - width - 2).split('\n'),
      );
      const [first = '', ...rest] = lines;
      this.#write(`${this.style.faint(printable(name).padEnd(width))}  ${first}`);
      for (const line of rest) this.#write(`${' '.repeat(width)}  ${line}`);
    }
  }

  #below(facts: Facts): void {
    for (const [name, value] of facts) {
      this.#write(this.style.faint(printable(name)));
      for (const each of cellsOf(value)) {
        const lines = wrap(cellText(each), this.#columns - 2).split('\n');
        for (const line of lines) this.#write(`  ${line}`);
      }
    }
  }

  /**
   * Columns without content are left out. Cells are never cut: of a table wider than the terminal the last column is
   * wrapped where that leaves it room, and else it is shown row by row.
   */
  table(head: readonly string[], rows: readonly (readonly Cell[])[]): void {
    const used = (rows[0] ?? [])
      .map((_, column) => column)
      .filter((column) => rows.some((row) => row[column] !== ''));
    const names = used.map((column) => head[column] ?? '');
    const cells = rows.map((row) => used.map((column) => row[column] ?? ''));
    const shown = cells.map((row) => row.map(cellText));
    let text = this.#drawn(names, shown);
    if (visibleWidth(text) > this.#columns) {
      const room = this.#columns - visibleWidth(text) + widthOfLast(shown);
      if (room >= LEAST_ROOM)
        text = this.#drawn(
          names,
          shown.map((row) => [...row.slice(0, -1), wrap(row.at(-1) ?? '', room)]),
        );
    }
    if (visibleWidth(text) <= this.#columns) this.#write(text);
    else this.#stacked(names, cells);
  }

  #drawn(names: readonly string[], rows: readonly (readonly string[])[]): string {
    const table = new Table({
      head: names.some((name) => name !== '') ? names.map((name) => this.style.faint(name)) : [],
      chars: BARE,
      style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    });
    table.push(...rows.map((row) => [...row]));
    return table.toString().replace(/[ \t]+$/gm, '');
  }

  /** Text that is safe already, with its style. */
  #write(text: string): void {
    this.#stream.write(`${text}\n`);
  }

  #stacked(names: readonly string[], rows: readonly (readonly Cell[])[]): void {
    rows.forEach((row, index) => {
      if (index > 0) this.line();
      const facts = row.map((cell, column) => [names[column] ?? '', cell] as const);
      this.facts(facts.filter(([, cell]) => cell !== ''));
    });
  }
}

function widthOfLast(rows: readonly (readonly string[])[]): number {
  return Math.max(...rows.map((row) => visibleWidth(row.at(-1) ?? '')));
}

/** That of the longest line; what colours it takes no room. */
function visibleWidth(text: string): number {
  const lines = stripVTControlCharacters(text).split('\n');
  return Math.max(...lines.map((line) => line.length));
}

/** Breaks text between words so that no line is wider than `width`; longer words stay whole. */
export function wrap(text: string, width: number): string {
  if (visibleWidth(text) <= width) return text;
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && visibleWidth(`${line} ${word}`) > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join('\n');
}
