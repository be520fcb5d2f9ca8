import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import type { Reporting } from './report.js';

/**
 * Whether the words are those that were typed. Node puts U+FFFD in the place of bytes that are not UTF-8; where the
 * bytes themselves can't be read, which takes Linux, such a word is taken as it is.
 */
export function areWhole(argv: readonly string[]): boolean {
  if (!argv.some((word) => word.includes('\uFFFD'))) return true;
  try {
    return isUtf8(readFileSync('/proc/self/cmdline'));
  } catch {
    return true;
  }
}

/** The words before `--`, where flags can be; what follows are arguments, whatever they look like. */
export function beforeDashes(argv: readonly string[]): readonly string[] {
  const dashes = argv.indexOf('--');
  return dashes === -1 ? argv : argv.slice(0, dashes);
}

/** How failures are to be reported, as far as the words that were typed say: they may be what can't be parsed. */
export function reportingOf(argv: readonly string[]): Reporting {
  const words = beforeDashes(argv);
  return { json: words.includes('--json'), debug: words.includes('--debug') };
}
