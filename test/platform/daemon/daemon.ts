import { setTimeout as pause } from 'node:timers/promises';
import { endWith } from '../../../src/cli/serving.js';
import type { StartPart } from '../../../src/platform/part.js';
import { runPlatform } from '../../../src/platform/running.js';

/** A daemon with parts that a test names: `DATA_DIR CONFIG_DIR PART...`. Says `ready` when it serves. */
const [dataDir = '', configDir = '', ...names] = process.argv.slice(2);

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** A part by what it does, of the form `name` or `name:how it misbehaves`. */
const parts = names.map((text): StartPart => {
  const [name = '', flaw] = text.split(':');
  return () => {
    say(`${name} starts`);
    if (flaw === 'unstartable') throw new Error('no such luck');
    if (flaw === 'throws')
      process.on('SIGUSR2', () => {
        throw new Error('a surprise, password=hunter22');
      });
    if (flaw === 'rejects') process.on('SIGUSR2', () => void Promise.reject(new TypeError('a surprise')));
    return {
      name,
      status: async () => ({ name, facts: { size_bytes: 1 } }),
      async stop() {
        say(`${name} stops`);
        if (flaw === 'unstoppable') throw new Error('no way');
        if (flaw === 'endless') await pause(1_000_000);
      },
    };
  };
});

const running = await runPlatform({ dataDir, configDir }, { user: 'ann', parts });
endWith(running);
say('ready');
