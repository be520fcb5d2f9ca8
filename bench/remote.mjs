// What a platform elsewhere costs: `aka` to a server on loopback, exit included, as a ratio to `node -e 0`; and the memory
// that a long list takes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { byTurns, median, sized, timed } from './measure.mjs';
import { heading, judged, stated } from './report.mjs';
import { inFolder, root, Sandbox } from './sandbox.mjs';

const TURNS = sized(20, 1);
const PEAK_TURNS = sized(7, 1);
const SPACES = sized(5000, 50);
const MEGABYTE = 1024 * 1024;
const [major] = process.versions.node.split('.').map(Number);

/** Runs some work with an installation of so many spaces. */
async function withServer(count, work) {
  const child = spawn(process.execPath, [join(root, 'bench', 'remote-server.mjs'), String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [line] = await once(createInterface({ input: child.stdout }), 'line');
    return await work(JSON.parse(line));
  } finally {
    child.kill();
    await once(child, 'exit');
  }
}

await inFolder(async (folder) => {
  const sandbox = new Sandbox(folder);
  sandbox.aka('spaces:create', 'demo', '--compliance', 'socs,prod');
  for (const app of ['web', 'worker', 'database']) sandbox.aka('apps:create', app, '--space', 'demo');
  sandbox.aka('platform:start');
  try {
    await withServer(1, async ({ url }) => {
      const socket = join(sandbox.folders.dataDir, 'aka.sock');
      const times = await byTurns(TURNS, {
        bare: () => timed(() => sandbox.node('-e', '0')),
        elsewhere: () => sandbox.timeOf('spaces:info', 'demo', '--api', url),
        socket: () => sandbox.timeOf('spaces:info', 'demo', '--api', `unix:${socket}`),
        inProcess: () => sandbox.timeOf('spaces:info', 'demo'),
      });
      heading(
        `spaces:info against node -e 0 (${times.bare.toFixed(1)} ms), Node ${process.version}, median of ${TURNS}`,
      );
      judged('an installation on loopback', times.elsewhere / times.bare, major < 24 ? 8 : 5);
      stated('the daemon on its socket', times.socket / times.bare, 'x');
      stated('in process', times.inProcess / times.bare, 'x');
    });
  } finally {
    sandbox.aka('platform:stop');
  }

  const peakOf = (count) =>
    withServer(count, async ({ url, bytes }) => {
      const peaks = [];
      for (let turn = sized(-1, 0); turn < PEAK_TURNS; turn++) {
        const peak = sandbox.peakOf('spaces', '--api', url);
        if (turn >= 0) peaks.push(peak);
      }
      return { peak: median(peaks), bytes };
    });
  const few = await peakOf(1);
  const many = await peakOf(SPACES);
  heading(
    `A list of ${SPACES} spaces, ${(many.bytes / MEGABYTE).toFixed(1)} MB, against one of one space, median of ${PEAK_TURNS}`,
  );
  stated('peak memory with one space', few.peak, 'MB');
  judged(
    'what the list takes besides, against its body',
    (many.peak - few.peak) / (many.bytes / MEGABYTE),
    3,
  );
});
