// All benchmarks, one after the other, each in a process of its own. Figures on a busy machine are those of a busy
// machine, so what is over its target is said, and only a benchmark that does not run to its end fails.
// AKA_BENCH_QUICK=1 runs as little of each as shows that it still runs.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './sandbox.mjs';

const failed = [
  'startup',
  'remote',
  'akkeris-plugin',
  'platform',
  'engine',
  'apps',
  'router',
  'redaction',
  'masking',
  'audit',
  'package',
].filter((name) => {
  const file = join(root, 'bench', `${name}.mjs`);
  return spawnSync(process.execPath, [file], { stdio: 'inherit' }).status !== 0;
});
if (failed.length > 0) {
  console.error(`\nThese benchmarks failed: ${failed.join(', ')}`);
  process.exitCode = 1;
}
