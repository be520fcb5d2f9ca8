'use strict';
/*
 * What the older aka runs when it has cloned this repository as a plugin (`aka plugins:install URL`), and after it has
 * pulled (`aka update`): makes dist/, which is not in the repository. It installs what that takes and leaves what is
 * needed afterwards.
 */
const { spawnSync } = require('node:child_process');

for (const line of ['ci --include=dev --ignore-scripts', 'run build', 'prune --omit=dev --ignore-scripts']) {
  const { status } = spawnSync('npm', ['--silent', ...line.split(' ')], {
    cwd: __dirname,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  // It would go on, and take what is not there for a plugin that can't be loaded.
  if (status !== 0) throw new Error(`npm ${line} failed in ${__dirname}`);
}
