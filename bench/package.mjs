// How large the package is where it is installed.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sized } from './measure.mjs';
import { heading, judged, remark, stated } from './report.mjs';
import { inFolder, root } from './sandbox.mjs';

const MB = 1024 * 1024;
const QUIET = ['--silent', '--no-audit', '--no-fund'];

await inFolder((folder) => {
  heading('Installed package');
  const target = join(folder, 'installed');
  mkdirSync(target);
  writeFileSync(join(target, 'package.json'), '{"private":true}');
  // Without the build that packing starts: it would replace dist/ while others use it.
  npm(root, 'pack', '--ignore-scripts', '--pack-destination', folder);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  stated('the tarball', statSync(join(folder, tarball)).size / MB, 'MB');
  if (sized(false, true)) return remark('(not installed in a quick run)');
  try {
    npm(target, 'install', '--omit=dev', join(folder, tarball));
  } catch {
    remark('npm could not install it (is a registry in reach?): no size');
    return;
  }
  const installed = join(target, 'node_modules');
  const prebuilds = sizeOf(join(installed, '@photostructure', 'sqlite', 'prebuilds'));
  judged("without SQLite's prebuilds", (sizeOf(installed) - prebuilds) / MB, 30, 'MB');
  stated("SQLite's prebuilds", prebuilds / MB, 'MB');
});

function npm(cwd, ...args) {
  execFileSync('npm', [...args, ...QUIET], { cwd, stdio: 'ignore' });
}

/** The bytes of all files below a folder. */
function sizeOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, path, name }) => sum + statSync(join(parentPath ?? path, name)).size, 0);
}
