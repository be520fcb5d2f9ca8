// All benchmarks, one after the other, each in a process of its own. Figures on a busy machine are those of a busy
// machine, so what is over its target is said, and nothing fails.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './sandbox.mjs';

for (const name of [
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
]) {
  spawnSync(process.execPath, [join(root, 'bench', `${name}.mjs`)], { stdio: 'inherit' });
}
