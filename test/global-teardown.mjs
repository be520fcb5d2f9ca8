import { rmSync } from 'node:fs';

/** Removes the folder that the workers of this run shared. */
export default function removeRunFolder() {
  rmSync(process.env.AKA_TEST_RUN, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
