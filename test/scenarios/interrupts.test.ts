import { describe, expect } from '@jest/globals';
import type { Started } from './aka.js';
import { expectClean, expectFailure, expectJsonFailure } from './invariants.js';
import { scenario } from './scenario.js';
import { serve } from './server.js';
import { settle } from './world.js';

/** More than a pipe holds, so that it is only taken if somebody reads. */
const MORE_THAN_A_PIPE = 'x'.repeat(300_000);

describe('Ctrl-C', () => {
  scenario.each(
    [
      ['ends a command that waits for its platform', []],
      ['ends it with one JSON document', ['--json']],
    ],
    async (user, flags) => {
      const platform = await serve();
      try {
        const started = user.start(['spaces:create', 'shop', '--api', platform.url, ...flags]);
        await platform.asked;
        const ended = await interrupt(started);
        if (flags.length > 0) expect(expectJsonFailure(ended, 130).id).toBe('interrupted');
        else {
          // What was asked so far changes nothing, so nothing is in doubt.
          const stderr = `Platform: ${new URL(platform.url).host}\nInterrupted.\n`;
          expect(ended).toMatchObject({ code: 130, stdout: '', stderr });
        }
        expectClean(ended);
        expect(platform.requests).toHaveLength(1);
      } finally {
        platform.close();
      }
    },
  );

  scenario('while a value is read sets nothing', async (user) => {
    await settle(user);
    const started = user.start(['config:set', 'OTHER=1', 'LOG_LEVEL=-', '-a', 'web-demo']);
    await new Promise((taken) => started.child.stdin.write(MORE_THAN_A_PIPE, taken));
    expect(await interrupt(started)).toMatchObject({ code: 130, stdout: '' });
    expect((await user.does('config', '-a', 'web-demo')).stdout).toMatch(/^LOG_LEVEL\tdebug$/m);
    expectFailure(await user.run(['config:get', 'OTHER', '-a', 'web-demo']), 4);
  });
});

describe('a reader that goes away', () => {
  scenario('ends the command without a word, as when piped into head', async (user) => {
    await settle(user);
    for (const line of [
      'aka spaces | head -0',
      'aka spaces --json | head -c 1',
      'aka help | head -1',
      'aka completion bash | head -1',
    ]) {
      expect(await user.sh(line)).toMatchObject({ code: 0, stderr: '' });
    }
  });

  scenario('does not undo what was done', async (user) => {
    const ended = await user.run(['spaces:create', 'shop', '-c', 'prod'], { closed: 'stdout' });
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect((await user.does('spaces:info', 'shop', '--json')).json()).toMatchObject({ compliance: ['prod'] });
  });

  scenario('is survived when it reads standard error, or when there are no streams at all', async (user) => {
    await settle(user);
    expect(await user.sh('aka spaces:info dmeo 2>&-')).toMatchObject({ code: 4, stdout: '', stderr: '' });
    expect(await user.sh('aka spaces:info dmeo <&- >&- 2>&-')).toMatchObject({ code: 4 });
    expect(await user.sh('aka spaces:create shop <&- >&- 2>&-')).toMatchObject({ code: 0 });
    await user.does('spaces:info', 'shop');
  });

  scenario('a disk that is full is a failure, not a result', async (user) => {
    await settle(user);
    const ended = await user.sh('aka spaces > /dev/full');
    expect(ended.code).not.toBe(0);
    expect(ended.stderr).toMatch(/^error: /);
    expectClean(ended);
  });
});

async function interrupt({ child, ended }: Started) {
  child.kill('SIGINT');
  return await ended;
}
