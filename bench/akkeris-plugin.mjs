// What the plugin costs the older aka at every start, whatever is typed: loading index.js and saying its commands to
// yargs, in the stand-in that the tests use, against the same one without it. In CPU time, for it does nothing else, and
// what others do on the machine is not in that.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { byTurns, sized } from './measure.mjs';
import { heading, judged, stated } from './report.mjs';
import { inFolder, root } from './sandbox.mjs';

const TURNS = sized(40, 1);
const AT_MOST = 5;
const OLD_AKA = join(root, 'test', 'old-aka', 'aka.js');

await inFolder(async (folder) => {
  const homeWith = (name, plugins) => {
    const home = join(folder, name);
    mkdirSync(join(home, '.akkeris', 'plugins'), { recursive: true });
    const config = JSON.stringify({ apps: 'apps.example.com', auth: 'auth.example.com' });
    writeFileSync(join(home, '.akkeris', 'config.json'), config);
    for (const each of plugins) symlinkSync(root, join(home, '.akkeris', 'plugins', each));
    return home;
  };
  const { without, having } = await byTurns(TURNS, {
    without: start(homeWith('without', [])),
    having: start(homeWith('having', ['akkeris-spaces'])),
  });
  heading(
    `A command of the older aka that is not ours (${without.toFixed(1)} ms without the plugin), median of ${TURNS}`,
  );
  judged('what the plugin adds', having - without, AT_MOST, 'ms');
  stated('with the plugin, against without', having / without, 'x');
});

/** The CPU time of a start with that home, in milliseconds. */
function start(home) {
  return () => {
    const file = join(home, 'cpu');
    const args = ['--require', join(root, 'bench', 'cpu.cjs'), OLD_AKA, 'config', '-a', 'web'];
    const env = { PATH: process.env.PATH, HOME: home, AKA_BENCH_CPU: file };
    const { status, stdout } = spawnSync(process.execPath, args, { env, encoding: 'utf8' });
    if (status !== 0 || stdout !== '[old config of web]\n')
      throw new Error(`It answered ${status}: ${stdout}`);
    return Number(readFileSync(file, 'utf8'));
  };
}
