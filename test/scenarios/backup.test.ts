import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import { expectJsonFailure } from './invariants.js';
import { scenario } from './scenario.js';

scenario.each(
  [
    ['without a platform there is no backup', ['platform:backup', 'a.backup']],
    ['without a platform there is no change of its key', ['platform:rotate-key']],
  ],
  async (user, argv) => {
    expectJsonFailure(await user.run([...argv, '--json']), 4);
    expect(existsSync(user.dataDir)).toBe(false);
  },
);

scenario(
  'a backup and a restore show what they did, and on standard error what to take care of',
  async (user) => {
    const file = join(user.cwd, 'a.backup');
    await user.does('spaces:create', 'demo');
    const made = await user.does('platform:backup', 'a.backup', '--json');
    expect(made.json()).toMatchObject({ file, spaces: 2, apps: 0, audit: { records: 3 } });
    expect(made.stderr).toContain(
      `Whoever has ${file} can read every config var: the platform's own key is in it.`,
    );
    expect((await user.run(['platform:backup', 'a.backup'])).code).toBe(5);
    const nowhere = await user.run(['platform:backup', 'nowhere/a.backup', '--json']);
    expect(expectJsonFailure(nowhere, 2)).toMatchObject({ id: 'bad_path' });
    const restored = await user.does('platform:restore', 'a.backup', '--confirm', 'a.backup', '--json');
    expect(restored.json()).toMatchObject({
      file,
      spaces: 2,
      kept: expect.stringContaining('before-restore-'),
    });
  },
);

scenario('a backup never takes the place of what it is a backup of', async (user) => {
  await user.does('spaces:create', 'demo');
  for (const file of [join(user.dataDir, 'platform.db'), join(user.configDir, 'keys', 'a.key')]) {
    const refused = await user.run(['platform:backup', file, '--force', '--json']);
    expect(expectJsonFailure(refused, 2).id).toBe('backup_in_platform');
  }
  await user.does('spaces:info', 'demo');
});

describe('a restore changes nothing if the backup', () => {
  scenario.each(
    [
      ['is not confirmed', ['a.backup'], 2, 'not_confirmed'],
      ['is confirmed by another name', ['a.backup', '--confirm', 'b.backup'], 2, 'not_confirmed'],
      ['is for another platform', ['a.backup', '--api', 'http://127.0.0.1:1'], 7, 'unsupported'],
      ['is none', ['text', '--confirm', 'text'], 2, 'not_a_backup'],
      ['is not there', ['nothing', '--confirm', 'nothing'], 2, 'bad_path'],
    ],
    async (user, words, exit, id) => {
      writeFileSync(join(user.cwd, 'text'), 'text');
      await user.does('spaces:create', 'demo');
      await user.does('platform:backup', 'a.backup');
      await user.does('spaces:create', 'later');
      const ended = await user.run(['platform:restore', ...words, '--json']);
      expect(expectJsonFailure(ended, exit)).toMatchObject({ id });
      await user.does('spaces:info', 'later');
    },
  );
});
