import type { Reporting } from './report.js';

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
