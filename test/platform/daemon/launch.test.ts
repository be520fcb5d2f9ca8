import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { launchFailure } from '../../../src/cli/daemon-view.js';
import { type Launched, launch } from '../../../src/platform/daemon/launch.js';
import { temporaryFolder } from '../store/temporary.js';

type Ended = Exclude<Launched, { kind: 'running' }>;

/** What comes of a program that never answers. */
async function launched(dataDir: string, script: string): Promise<Ended> {
  const command = ['/bin/sh', '-c', script] as const;
  const result = await launch({ dataDir, command, env: {}, ask: async () => undefined });
  if (result.kind === 'running') throw new Error('Nothing can have answered.');
  return result;
}

describe('a daemon that dies before it answers', () => {
  test('is heard: what it said last, and how it ended', async () => {
    const dataDir = temporaryFolder();
    writeFileSync(join(dataDir, 'daemon.stderr'), 'of an earlier one\n');
    const result = await launched(dataDir, 'echo half; echo "\x1b[31mout of memory" >&2; exit 3');
    expect(result).toEqual({ kind: 'ended', code: 3, result: 'half\n', said: '\u001b[31mout of memory\n' });
    expect(launchFailure(result)).toMatchObject({
      id: 'died_at_start',
      status: 500,
      message: "The platform's process ended (3) before it answered. It said last:\n\\u001b[31mout of memory",
    });
    expect(readdirSync(dataDir)).toEqual(['daemon.stderr']);
  });

  test('is known to have been killed', async () => {
    const result = await launched(temporaryFolder(), 'kill -9 $$');
    expect(result).toMatchObject({ kind: 'ended', code: null, said: '' });
    expect(launchFailure(result)).toMatchObject({
      message: "The platform's process ended (killed) before it answered.",
    });
  });

  test('fails as it said that it does', async () => {
    const error = { id: 'weak_token', message: 'Too short.', hint: 'Take a longer one.', exit: 2 };
    const result = await launched(temporaryFolder(), `echo '${JSON.stringify({ error })}'; exit 2`);
    expect(launchFailure(result)).toMatchObject({ failure: error });
  });

  test.each([
    ['an exit code that there is not', { id: 'x', message: 'x', exit: 99 }],
    ['success', { id: 'x', message: 'x', exit: 0 }],
    ['nothing', undefined],
  ])('is not believed when it tells of %s', (_, error) => {
    const result = { kind: 'ended', code: 1, result: JSON.stringify({ error }), said: '' } as const;
    expect(launchFailure(result)).toMatchObject({ id: 'died_at_start' });
  });

  test('can not be a program that there is not', async () => {
    const options = { dataDir: temporaryFolder(), env: {}, ask: async () => undefined };
    expect(await launch({ ...options, command: ['/no/such/program'] })).toMatchObject({
      kind: 'ended',
      code: 127,
      said: expect.stringContaining('/no/such/program ENOENT'),
    });
  });
});
