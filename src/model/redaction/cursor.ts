import { backslashesBefore } from './quotes.js';

const NEWLINE = 10;

/** What a sticky expression matches at a place. */
export function matchAt(text: string, at: number, sticky: RegExp): RegExpExecArray | null {
  sticky.lastIndex = at;
  return sticky.exec(text);
}

/** The first place from there on that is no blank or tab. */
export function skipBlanks(text: string, from: number): number {
  let at = from;
  while (text.charAt(at) === ' ' || text.charAt(at) === '\t') at++;
  return at;
}

/** Follows a text from its start: on which line a place is, and in which string. Places are asked for in order. */
export class Cursor {
  lineStart = 0;
  /** The quote, with its backslashes, of the string; empty outside of strings. */
  within = '';
  private at = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  moveTo(place: number): void {
    for (; this.at < place; this.at++) {
      const code = this.text.charCodeAt(this.at);
      if (code === NEWLINE) {
        this.lineStart = this.at + 1;
        this.within = '';
      } else if (code === 34 || code === 39 || code === 96) this.within = this.afterQuote();
    }
  }

  private afterQuote(): string {
    const quote = this.text.charAt(this.at);
    const escapes = Math.min(backslashesBefore(this.text, this.at), 16);
    // After a letter it is an apostrophe, or the end of a string that was not seen to begin.
    if (this.within === '')
      return /\w/.test(this.text.charAt(this.at - 1)) ? '' : '\\'.repeat(escapes) + quote;
    const depth = this.within.length - 1;
    return this.within.endsWith(quote) && escapes % (2 * (depth + 1)) <= depth ? '' : this.within;
  }
}
