import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import type { IncomingMessage, RequestListener } from 'node:http';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import { runsWhole } from '../long-tests.js';
import { type Ended, ROOT, User } from './aka.js';
import { expectClean, expectFailure, expectJsonFailure } from './invariants.js';
import { npmOfThisMachine } from './npm.js';
import { scenario } from './scenario.js';
import { serve } from './server.js';

const OLD_AKA = join(ROOT, 'test', 'old-aka', 'aka.js');
const TOKEN = 'old-token-5e1f';
const FULL = runsWhole('fuzz');

/** Makes somebody a user of the older aka, of an installation at an address, with or without our plugin. */
function usesOldAka(user: User, { apps = 'apps.example.com', plugin = true } = {}): void {
  user.program = join(user.home, 'aka');
  symlinkSync(OLD_AKA, user.program);
  const folder = join(user.home, '.akkeris', 'plugins');
  mkdirSync(folder, { recursive: true });
  if (plugin) symlinkSync(ROOT, join(folder, 'akkeris-spaces'));
  writeFileSync(
    join(user.home, '.akkeris', 'config.json'),
    JSON.stringify({ apps, auth: 'auth.example.com' }),
  );
  const host = apps.replace(/^https?:\/\//, '');
  writeFileSync(join(user.home, '.netrc'), `machine ${host}\n  login ada\n  password ${TOKEN}\n`, {
    mode: 0o600,
  });
}

/** A command of the plugin on this machine's own platform. */
const HERE = ['--platform', 'embedded'];
/** What every change there says. */
const SAID = 'Platform: embedded (on this machine)\n';

describe('the older aka with the plugin', () => {
  scenario('does what it did with what is not ours', async (user, newcomer) => {
    const before = newcomer();
    usesOldAka(before, { plugin: false });
    usesOldAka(user);
    for (const line of ['config -a web', 'config', 'config --nope', 'apps', 'version']) {
      expect(outcome(await user.run(line.split(' ')))).toEqual(outcome(await before.run(line.split(' '))));
    }
    // What nobody knows is answered by its help, as before, in which there is a group more.
    for (const line of ['nope', 'spaces:nope', 'help']) {
      const { code, stdout, stderr } = await user.run(line.split(' '));
      const was = await before.run(line.split(' '));
      expect({ code, stderr }).toEqual({ code: was.code, stderr: was.stderr });
      expect(stdout.replace(/^\* akkeris-spaces .*\n/m, '')).toBe(was.stdout);
    }
  });

  scenario('loads one file at every start, and no part of aka', async (user) => {
    const load = `require(${JSON.stringify(ROOT)}); console.log(Object.keys(require.cache).join())`;
    expect((await user.sh(`node -e '${load}'`)).stdout).toBe(`${join(realpathSync(ROOT), 'index.js')}\n`);
  });

  scenario('creates what was asked for, in any order, and no third word', async (user) => {
    usesOldAka(user);
    for (const [name, words] of [
      ['a1', ['--compliance', 'socs,prod', 'a1']],
      ['a2', ['a2', '-c', 'prod', '-c', 'SOCS']],
      ['a3', ['-c', 'prod,socs', '-d', 'spaces:create', 'a3']],
    ] as const) {
      expect(await user.run(['spaces:create', ...words, ...HERE])).toMatchObject({ code: 0 });
      const info = await user.run(['spaces:info', name, '--json', ...HERE]);
      expect(info.json()).toMatchObject({ name, compliance: ['socs', 'prod'] });
    }
    const described = (await user.run(['spaces:info', 'a3', '--json', ...HERE])).json();
    expect(described).toMatchObject({ description: 'spaces:create' });

    const wrong = await user.run(['spaces:create', 'shop', '-c', 'prod', 'socs', ...HERE]);
    expectFailure(wrong, 2);
    expect(wrong.stderr).toContain('--compliance socs,prod');
    expectFailure(await user.run(['spaces:info', 'shop', ...HERE]), 4);
  });

  scenario('asks for nothing that apps:create can do without', async (user) => {
    usesOldAka(user);
    await user.run(['spaces:create', 'shop', ...HERE]);
    const created = await user.run(['apps:create', 'web', '--space', 'shop', '--json', ...HERE]);
    expect(created).toMatchObject({ code: 0, stderr: SAID });
    expect(created.json()).toMatchObject({ name: 'web-shop' });
    expect(await user.run(['create', 'api', '-s', 'shop', ...HERE])).toMatchObject({ code: 0 });
    const missing = await user.run(['apps:create', ...HERE]);
    expectFailure(missing, 2);
    expect(missing.stderr).toMatch(/NAME|--space/);
  });

  scenario('fails with the exit codes and in the form of spaces', async (user) => {
    usesOldAka(user);
    await user.run(['spaces:create', 'shop', ...HERE]);
    for (const [exit, ...words] of [
      [2, 'spaces:info', ...HERE],
      [2, 'spaces:create', 'shop', '--nope', ...HERE],
      [2, 'spaces:create', 'shop', '--complianc', 'prod', ...HERE],
      [4, 'spaces:info', 'missing', ...HERE],
      [5, 'spaces:create', 'shop', ...HERE],
      [6, 'spaces', '--api', 'http://127.0.0.1:1'],
      [127, 'akkeris-spaces', 'nope'],
    ] as const) {
      expectFailure(await user.run(words), exit);
      expectJsonFailure(await user.run([...words, '--json']), exit);
    }
    expect(await user.run(['spaces:diff', 'shop', 'default', ...HERE])).toMatchObject({
      code: 0,
      stderr: '',
    });
  });

  scenario('shows in its help what the commands take', async (user) => {
    usesOldAka(user);
    for (const line of ['spaces:create --help', 'help spaces create']) {
      const { code, stdout } = await user.run(line.split(' '));
      expect(code).toBe(0);
      expect(stdout).toMatch(/^aka spaces:create \[NAME\]$/m);
      expect(stdout).toContain('-c, --compliance');
      expect(stdout).toContain('aka spaces:create demo --compliance socs,prod');
      // It is not a command of the older aka.
      expect(stdout).toContain('aka akkeris-spaces compliance');
      expect(stdout).not.toContain('space separated');
    }
    const group = (await user.run(['help', 'spaces'])).stdout.split('\n');
    expect(group.filter((line) => line.startsWith('* aka spaces:create '))).toHaveLength(1);
    expect(group).toContainEqual(expect.stringMatching(/^\* aka spaces:topology /));
  });

  scenario('says what to type as it is typed there', async (user) => {
    usesOldAka(user);
    await user.run(['spaces:create', 'shop', ...HERE]);
    const exists = await user.run(['spaces:create', 'shop', ...HERE, '--json']);
    expect(expectJsonFailure(exists, 5).hint).toBe('Show it: aka spaces:info --platform embedded shop');
    // The older aka has no such command.
    const down = await user.run(['spaces:wait', 'shop', ...HERE]);
    expect(down.stderr).toContain('Start it: aka akkeris-spaces platform:start');
    const unmailed = await user.run(['spaces:create', 'vault', '-c', 'socs', ...HERE]);
    expect(unmailed.stderr).toContain('Mend it: aka akkeris-spaces platform:configure');
    expect((await user.run(['akkeris-spaces', 'nope'])).stderr).toContain('aka akkeris-spaces help');
  });

  scenario('asks and reads at the terminal it is in', async (user) => {
    usesOldAka(user);
    await user.atTerminal(['spaces:create', ...HERE], async (terminal) => {
      await terminal.sees(/name/i);
      terminal.types('shop');
      terminal.press('enter');
      await terminal.sees(/compliance/i);
      terminal.press('ctrl-c');
    });
    const ended = await user.atTerminal(['spaces:create', ...HERE], async (terminal) => {
      await terminal.sees(/name/i);
      terminal.press('ctrl-c');
    });
    expect(ended.code).toBe(130);
    await user.run(['spaces:create', 'shop', ...HERE]);
    await user.run(['apps:create', 'web', '-s', 'shop', ...HERE]);
    const words = ['akkeris-spaces', 'config:set', 'SECRET=-', '-a', 'web-shop', ...HERE];
    expect(await user.run(words, { stdin: 'hunter2' })).toMatchObject({ code: 0, stderr: SAID });
  });
});

describe('the platform of the older aka', () => {
  scenario('is asked by whoever is logged in there, whose token is in no command line', async (user) => {
    const seen: string[] = [];
    const asked: (string | undefined)[] = [];
    const platform = await serve(noting(asked, () => seen.push(...commandLines())));
    try {
      usesOldAka(user, { apps: platform.url });
      expect(await user.run(['spaces', '--json'])).toMatchObject({ code: 0, stdout: '[]\n', stderr: '' });
      expect(asked).toEqual([`Bearer ${TOKEN}`]);
      expect(seen).toContainEqual(
        expect.stringContaining(`${join(realpathSync(ROOT), 'bin', 'run.js')}\0spaces`),
      );
      expect(seen.filter((line) => line.includes(TOKEN))).toEqual([]);

      // Those that are said for this one command go before it.
      await user.run(['spaces'], { env: { API_TOKEN: 'other' } });
      await user.run(['spaces'], { env: { API_AUTH: 'shared-key' } });
      expect(asked.slice(1)).toEqual(['Bearer other', 'shared-key']);
    } finally {
      platform.close();
    }
  });

  scenario('alone gets that token', async (user) => {
    const asked: (string | undefined)[] = [];
    const other = await serve(noting(asked));
    try {
      usesOldAka(user);
      await user.run(['spaces', '--api', other.url]);
      await user.run(['spaces', `--api=${other.url}`]);
      await user.run(['spaces'], { env: { AKA_API: other.url } });
      mkdirSync(user.configDir, { recursive: true, mode: 0o700 });
      const settings = JSON.stringify({ platforms: { other: { api: other.url } } });
      writeFileSync(join(user.configDir, 'settings.json'), settings, { mode: 0o600 });
      await user.run(['spaces', '--platform', 'other']);
      await user.run(['spaces'], { env: { AKKERIS_PLATFORM: 'other' } });
      expect(asked).toEqual([undefined, undefined, undefined, undefined, undefined]);
    } finally {
      other.close();
    }
  });

  scenario('is logged in to as ever', async (user) => {
    const platform = await serve((_, response) => response.writeHead(401).end());
    try {
      usesOldAka(user, { apps: platform.url });
      const refused = await user.run(['spaces']);
      expectFailure(refused, 3);
      expect(refused.stderr).toContain('aka auth:login');
    } finally {
      platform.close();
    }
  });

  for (const [name, signal, code] of [
    ['Ctrl-C ends the command that waits for it', 'SIGINT', 130],
    ['and so does whoever ends the older aka', 'SIGTERM', 143],
  ] as const) {
    scenario(name, async (user) => {
      const platform = await serve();
      try {
        usesOldAka(user, { apps: platform.url });
        const started = user.start(['spaces']);
        await platform.asked;
        started.child.kill(signal);
        const ended = await started.ended;
        expect(ended).toMatchObject({ code, stdout: '' });
        expectClean(ended);
      } finally {
        platform.close();
      }
    });
  }

  scenario('Ctrl-C at a terminal ends it once', async (user) => {
    const platform = await serve();
    try {
      usesOldAka(user, { apps: platform.url });
      const { code, screen } = await user.atTerminal(['spaces'], async (terminal) => {
        await platform.asked;
        terminal.press('ctrl-c');
      });
      expect(code).toBe(130);
      expect(screen.match(/Interrupted\./g)).toHaveLength(1);
    } finally {
      platform.close();
    }
  });
});

describe('aka plugins:install', () => {
  scenario(
    FULL ? 'clones and builds it' : 'clones it, here as it is when it has been built',
    async (user) => {
      usesOldAka(user, { plugin: false });
      const repository = FULL ? sourceRepository(user) : builtRepository(user);
      const url = 'https://git.example.com/akkeris-spaces';
      const installed = await user.run(['plugins:install', url], {
        env: {
          ...(FULL ? npmOfThisMachine() : {}),
          GIT_CONFIG_COUNT: '1',
          GIT_CONFIG_KEY_0: `url.${repository}.insteadOf`,
          GIT_CONFIG_VALUE_0: url,
        },
        bound: 580_000,
      });
      expect(installed).toMatchObject({ code: 0, stdout: 'Installed plugin akkeris-spaces\n', stderr: '' });
      expect(await user.run(['spaces:create', 'shop', '-c', 'socs,prod', ...HERE])).toMatchObject({
        code: 0,
      });
    },
    FULL ? 600_000 : undefined,
  );

  scenario('says what is missing of one that is not built', async (user) => {
    usesOldAka(user, { plugin: false });
    const folder = join(user.home, '.akkeris', 'plugins', 'akkeris-spaces');
    mkdirSync(folder);
    writeFileSync(join(folder, 'index.js'), readFileSync(join(ROOT, 'index.js')));
    const ended = await user.run(['config', '-a', 'web']);
    expect(ended.stdout).toContain('npm ci && npm run build');
    expect(ended.stdout).toContain('[old config of web]');
  });
});

/** What a user notices of a command. */
function outcome({ code, stdout, stderr }: Ended): Pick<Ended, 'code' | 'stdout' | 'stderr'> {
  return { code, stdout, stderr };
}

/** Answers that there is nothing, and notes who asks. */
function noting(asked: (string | undefined)[], act: () => void = () => {}): RequestListener {
  return (request: IncomingMessage, response) => {
    asked.push(request.headers.authorization);
    act();
    response.setHeader('content-type', 'application/json').end('[]');
  };
}

/** Those of all processes: what every user of a machine can see of others. */
function commandLines(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(join('/proc', pid, 'cmdline'), 'utf8')];
      } catch {
        return [];
      }
    });
}

/** A repository of the sources, as they are here. */
function sourceRepository(user: User): string {
  return repositoryOf(user, (folder) =>
    cpSync(ROOT, folder, {
      recursive: true,
      filter: (path) => !/\/(?:\.git|node_modules|dist|coverage)$/.test(path),
    }),
  );
}

/** A repository of what the package has, as building leaves it in a clone. */
function builtRepository(user: User): string {
  return repositoryOf(user, (folder) => {
    for (const name of ['bin', 'dist', 'index.js', 'package.json', 'oclif.manifest.json'])
      cpSync(join(ROOT, name), join(folder, name), { recursive: true });
    symlinkSync(join(realpathSync(ROOT), 'node_modules'), join(folder, 'node_modules'));
  });
}

function repositoryOf(user: User, fill: (folder: string) => void): string {
  const folder = join(user.home, 'repository');
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
      cwd: folder,
      stdio: 'ignore',
    });
  mkdirSync(folder);
  fill(folder);
  git('init');
  git('add', '.');
  git('commit', '-m', 'all');
  return folder;
}
