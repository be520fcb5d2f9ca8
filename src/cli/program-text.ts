import { printable } from '../model/rule.js';

/** What sets colours, and nothing else: SGR of ECMA-48. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
const COLOURS = /\u001b\[[0-9;:]*m/g;
const RESET = '\u001b[0m';

/** A line that a program printed, without its colours; other control characters are escaped. */
export function withoutColours(line: string): string {
  return printable(line.replace(COLOURS, ''));
}

/** A line that a program printed, with its colours, which end with it; other control characters are escaped. */
export function withColours(line: string): string {
  const colours = line.match(COLOURS);
  if (colours === null) return printable(line);
  const text = line.split(COLOURS).map((part, at) => `${printable(part)}${colours[at] ?? ''}`);
  return `${text.join('')}${RESET}`;
}
