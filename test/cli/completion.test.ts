import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Command } from '@oclif/core';
import { grammarOf } from '../../src/cli/completion/grammar.js';
import { quoted, ROOT, User } from '../scenarios/aka.js';
import { Terminal } from '../scenarios/terminal.js';

/** How long anything may take, in milliseconds: a bound that only what hangs meets. */
const BOUND = 60_000;
const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

/** Without one of the shells its tests are skipped, and that is said. */
const missing = SHELLS.filter((shell) => spawnSync(shell, ['-c', 'exit 0']).status !== 0);
if (missing.length > 0) {
  process.stderr.write(`\n*** NOT TESTED: completion in ${missing.join(', ')}, which is not installed ***\n`);
}
const inShell = (shell: Shell) => (missing.includes(shell) ? test.skip : test);

/**
 * Somebody whose `aka` asks the real one for completions, and only notes down everything else: an argument a line, and
 * an empty line behind the last.
 */
class Typist {
  readonly user = new User();
  readonly bin = join(this.user.home, 'bin');
  readonly notes = join(this.user.home, 'notes');
  readonly scripts = join(this.user.home, 'scripts');

  async prepare(): Promise<void> {
    mkdirSync(this.bin);
    mkdirSync(this.scripts);
    const real = [process.execPath, join(ROOT, 'bin', 'run.js')].map(quoted).join(' ');
    const noted = `printf '%s\\n' "$@" '' >> ${quoted(this.notes)}; echo noted`;
    for (const name of ['aka', 'akkeris-spaces']) {
      writeFileSync(
        join(this.bin, name),
        `#!/bin/sh\ncase $1 in completion) exec ${real} "$@" ;; esac\n${noted}\n`,
        { mode: 0o755 },
      );
    }
    for (const shell of SHELLS) {
      writeFileSync(join(this.scripts, shell), (await this.user.does('completion', shell)).stdout);
    }
  }

  env(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
    const { PATH = '' } = process.env;
    return { PATH: `${this.bin}:${PATH}`, HOME: this.user.home, LC_ALL: 'C.UTF-8', ...more };
  }

  /** Types lines, with tabs in them, into a shell at a terminal. Answers the arguments that each of them gave `aka`. */
  async types(
    shell: Shell,
    lines: readonly string[],
    env: Readonly<Record<string, string>> = {},
    setUp = `${shell === 'zsh' ? 'autoload -Uz compinit; compinit -u -D; ' : ''}source ${quoted(join(this.scripts, shell))}`,
  ): Promise<string[][]> {
    rmSync(this.notes, { force: true });
    const line = {
      bash: 'bash --noprofile --norc -i',
      zsh: 'zsh -f -i',
      fish: 'fish --no-config -i',
    }[shell];
    const terminal = new Terminal(line, {
      columns: 200,
      bound: BOUND,
      cwd: this.user.cwd,
      env: { ...this.env(env), TERM: 'xterm' },
    });
    try {
      terminal.types(`${setUp}; echo rea'dy'\r`);
      await terminal.sees('ready');
      for (const keys of lines) {
        terminal.types(`${keys}\r`);
        await terminal.sees('noted');
      }
    } finally {
      terminal.close();
    }
    return readFileSync(this.notes, 'utf8')
      .split('\n\n')
      .filter((note) => note !== '')
      .map((note) => note.split('\n'));
  }
}

/** What bash hands to a completion function for a line with the cursor at its end. */
function readline(line: string, breaks: string) {
  const separate = new RegExp(`[${breaks}]+|[^\\s${breaks}]+|(?<=\\s)$`, 'g');
  const words = line.match(separate) ?? [];
  const last = words.at(-1) ?? '';
  const current = breaks.includes(last.at(0) ?? ' ') ? '' : last;
  const whole = /\S*$/.exec(line)?.[0] ?? '';
  return { words, current, kept: whole.slice(0, whole.length - current.length) };
}

const typist = new Typist();

beforeAll(async () => {
  await typist.prepare();
  const { user } = typist;
  await user.does('spaces:create', 'demo');
  await user.does('spaces:create', 'web', '--compliance', 'socs');
  await user.does('apps:create', 'api', '--space', 'demo');
  await user.does('config:set', 'A=1', '-a', 'api-demo');
  await user.does('config:set', 'A=2', 'BEE=x', '-a', 'api-demo');
  await user.does('ps:create', 'worker', '-a', 'api-demo');
}, BOUND);

afterAll(() => typist.user.remove());

/** Whole words that bash offers. */
function bashOffers(line: string, breaks = ':=', env: Readonly<Record<string, string>> = {}): string[] {
  const { words, current, kept } = readline(line, breaks);
  const { stdout, stderr } = spawnSync(
    'bash',
    [
      '-c',
      'source "$1"; COMP_LINE=$2 COMP_POINT=${#2} cur=$3; shift 3; COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _aka "$1" "$cur"; ((${#COMPREPLY[@]} == 0)) || printf "%s\\n" "${COMPREPLY[@]}"',
      'bash',
      join(typist.scripts, 'bash'),
      line,
      current,
      ...words,
    ],
    { encoding: 'utf8', cwd: typist.user.cwd, env: typist.env(env) },
  );
  expect(stderr).toBe('');
  return stdout
    .split('\n')
    .filter((word) => word !== '')
    .map((word) => kept + word)
    .toSorted();
}

function fishOffers(line: string): string[] {
  const { stdout, stderr } = spawnSync(
    'fish',
    ['--no-config', '-c', 'source $argv[1]; complete -C $argv[2]', join(typist.scripts, 'fish'), line],
    { encoding: 'utf8', cwd: typist.user.cwd, env: typist.env() },
  );
  expect(stderr).toBe('');
  return stdout
    .split('\n')
    .filter((word) => word !== '')
    .map((word) => word.split('\t', 1)[0] ?? '')
    .toSorted();
}

const GLOBAL = ['--api', '--debug', '--help', '--json', '--platform'];

const OFFERS: readonly (readonly [line: string, offers: readonly string[]])[] = [
  // commands
  [
    'aka spaces:',
    ['check', 'create', 'destroy', 'diff', 'env', 'info', 'ps', 'topology', 'update', 'wait'].map(
      (verb) => `spaces:${verb}`,
    ),
  ],
  ['aka spaces:i', ['spaces:info']],
  ['akkeris-spaces spaces:i', ['spaces:info']],
  ['aka compl', ['completion', 'compliance', 'compliance:explain']],
  ['aka --', ['--help', '--version']],
  ['aka help e', ['environment', 'events', 'exit-codes']],
  ['aka help spaces:i', ['spaces:info']],
  ['aka help spaces ', []],
  ['aka nosuch ', []],
  // names as arguments
  ['aka spaces:info ', ['default', 'demo', 'web']],
  ['aka spaces:info de', ['default', 'demo']],
  ['aka spaces:info nosuch', []],
  ['aka releases:info -a api-demo ', ['v1', 'v2']],
  ['aka releases:info --app=api-demo v2', ['v2']],
  ['aka ps:update -a api-demo ', ['worker']],
  ['aka logs -a api-demo --dyno ', ['worker']],
  ['aka ps:update -a nosuch ', []],
  ['aka ps:scale -a api-demo ', ['worker']],
  ['aka config:get -a api-demo ', ['A', 'BEE']],
  ['aka config:get -a api-demo B', ['BEE']],
  ['aka config:unset -a api-demo A B', ['BEE']],
  ['aka config:set --app=api-demo B', ['BEE']],
  ['aka releases:rollback -a api-demo v1', ['v1']],
  ['aka pipelines:promote --from ', ['api-demo']],
  ['aka spaces:info --json -- w', ['web']],
  ['aka spaces:create ', []],
  ['aka stacks:info ', ['local']],
  ['aka regions:info ', ['local']],
  // names as values of flags
  ['aka apps --space ', ['default', 'demo', 'web']],
  ['aka apps --space=d', ['--space=default', '--space=demo']],
  ['aka apps -s w', ['web']],
  ['aka apps:info -a ', ['api-demo']],
  ['aka apps:create x --org ', ['main']],
  ['aka spaces:create x --stack=', ['--stack=local']],
  // values that are known
  ['aka spaces:env demo --format ', ['dotenv', 'json', 'shell', 'table']],
  ['aka spaces:env demo --format=d', ['--format=dotenv']],
  ['aka spaces:update demo --description ', []],
  ['aka completion ', ['bash', 'fish', 'zsh']],
  // compliance
  ['aka spaces:create x --compliance ', ['internal', 'prod', 'socs']],
  ['aka spaces:create x --compliance socs,', ['socs,internal', 'socs,prod']],
  ['aka spaces:create x --compliance=socs,p', ['--compliance=socs,prod']],
  ['aka spaces:create x -c prod,socs,', ['prod,socs,internal']],
  ['aka compliance:explain pr', ['prod']],
  // flags
  ['aka orgs --', GLOBAL],
  ['aka spaces --json --de', ['--debug']],
  ['aka spaces:info demo --json --j', []],
  ['aka spaces:create x -i --int', []],
  ['aka spaces:create x --internal --dr', ['--dry-run']],
  ['aka spaces:create x -c socs --com', ['--compliance']],
  ['aka spaces:create x --stack local --st', []],
  ['aka spaces:create x --stack=local --st', []],
  ['aka spaces:info -- --j', []],
  ['aka completion --n', []],
];

describe('bash offers', () => {
  describe.each([
    ['as usual', ':='],
    ['where colons and equal signs break no words', '>'],
  ])('%s', (_, breaks) => {
    inShell('bash').each(OFFERS)('%j', (line, offers) => {
      expect(bashOffers(line, breaks)).toEqual([...offers].toSorted());
    });
  });

  inShell('bash')('short flags along with the long ones', () => {
    expect(bashOffers('aka apps -')).toEqual([...GLOBAL, '--space', '-h', '-s'].toSorted());
  });
});

describe('fish offers', () => {
  inShell('fish').each(OFFERS)('%j', (line, offers) => {
    // fish offers what contains the letters, too; what begins with them is enough to compare.
    const typed = /\S*$/.exec(line)?.[0] ?? '';
    expect(
      fishOffers(line).filter((word) => word.startsWith(typed) && (typed !== '' || !word.startsWith('-'))),
    ).toEqual([...offers].toSorted());
  });
});

describe('at a terminal, keys become arguments', () => {
  const TYPED: readonly (readonly [keys: string, argv: readonly string[]])[] = [
    ['aka spaces:in\tdem\t', ['spaces:info', 'demo']],
    ['aka spaces:cr\tx -c so\t', ['spaces:create', 'x', '-c', 'socs']],
    ['aka spaces:create x --compliance=socs,pr\t', ['spaces:create', 'x', '--compliance=socs,prod']],
    ['aka spaces:create x --compliance prod,in\t', ['spaces:create', 'x', '--compliance', 'prod,internal']],
    ['akkeris-spaces apps:inf\t-a ap\t', ['apps:info', '-a', 'api-demo']],
    ['aka apps --space=we\t', ['apps', '--space=web']],
    ['aka spaces:env --format do\tweb', ['spaces:env', '--format', 'dotenv', 'web']],
    ['aka spaces:create --if-not\tdemo', ['spaces:create', '--if-not-exists', 'demo']],
    ['aka spaces:info --platform embedded we\t', ['spaces:info', '--platform', 'embedded', 'web']],
    // There is nothing at that address, and so no name.
    ['aka spaces:info --api unix:/nowhere we\t', ['spaces:info', '--api', 'unix:/nowhere', 'we']],
    ['aka spaces:info --api=unix:/nowhere we\t', ['spaces:info', '--api=unix:/nowhere', 'we']],
    ['aka config:set --from-file settings\t', ['config:set', '--from-file', 'settings one.env']],
  ];
  const lines = TYPED.map(([keys]) => keys);
  const expected = TYPED.map(([, argv]) => argv);

  for (const shell of SHELLS) {
    inShell(shell)(
      `in ${shell}`,
      async () => {
        writeFileSync(join(typist.user.cwd, 'settings one.env'), '');
        expect(await typist.types(shell, lines)).toEqual(expected);
      },
      BOUND,
    );
  }

  // fish has no way to leave out the blank behind a word that could be the last.
  for (const shell of ['bash', 'zsh'] as const) {
    inShell(shell)(
      `in ${shell}, where a list goes on after a comma`,
      async () => {
        const argv = await typist.types(shell, ['aka spaces:create x -c so\t,pr\t,\t']);
        expect(argv).toEqual([['spaces:create', 'x', '-c', 'socs,prod,internal']]);
      },
      BOUND,
    );
  }

  for (const shell of SHELLS) {
    inShell(shell)(
      `in ${shell}, where the name is one of thousands`,
      async () => {
        const spaces = [...Array.from({ length: 2000 }, (_, index) => `space${index}`), 'wanted'].map(thing);
        await withServer(answering(spaces), async (api) => {
          const argv = await typist.types(shell, ['aka spaces:info wa\t'], { AKA_API: api });
          expect(argv).toEqual([['spaces:info', 'wanted']]);
        });
      },
      BOUND,
    );
  }

  inShell('zsh')(
    'in zsh, from a file that it loads when it is needed',
    async () => {
      const setUp = `cp ${quoted(join(typist.scripts, 'zsh'))} ~/_aka; fpath=(~ $fpath); autoload -Uz compinit; compinit -u -D`;
      expect(await typist.types('zsh', ['aka spaces:inf\tde\tm\t'], {}, setUp)).toEqual([
        ['spaces:info', 'demo'],
      ]);
    },
    BOUND,
  );
});

describe('names that try to get at the shell', () => {
  /** Each begins with a letter of its own, or is the only one of its kind. */
  const SPACES = [
    'a$(touch pwned)',
    'b`touch pwned`',
    'c;touch pwned;',
    'd&&touch pwned',
    'e|touch pwned',
    'f>pwned',
    'g h',
    "i'j",
    'k"l',
    'm!!',
    'n*',
    'o\\p',
    'q{a,b}',
    'r#s',
    't~u',
    'v:w=x',
    'yü€z',
  ];
  const STACK = '$(touch pwned)';
  const DROPPED = ['--confirm', 'z\u001b[2J', 'z\nz', 'z\tz', ' z', 'z\u202ez'];
  const pwned = join(typist.user.cwd, 'pwned');

  /** Types lines while the platform has those names, and checks that none of them did anything. */
  const types = async (shell: Shell, lines: readonly string[]): Promise<string[][]> => {
    rmSync(pwned, { force: true });
    let argv: string[][] = [];
    await withServer(answering([...SPACES, ...DROPPED].map(thing), [thing(STACK)]), async (api) => {
      argv = await typist.types(shell, lines, { AKA_API: api });
    });
    expect(existsSync(pwned)).toBe(false);
    return argv;
  };

  for (const shell of SHELLS) {
    inShell(shell)(
      `are one argument in ${shell}, and do nothing`,
      async () => {
        const lines = [...SPACES.map((name) => `aka spaces:info ${name[0]}\t`), 'aka stacks:info \t'];
        const argv = await types(shell, lines);
        expect(argv).toEqual([...SPACES.map((name) => ['spaces:info', name]), ['stacks:info', STACK]]);
      },
      BOUND,
    );
  }

  inShell('bash')(
    'are left out between quotes in bash, where they would be expanded',
    async () => {
      const argv = await types('bash', ['aka spaces:info "a\t"', 'aka spaces:info "g\t"']);
      expect(argv).toEqual([
        ['spaces:info', 'a'],
        ['spaces:info', 'g'],
      ]);
    },
    BOUND,
  );

  test('are not even printed if they would be flags or move the cursor', async () => {
    await withServer(answering([...SPACES, ...DROPPED].map(thing)), async (api) => {
      const { stdout } = await typist.user.run(['completion', '--names', 'spaces', '--api', api]);
      expect(stdout.split('\n').filter((name) => name !== '')).toEqual(SPACES);
    });
  });
});

describe('names', () => {
  test('begin with the prefix in any case, and are data under --json', async () => {
    const { user } = typist;
    expect((await user.does('completion', '--names', 'spaces', '--prefix', 'DE')).stdout).toBe(
      'default\ndemo\n',
    );
    expect((await user.does('completion', '--names', 'apps', '--json')).json()).toEqual({
      names: ['api-demo'],
    });
  });

  test('of a platform that is not there yet are none, and it is not made', async () => {
    const nobody = new User();
    expect(await nobody.run(['completion', '--names', 'spaces'])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: '',
    });
    expect(existsSync(nobody.dataDir)).toBe(false);
    expect(existsSync(nobody.configDir)).toBe(false);
    nobody.remove();
  });

  test.each([
    ['an unreachable platform', { AKA_API: 'http://127.0.0.1:1' }],
    ['an address that is none', { AKA_API: 'nonsense' }],
    ['a platform without a profile', { AKKERIS_PLATFORM: 'nosuch' }],
    ['a token for nobody knows whom', { AKA_TOKEN: 'secret' }],
  ])('of %s are none, without a word', async (_, env) => {
    const ended = await typist.user.run(['completion', '--names', 'spaces'], { env });
    expect(ended).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });

  test('of profiles are those of the settings, whatever platform is in use', async () => {
    const user = new User();
    await user.does('profiles:add', 'work', '--api', 'https://127.0.0.1:1');
    expect((await user.does('completion', '--names', 'profiles')).stdout).toBe('work\nembedded\n');
    const { stdout } = await user.run(['completion', '--names', 'profiles', '--prefix', 'W'], {
      env: { AKKERIS_PLATFORM: 'nosuch' },
    });
    expect(stdout).toBe('work\n');
    user.remove();
    expect((await typist.user.does('completion', 'bash')).stdout).toMatch(/--platform=@profiles/);
  });

  test('of a damaged platform are none, without a word', async () => {
    const user = new User();
    mkdirSync(user.dataDir, { recursive: true, mode: 0o700 });
    writeFileSync(user.database, 'no database', { mode: 0o600 });
    expect(await user.run(['completion', '--names', 'apps'])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: '',
    });
    user.remove();
  });

  test('of a platform that never answers are none, before anybody gives up', async () => {
    await withServer(createServer(), async (api) => {
      const ended = await typist.user.run(['completion', '--names', 'spaces', '--api', api]);
      expect(ended).toMatchObject({ code: 0, stdout: '', stderr: '' });
    });
  });

  test('are a thousand at most, whatever the platform has', async () => {
    const spaces = Array.from({ length: 5000 }, (_, index) => thing(`space${index}`));
    await withServer(answering(spaces), async (api) => {
      const { stdout } = await typist.user.run(['completion', '--names', 'spaces', '--api', api]);
      expect(stdout.trimEnd().split('\n')).toHaveLength(1000);
    });
  });
});

describe('the command', () => {
  test('names the shells when none is named', async () => {
    const { code, stdout, stderr } = await typist.user.run(['completion']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('bash, zsh, fish');
  });

  test('refuses another shell', async () => {
    expect(await typist.user.run(['completion', 'tcsh'])).toMatchObject({ code: 2, stdout: '' });
  });

  test('prints the script as data under --json', async () => {
    const { stdout } = await typist.user.does('completion', 'bash');
    expect((await typist.user.does('completion', 'bash', '--json')).json()).toEqual({
      shell: 'bash',
      script: stdout,
    });
  });
});

describe('the grammar', () => {
  test('leaves out what is hidden, and what a shell would read as something else', () => {
    const { commands, programs } = grammarOf(
      ['aka', '$(aka)'],
      [
        command('b', { flags: { s: flag({ name: 'secret', hidden: true }), y: flag({ name: '$(y)' }) } }),
        command('hidden', { hidden: true }),
        command('alias', { hiddenAliases: ['alias'] }),
        command('`c`'),
        command('a', { flags: { z: flag({ name: 'z', options: ['one', 'two words', '$(three)'] }) } }),
      ],
    );
    expect(programs).toEqual(['aka']);
    expect(commands.map(({ id, flags }) => [id, flags.map(({ long, value }) => [long, value])])).toEqual([
      ['a', [['--z', { kind: 'words', words: ['one'] }]]],
      ['b', []],
    ]);
  });

  test('knows what is named by its noun, the last word of the name', () => {
    const [form] = grammarOf(
      ['aka'],
      [
        command('x', {
          strict: false,
          args: { space: { name: 'space' }, 'other-space': { name: 'other-space' }, name: { name: 'name' } },
          flags: {
            app: flag({ name: 'app', char: 'a' }),
            compliance: flag({ name: 'compliance', multiple: true }),
            'from-file': flag({ name: 'from-file' }),
          },
        }),
        command('y'),
      ],
    ).commands;
    expect(form).toMatchObject({
      endless: true,
      args: [
        { name: 'space', value: { kind: 'names', of: 'spaces' } },
        { name: 'other-space', value: { kind: 'names', of: 'spaces' } },
        { name: 'name', value: { kind: 'text' } },
      ],
      flags: [
        { long: '--app', short: '-a', repeatable: false, value: { kind: 'names', of: 'apps' } },
        { long: '--compliance', repeatable: true, value: { kind: 'set' } },
        { long: '--from-file', value: { kind: 'file' } },
      ],
    });
  });

  test('has both forms of a switch that can be turned off, and once what every command has', () => {
    const debug = { type: 'boolean', name: 'debug', allowNo: true } as Command.Flag.Cached;
    const { shared, commands } = grammarOf(
      ['aka'],
      [command('x', { flags: { debug } }), command('y', { flags: { debug } })],
    );
    expect(shared.map(({ long }) => long)).toEqual(['--debug', '--no-debug', '--help']);
    expect(commands.flatMap(({ flags }) => flags)).toEqual([]);
  });
});

function flag(more: object): Command.Flag.Cached {
  return { type: 'option', name: 'x', multiple: false, ...more };
}

function command(id: string, more: Partial<Command.Loadable> = {}): Command.Loadable {
  return {
    id,
    hidden: false,
    hiddenAliases: [],
    strict: true,
    args: {},
    flags: {},
    ...more,
  } as Command.Loadable;
}

/** Enough of a space, or of a stack, for a client to take it for one. */
function thing(name: string) {
  const at = '2026-01-01T00:00:00Z';
  const ref = { id: 'id', name: 'ref' };
  return { id: name, name, region: ref, stack: ref, state: 'public', created_at: at, updated_at: at };
}

/** A platform that has the same answer to everything but for its stacks. */
function answering(everything: readonly object[], stacks: readonly object[] = []): Server {
  return createServer(({ url = '' }, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(url.startsWith('/stacks') ? stacks : everything));
  });
}

/** Has a server listen on a free port for as long as `act` takes. */
async function withServer(server: Server, act: (address: string) => Promise<void>): Promise<void> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  try {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('It listens on no port.');
    await act(`http://127.0.0.1:${address.port}`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}
