import { readFileSync } from 'node:fs';
import { EngineError } from '../engine/engine.js';
import { builtFile } from '../machine/built-file.js';

/**
 * Returns the text of the program that probes run: dynos can't see the file. Throws an {@link EngineError} if it isn't
 * there.
 */
export function probeProgram(from?: string): string {
  const file = builtFile('probe.cjs', from);
  if (file === undefined)
    throw new EngineError('failed', 'dist/probe.cjs of aka is missing. Reinstall aka, or run: npm run build');
  return readFileSync(file, 'utf8');
}
