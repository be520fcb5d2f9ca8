import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Makes the folder that the workers of one run share; AKA_TEST_RUN is its path. */
export default function makeRunFolder() {
  process.env.AKA_TEST_RUN = mkdtempSync(join(tmpdir(), 'aka-run-'));
}
