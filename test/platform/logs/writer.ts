import { openLogs } from '../../../src/platform/logs/logs.js';

/** Writes numbered lines of one app, a hundred at a time so that a reader can follow, until it is killed: `DIR LINES_BEFORE_IT_SAYS_SO`. */
const [dir = '', until = '0'] = process.argv.slice(2);
const logs = openLogs({ dir, limits: { segment: 20_000, app: 1_000_000 } });
for (let n = 1; ; n += 1) {
  await logs.write({ app: 'app', dyno: 'web.1', stream: 'stdout' }, `line ${n}\n`);
  if (n === Number(until)) {
    await logs.flush();
    process.stdout.write('there\n');
  }
  if (n % 100 === 0) await logs.flush().then(() => new Promise((resolve) => setTimeout(resolve, 5)));
}
