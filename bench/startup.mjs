// How long `aka` takes from start to end, as a ratio to `node -e 0`, and how much memory.
import { byTurns, sized, timed } from './measure.mjs';
import { heading, judged, stated } from './report.mjs';
import { inFolder, Sandbox } from './sandbox.mjs';

const TURNS = sized(20, 1);
const COLD_TURNS = sized(10, 1);
const PEAK_TURNS = 5;
const PEAK_MAX = 70;

await inFolder(async (folder) => {
  const sandbox = new Sandbox(folder);
  let spaces = 0;
  const commands = {
    '--version': { args: () => ['--version'], atMost: 3 },
    '--help': { args: () => ['--help'], atMost: 3.5 },
    'spaces:info': { args: () => ['spaces:info', 'demo'], atMost: 4 },
    'spaces:create': {
      args: () => ['spaces:create', `demo${++spaces}`, '--compliance', 'socs,prod'],
      atMost: 4.5,
    },
  };
  const forEach = (measure) =>
    Object.fromEntries(Object.entries(commands).map(([name, { args }]) => [name, () => measure(args())]));
  const bare = () => timed(() => sandbox.node('-e', '0'));

  const first = await sandbox.timeOf('spaces:create', 'demo');
  for (const app of ['web', 'worker', 'database']) sandbox.aka('apps:create', app, '--space', 'demo');

  const warm = await byTurns(TURNS, { bare, ...forEach((args) => sandbox.timeOf(...args)) });
  heading(
    `Start-up against node -e 0 (${warm.bare.toFixed(1)} ms), Node ${process.version}, median of ${TURNS}`,
  );
  for (const [name, { atMost }] of Object.entries(commands)) {
    judged(`aka ${name}`, warm[name] / warm.bare, atMost);
  }

  const cold = await byTurns(COLD_TURNS, {
    bare,
    ...forEach((args) => {
      sandbox.forgetCode();
      return sandbox.timeOf(...args);
    }),
  });
  heading(`The same with nothing compiled yet, as after an upgrade, median of ${COLD_TURNS}`);
  for (const name of Object.keys(commands)) stated(`aka ${name}`, cold[name] / cold.bare, 'x');
  stated('the very first command, which makes the platform', first / cold.bare, 'x');

  const peak = await byTurns(
    PEAK_TURNS,
    forEach((args) => sandbox.peakOf(...args)),
  );
  heading('Peak memory');
  for (const name of Object.keys(commands)) judged(`aka ${name}`, peak[name], PEAK_MAX, 'MB');
});
