import type { Config } from '@oclif/core';
import { reportingOf } from './argv.js';
import { dispatch } from './dispatch.js';
import { EXIT } from './exit-codes.js';
import { interrupted } from './failure.js';
import { report } from './report.js';
import { atInterrupt } from './signals.js';

/** Runs what was typed. Sets the exit code of the process; never throws. */
export async function main(argv: readonly string[], load: () => Promise<Config>): Promise<void> {
  const reporting = reportingOf(argv);
  endWithTheReader();
  atInterrupt(() => {
    void report(interrupted(), reporting).finally(() => process.exit(EXIT.interrupted));
  });
  try {
    await dispatch([...argv], load);
  } catch (error) {
    await report(error, reporting);
  }
}

/**
 * `aka spaces | head -1` ends when head does, without a word; a result that can't be written is a failure. What
 * nobody reads of standard error changes nothing.
 */
function endWithTheReader(): void {
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') process.exit();
    // At once: @oclif/core listens too, and throws.
    process.stderr.write(`error: The result could not be written: ${code}.\n`);
    process.exit(EXIT.no);
  });
  process.stderr.on('error', () => {});
}
