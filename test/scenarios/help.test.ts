import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import { ROOT } from './aka.js';
import { expectFailure, expectJsonFailure } from './invariants.js';
import { COMMANDS } from './manifest.js';
import { scenario } from './scenario.js';
import { settle } from './world.js';

describe('what is mistyped gets a suggestion, in every way of running it', () => {
  scenario.each<[line: string, exit: number, wanted: string]>(
    [
      ['a command', 'spaces:crate shop', 127, 'spaces:create'],
      ['a topic', 'space', 127, 'spaces'],
      ['no topic', 'overrule', 127, 'aka builds:overrule?'],
      ['a topic too many', 'apps:sizes', 127, 'aka sizes?'],
      ['what two topics have', 'stop', 127, 'aka builds:stop or aka platform:stop?'],
      ['what others have', 'pg:psql', 127, 'aka credentials:create'],
      ['a blank for a colon', 'spaces craete demo', 127, 'spaces:create'],
      ['a command of a name that sounds like a secret', 'auth:logn', 127, 'Did you mean aka auth:login?'],
      ['such a one with a blank', 'auth logn', 127, 'Did you mean aka auth:login?'],
      ['a flag', 'spaces:create shop --complaince socs', 2, '--compliance'],
      ['a compliance', 'spaces:create shop --compliance scos', 2, 'socs'],
      ['a space', 'spaces:info dmeo', 4, 'demo'],
      ['the space of an app', 'apps:create shop --space vualt', 4, 'vault'],
      ['an app', 'apps:info -a wbe-demo', 4, 'web-demo'],
      ['the space in an app', 'apps:info -a web-dmeo', 4, 'web-demo'],
      ['a config var', 'config:get LOG_LEVLE -a web-demo', 4, 'LOG_LEVEL'],
      ['a stack', 'stacks:info lcoal', 4, 'local'],
      ['a region', 'regions:info loca', 4, 'local'],
      ['a platform', 'spaces --platform embeded', 2, 'embedded'],
    ],
    async (user, line, exit, wanted) => {
      await settle(user);
      const argv = line.split(' ');
      const plain = await user.run(argv);
      expectFailure(plain, exit);
      expect(plain.stderr).toContain(wanted);
      const { hint } = expectJsonFailure(await user.run([...argv, '--json']), exit);
      expect(hint).toContain(wanted);
      const { code, screen } = await user.atTerminal(argv);
      expect({ code, screen }).toEqual({ code: exit, screen: expect.stringContaining(wanted) });
    },
  );

  scenario('and a flag is named, though its name sounds like that of a secret', async (user) => {
    for (const [line, said] of [
      ['auth:login --token-file', '--token-file expects a value.'],
      ['auth:login --token-file - --user olga', "--token-file and --user can't be used together."],
      ['auth:token --passwd canary-4711', 'There is no flag --passwd here.'],
    ] as const) {
      const { message } = expectJsonFailure(await user.run([...line.split(' '), '--json']), 2);
      expect(message).toBe(said);
    }
  });
});

describe('help', () => {
  scenario('lists every command under its topic', async (user) => {
    const all = (await user.does('help')).stdout;
    expect((await user.does()).stdout).toBe(all);
    expect(all).toMatch(
      /platform:start[^]*spaces:create[^]*apps:create[^]*deploy[^]*profiles:add[^]*help exit-codes/,
    );
    expect((await user.does('--help')).stdout).toBe(all);
    for (const topic of new Set(COMMANDS.map(({ id }) => id.split(':')[0] ?? '')))
      expect(all).toContain(`  ${topic} `);
    const spaces = (await user.does('help', 'spaces')).stdout;
    for (const { id } of COMMANDS) if (id.startsWith('spaces')) expect(spaces).toContain(id);
    expect((await user.does('help', 'spaces:create')).stdout).toBe(
      (await user.does('spaces:create', '--help')).stdout,
    );
  });

  scenario('begins usage with what a command is about, and says what it does once', async (user) => {
    const { stdout } = await user.does('ps:restart', '--help');
    expect(stdout).toContain('$ aka ps:restart [DYNO] [-a APP-SPACE]\n');
    const { summary = '' } = COMMANDS.find(({ id }) => id === 'ps:restart') ?? {};
    expect(stdout.split(summary)).toHaveLength(2);
    const failed = await user.run(['ps:restart', 'web.1', 'web.2', 'web.3']);
    expect(failed.stderr).toContain('Usage: aka ps:restart [DYNO] [-a APP-SPACE]\n');
  });

  scenario('names a default once, in the description', async (user) => {
    const { stdout } = await user.does('audits', '--help');
    expect(stdout.match(/default/g)).toHaveLength(1);
    expect(stdout).toContain('number of records (default 20)');
  });

  scenario('explains the environment and the exit codes', async (user) => {
    const environment = (await user.does('help', 'environment')).stdout;
    for (const name of [
      'AKKERIS_APP',
      'AKKERIS_API_HOST',
      'AKKERIS_PLATFORM',
      'AKA_DATA_DIR',
      'NO_COLOR',
      'COLUMNS',
    ]) {
      expect(environment).toContain(name);
    }
    const codes = (await user.does('help', 'exit-codes')).stdout;
    for (const code of [0, 1, 2, 3, 4, 5, 6, 7, 8, 70, 127, 130])
      expect(codes).toMatch(new RegExp(`^ *${code} `, 'm'));
  });

  scenario('on what is not there is a failure', async (user) => {
    expectFailure(await user.run(['help', 'nonsense']), 127);
    expectFailure(await user.run(['nonsense', '--help']), 127);
    expect((await user.run(['help', 'enviroment'])).stderr).toContain('Did you mean aka help environment?');
    for (const name of ['constructor', 'toString', '__proto__'])
      expectFailure(await user.run(['help', name]), 127);
  });

  scenario('never touches a platform, not even a broken one', async (user) => {
    const env = { AKKERIS_API_HOST: '' };
    for (const argv of [['help'], ['spaces', '--help'], ['--version']]) {
      expect(await user.run(argv, { env })).toMatchObject({ code: 0, stderr: '' });
    }
  });
});

scenario('--version names package, machine and Node', async (user) => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  for (const argv of [['--version'], ['-v'], ['version']]) {
    expect((await user.does(...argv)).stdout).toMatch(
      new RegExp(
        `^akkeris-spaces/${version} ${process.platform}-${process.arch} node-v\\d+\\.\\d+\\.\\d+\n$`,
      ),
    );
  }
});
