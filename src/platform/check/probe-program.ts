import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EngineError } from '../engine/engine.js';

const PROBE = join('dist', 'probe.cjs');

/**
 * The text of the program that probes run, as it was built with this package: dynos can't see the file. Throws an
 * {@link EngineError} if it isn't there.
 */
export function probeProgram(from = import.meta.dirname): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const file = join(folder, PROBE);
    if (existsSync(file)) return readFileSync(file, 'utf8');
    if (folder === dirname(folder)) {
      throw new EngineError('failed', `${PROBE} of aka is not there: install it anew, or npm run build.`);
    }
  }
}
