import { backslashesBefore, endsString } from './quotes.js';

const NEWLINE = 10;

/** Four levels of JSON within JSON. */
const DEPTH_LIMIT = 16;

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
    const escapes = backslashesBefore(this.text, this.at);
    if (this.within !== '') {
      return quote === this.within.slice(-1) && endsString(escapes, this.within.length - 1)
        ? ''
        : this.within;
    }
    // After a letter it is an apostrophe, or the end of a string that was not seen to begin.
    return /\w/.test(this.text.charAt(this.at - 1))
      ? ''
      : '\\'.repeat(Math.min(escapes, DEPTH_LIMIT)) + quote;
  }
}
