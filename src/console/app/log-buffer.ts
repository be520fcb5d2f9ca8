import type { LogLine } from '../../contract/wire.js';
import { printable } from '../../model/rule.js';

/** A line of a log with a number of its own. */
export interface NumberedLine {
  readonly number: number;
  readonly at: string;
  readonly dyno: string;
  readonly stream: string;
  readonly text: string;
}

/** How many of the newest lines a page keeps. */
export const KEPT_LINES = 2000;

/** The newest lines of a log. */
export class LogBuffer {
  #lines: NumberedLine[] = [];
  #next = 1;

  /** Takes a line, and forgets the oldest above the limit. */
  push({ at, dyno, stream = '', line }: LogLine): void {
    this.#lines.push({ number: this.#next, at, dyno, stream, text: plain(line) });
    this.#next += 1;
    // Cut now and then, not for every line.
    if (this.#lines.length > KEPT_LINES * 1.25) this.#lines = this.#lines.slice(-KEPT_LINES);
  }

  /** What is there now. */
  get lines(): readonly NumberedLine[] {
    return this.#lines.slice(-KEPT_LINES);
  }

  clear(): void {
    this.#lines = [];
  }
}

/** The lines that hold every word of a search, of one dyno or process type if one is named. */
export function matchingLines(lines: readonly NumberedLine[], search: string, dyno: string): NumberedLine[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return lines.filter((line) => {
    if (dyno !== '' && line.dyno !== dyno && !line.dyno.startsWith(`${dyno}.`)) return false;
    const text = line.text.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** The sources that lines came from, for a choice among them: process types, then what has no number. */
export function sourcesOf(lines: readonly NumberedLine[]): string[] {
  return [...new Set(lines.map(({ dyno }) => dyno.replace(/\.\d+$/, '')))].sort();
}

/** A line without the colours that programs give it; other control characters are shown as such. */
export function plain(line: string): string {
  return printable(line.replace(/\u001b\[[0-9;]*m/g, ''));
}
