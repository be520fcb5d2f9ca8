import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { COMMANDS } from './manifest.js';
import { scenario } from './scenario.js';
import { settle } from './world.js';

/** The letters that users of the older aka know, wherever a flag of that name is. */
const LETTERS: Readonly<Record<string, string>> = {
  compliance: 'c',
  internal: 'i',
  space: 's',
  stack: 's',
  description: 'd',
  org: 'o',
  app: 'a',
};

/** What stays until it is told to stop: daemon.test.ts and background.test.ts run it. */
const STAYS = /platform:start|--tail\b/;

/** What waits for a platform that runs, and this one doesn't: the exit code says so. */
const NEEDS_RUNNING = [
  'apps:forward',
  'builds:create',
  'console',
  'deploy',
  'hooks:test',
  'pipelines:promote',
  'ps:restart',
  'ps:wait',
  'releases:rollback',
  'run',
  'run:detached',
  'spaces:check',
  'spaces:wait',
];

/** What changes the machine itself: machine.test.ts runs it in a place of its own. */
const CHANGES_MACHINE = /--install|--remove/;

/** What takes a token of somebody, which no example can have: the exit code says so. */
const NEEDS_TOKEN = 'builds:status';

/** What is about a login, which the platform on this machine needs none of, or a profile: the exit code says so. */
const NEEDS_LOGIN = ['auth:login', 'auth:logout', 'auth:token'];
const NEEDS_PROFILE = ['profiles:remove', 'profiles:use'];

/** What this machine may not have: the exit code says so. */
const NEEDS_SYSTEMD = 'platform:enable';

describe.each(COMMANDS)('$id', ({ id, summary, description, examples = [], flags, args }) => {
  test('says what it is, and what each of its flags and arguments is', () => {
    expect(summary ?? description).toMatch(/^[a-z].*[^.]$/);
    for (const [name, each] of [...Object.entries(flags), ...Object.entries(args)]) {
      expect({ name, description: each.description }).toEqual({
        name,
        description: expect.stringMatching(/\S/),
      });
    }
  });

  test('has the flags that every command has, and the letters of the older aka', () => {
    expect(Object.keys(flags)).toEqual(expect.arrayContaining(['json', 'platform', 'api', 'debug']));
    for (const [name, { char }] of Object.entries(flags)) {
      if (LETTERS[name] !== undefined) expect({ name, char }).toEqual({ name, char: LETTERS[name] });
    }
  });

  scenario('has examples that a shell can run', async (_, newcomer) => {
    expect(examples).not.toHaveLength(0);
    await Promise.all(
      examples.map(async (example) => {
        const line = example
          .replaceAll('<%= config.bin %>', 'aka')
          .replaceAll('<%= config.topicSeparator %>', ':');
        if (STAYS.test(line) || CHANGES_MACHINE.test(line)) return;
        const user = newcomer();
        await settle(user);
        writeFileSync(join(user.cwd, '.env'), 'LOG_LEVEL=debug\n');
        // What else an example may use; the exit code that counts is that of aka, wherever in the line it is.
        const setting = `mkdir -p ~/.local/share/bash-completion/completions; pass() { echo secret; }; jq() { cat; }; aka() { command aka "$@"; echo $? > "$HOME/code"; }`;
        const ended = await user.sh(`${setting}; ${line}`);
        const code = Number(readFileSync(join(user.home, 'code'), 'utf8'));
        const others = [
          ...(id === NEEDS_SYSTEMD ? [7] : []),
          ...(id === NEEDS_TOKEN ? [3] : []),
          ...(NEEDS_LOGIN.includes(id) ? [2] : []),
          ...(NEEDS_PROFILE.includes(id) ? [4] : []),
          ...(NEEDS_RUNNING.includes(id) ? [6] : []),
        ];
        // 1 and 5 are answers: some examples compare, others create what is there already.
        expect({
          line,
          works: [0, 1, 5, ...others].includes(code),
          stderr: ended.stderr,
        }).toMatchObject({
          works: true,
        });
      }),
    );
  });

  scenario('explains itself with --help, and does nothing', async (user) => {
    const [short, long] = await Promise.all([user.run([id, '-h']), user.run([id, '--help'])]);
    expect(long).toMatchObject({ code: 0, stderr: '' });
    expect(short.stdout).toBe(long.stdout);
    expect(long.stdout).toContain(`aka ${id}`);
    for (const [name, { hidden }] of Object.entries(flags))
      if (hidden !== true) expect(long.stdout).toMatch(new RegExp(`--(\\[no-\\])?${name}`));
    expect((await user.sh('ls -A "$HOME/.local" "$HOME/.config"')).code).not.toBe(0);
  });
});
