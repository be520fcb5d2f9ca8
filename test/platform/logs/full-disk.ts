import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openLogs } from '../../../src/platform/logs/logs.js';
import { readLogs } from '../../../src/platform/logs/read.js';

/** Fills the small disk that a folder is on, frees some of it again, and says what is in the log then: `DIR`. */
const [dir = ''] = process.argv.slice(2);
const WEB = { app: 'app', dyno: 'web.1', stream: 'stdout' } as const;
writeFileSync(join(dir, 'filler'), Buffer.alloc(30_000));
const logs = openLogs({ dir });
for (let n = 1; n <= 100; n += 1) {
  await logs.write(WEB, `line ${n}${' '.repeat(1000)}\n`);
  if (n % 7 === 0) await logs.flush();
}
await logs.flush();
rmSync(join(dir, 'filler'));
await logs.write(WEB, 'after\n');
await logs.close();
const lines: string[] = [];
for await (const { line } of readLogs({ dir, apps: ['app'], lines: 1000 })) lines.push(line);
process.stdout.write(JSON.stringify(lines));
