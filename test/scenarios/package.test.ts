import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AKA, type Ended, ROOT, User } from './aka.js';
import { npmOfThisMachine } from './npm.js';
import { OWN_PORTS } from './ports.js';
import { serve } from './server.js';

/** What is said of a socs space while its digests can't be mailed, and nothing else. */
const NO_MAIL: unknown = expect.stringMatching(/^warning: The digests of .+\n$/);

/** Bounds in milliseconds that only something hanging meets. */
const INSTALLING = 180_000;
const RUNNING = 60_000;
const MEGABYTE = 1024 * 1024;

const run = promisify(execFile);

const TYPED = { ':': 'colon', ' ': 'blank' } as const;

let folder: string;
let tarball: string;
let user: User;
/** What is in the tarball, as npm says. */
let files: readonly string[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aka-package-'));
  user = new User();
  // The build is there already; building it again would pull it from under other tests.
  const pack = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: ROOT,
  });
  const [packed] = JSON.parse(pack.stdout) as [{ filename: string; files: { path: string }[] }];
  files = packed.files.map(({ path }) => path);
  tarball = join(folder, packed.filename);
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  const install = ['install', '--no-audit', '--no-fund', '--omit=dev', tarball];
  await run('npm', install, { cwd: folder });
}, INSTALLING);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  user.remove();
});

describe('the package', () => {
  test('holds what is run and nothing else', () => {
    const kinds = new Set(
      files.map((file) =>
        file
          .replace(/^(dist\/(?:commands|chunks)\/).*\.js$/, '$1*.js')
          .replace(/^(dist\/console\/assets\/[a-z]+)-\w+(\.\w+)$/, '$1-*$2')
          .replace(/^dist\/[\w-]+\.cjs$/, 'dist/*.cjs'),
      ),
    );
    expect([...kinds].sort()).toEqual([
      'LICENSE',
      'README.md',
      'bin/run.js',
      'dist/*.cjs',
      'dist/THIRD-PARTY-LICENSES.txt',
      'dist/akkeris-plugin.json',
      'dist/chunks/*.js',
      'dist/commands/*.js',
      'dist/console/assets/console-*.js',
      'dist/console/assets/style-*.css',
      'dist/console/index.html',
      'dist/package.json',
      'index.js',
      'oclif.manifest.json',
      'package.json',
    ]);
  });

  test('holds the licence of every package that it has code of', () => {
    const dist = join(folder, 'node_modules', 'akkeris-spaces', 'dist');
    const sections = readFileSync(join(dist, 'THIRD-PARTY-LICENSES.txt'), 'utf8')
      .split(/^-{78}\n/m)
      .slice(1)
      .map((section) => section.trim());
    const facts = sections.map((section) => section.split('\n')[0]);
    for (const name of ['@oclif/core', 'chalk', 'conf', 'hono', 'inquirer', 'undici', 'zod']) {
      expect(facts).toContainEqual(
        expect.stringMatching(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(MIT\\)$`)),
      );
    }
    // No licence is shorter than this, in characters.
    expect(sections.filter((section) => section.length < 500)).toEqual([]);
  });

  test('takes at most 30 MB when installed, besides the prebuilt SQLite', () => {
    const modules = join(folder, 'node_modules');
    const bytes = readdirSync(modules, { recursive: true, encoding: 'utf8' })
      .filter((name) => !name.includes('sqlite/prebuilds/'))
      .map((name) => statSync(join(modules, name), { throwIfNoEntry: false }))
      .reduce((sum, stat) => sum + (stat?.isFile() === true ? stat.size : 0), 0);
    process.stderr.write(`installed: ${(bytes / MEGABYTE).toFixed(1)} MB besides SQLite's prebuilds\n`);
    expect(bytes).toBeLessThan(30 * MEGABYTE);
  });

  test.each(['aka', 'akkeris-spaces'])(
    'runs by itself as %s',
    async (bin) => {
      const aka = (line: string) => user.sh(`${join(folder, 'node_modules', '.bin', bin)} ${line}`);
      expect((await aka('--version')).stdout).toMatch(/^akkeris-spaces\/\d+\.\d+\.\d+ /);
      expect(await aka(`spaces:create ${bin} -c socs,prod`)).toMatchObject({ code: 0, stderr: NO_MAIL });
      expect((await aka(`spaces:info ${bin} --json`)).json()).toMatchObject({ compliance: ['socs', 'prod'] });
      // Where there is another aka, what is to be typed is no command of that.
      expect(await aka(`spaces:create ${bin}`)).toMatchObject({
        code: 5,
        stdout: '',
        stderr: `error: Space ${bin} exists already.\n  Show it: ${bin} spaces:info ${bin}\n`,
      });
      expect((await aka('spaces:create --help')).stdout).toContain(`$ ${bin} spaces:create demo`);
      expect((await aka('completion bash')).stdout).toMatch(
        bin === 'aka'
          ? /^complete -F _aka aka akkeris-spaces$/m
          : /^complete -F _akkeris_spaces akkeris-spaces$/m,
      );
    },
    RUNNING,
  );

  test(
    'is refused by npm where another aka is, and takes its place when told to',
    async () => {
      const prefix = join(folder, 'prefix');
      const old = join(folder, 'akkeris');
      mkdirSync(prefix);
      mkdirSync(old);
      const bin = { aka: 'aka.js', ak: 'aka.js', akkeris: 'aka.js' };
      writeFileSync(join(old, 'package.json'), JSON.stringify({ name: 'akkeris', version: '3.1.26', bin }));
      writeFileSync(join(old, 'aka.js'), "#!/usr/bin/env node\nconsole.log('the older one');\n", {
        mode: 0o755,
      });
      const install = (...what: string[]) =>
        run('npm', ['install', '--global', '--prefix', prefix, '--no-audit', '--no-fund', ...what]);
      const version = async (name: string) =>
        (await user.sh(`${join(prefix, 'bin', name)} --version`)).stdout.trim();

      await install(old);
      await expect(install(tarball)).rejects.toMatchObject({ stderr: expect.stringContaining('EEXIST') });
      expect(await version('aka')).toBe('the older one');
      expect(readdirSync(join(prefix, 'lib', 'node_modules'))).toEqual(['akkeris']);

      await install('--force', '--prefer-offline', tarball);
      expect(await version('aka')).toMatch(/^akkeris-spaces\//);
      expect(await version('akkeris-spaces')).toMatch(/^akkeris-spaces\//);
      expect(await version('ak')).toBe('the older one');
      expect(await version('akkeris')).toBe('the older one');
    },
    INSTALLING,
  );
});

test.each(['1.26.2', '2.16.0'])(
  'as a plugin of a tool with @oclif/core %s it says that this is too old',
  async (version) => {
    const root = join(folder, `host-of-${version}`);
    writeHost(root, ':', { dependencies: {}, plugins: ['akkeris-spaces'] });
    await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', `@oclif/core@${version}`], {
      cwd: root,
    });
    writeFileSync(
      join(root, 'run.js'),
      "import core from '@oclif/core';\nawait core.run(process.argv.slice(2), import.meta.url).catch(core.Errors.handle);\n",
    );
    const { stderr, code } = await user.sh(`node ${join(root, 'run.js')} spaces`);
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(
      `host has @oclif/core ${version}, and these commands need version 3`,
    );
    expect(stderr).not.toContain('TypeError');
    expect(code).not.toBe(0);
  },
  INSTALLING,
);

/** An oclif tool of its own that has this package among its dependencies. */
function dependingHost(root: string): string {
  writeHost(root, ':', { dependencies: { 'akkeris-spaces': '*' }, plugins: ['akkeris-spaces'] });
  // It finds the installed package, and the @oclif/core of that, in the folder above.
  return join(root, 'run.js');
}

/** Another one, whose user has installed the package with its plugins:install. */
async function installingHost(root: string): Promise<string> {
  writeHost(root, ' ', { dependencies: {}, plugins: ['@oclif/plugin-plugins'] });
  const env = { ...process.env, HOME: user.home, ...npmOfThisMachine() };
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const needs = [`@oclif/core@${dependencies['@oclif/core']}`, '@oclif/plugin-plugins@5.5.2'];
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...needs], { cwd: root });
  const program = join(root, 'run.js');
  await run(process.execPath, [program, 'plugins', 'install', `file://${tarball}`], { cwd: root, env });
  return program;
}

function writeHost(
  root: string,
  topicSeparator: string,
  has: { dependencies: object; plugins: string[] },
): void {
  mkdirSync(root);
  const { dependencies, plugins } = has;
  const oclif = { bin: 'host', dirname: 'host', topicSeparator, plugins };
  writeFileSync(
    join(root, 'package.json'),
    JSON.stringify({ name: 'host', version: '1.0.0', type: 'module', dependencies, oclif }),
  );
  writeFileSync(
    join(root, 'run.js'),
    "import { execute } from '@oclif/core';\nawait execute({ dir: import.meta.url });\n",
  );
}

describe.each([':', ' '] as const)(
  'as a plugin of another tool, with "%s" between topic and command',
  (separator) => {
    let program: string;
    /** Commands are written with colons, and typed as they are in that tool. */
    const typed = (words: string): string => words.replaceAll(':', separator);
    const host = (words: string, flags = ''): Promise<Ended> =>
      user.sh(`${process.execPath} ${program} ${typed(words)} ${flags}`);

    beforeAll(async () => {
      const root = join(folder, `host-${TYPED[separator]}`);
      program = separator === ':' ? dependingHost(root) : await installingHost(root);
    }, INSTALLING);

    test(
      'the commands do what those of aka do, on the same platform',
      async () => {
        const name = TYPED[separator];
        expect(await host('spaces:create', `${name} --compliance socs,prod`)).toMatchObject({
          code: 0,
          stderr: NO_MAIL,
        });
        const info = await host('spaces:info', `${name} --json`);
        expect(info).toMatchObject({ code: 0, stderr: '' });
        // Only what is to be typed is said otherwise.
        expect(info.stdout.replaceAll(typed('host platform:'), 'aka platform:')).toBe(
          (await user.does('spaces:info', name, '--json')).stdout,
        );
        expect((await host('spaces')).stdout).toBe((await user.does('spaces')).stdout);
      },
      RUNNING,
    );

    test(
      'a platform that is not there is asked for all the same',
      async () => {
        const asked = await host('spaces', '--api http://127.0.0.1:1 --json');
        expect({ code: asked.code, json: asked.json() }).toMatchObject({
          code: 6,
          json: { error: { id: 'unreachable', exit: 6 } },
        });
      },
      RUNNING,
    );

    test(
      'failures have the exit codes and the form they have in aka',
      async () => {
        for (const [words, flags, exit] of [
          ['spaces:create', 'default', 5],
          ['spaces:info', 'missing', 4],
          ['spaces:info', '', 2],
          ['spaces:create', 'shop -c prod socs', 2],
        ] as const) {
          expect(await host(words, flags)).toMatchObject({
            code: exit,
            stdout: '',
            stderr: expect.stringMatching(/^error: /),
          });
          const { code, stdout } = await host(words, `${flags} --json`);
          expect({ code, json: JSON.parse(stdout) }).toMatchObject({ code: exit, json: { error: { exit } } });
        }
      },
      RUNNING,
    );

    test(
      'what is said to be typed is typed so there',
      async () => {
        const name = `said-${TYPED[separator]}`;
        const created = await host('spaces:create', `${name} -c socs`);
        expect(created.stderr).toContain(`Mend it: ${typed('host platform:configure')} --smtp-host`);
        const info = (await host('spaces:info', `${name} --json`)).json<{ concerns: unknown }>();
        expect(info.concerns).toContainEqual(
          expect.objectContaining({ remedy: expect.stringMatching(typed('^host platform:configure ')) }),
        );
        const exists = (await host('spaces:create', `${name} --json`)).json<{ error: { hint: string } }>();
        expect(exists.error.hint).toBe(`Show it: ${typed('host spaces:info')} ${name}`);

        const help =
          (await host('platform:start', '--help')).stdout + (await host('spaces:create', '--help')).stdout;
        expect(help).toContain(`$ ${typed('host platform:start')}`);
        expect(help).toContain(`$ ${typed('host spaces:create')} demo`);
        expect(help).not.toMatch(/\baka [a-z]/);
      },
      RUNNING,
    );

    test(
      'what only looks like that is shown as it is',
      async () => {
        const name = `data${TYPED[separator]}`;
        await host('apps:create', `${name} --space default`);
        await host('config:set', `NOTE='see aka spaces:info' hint='see aka spaces:info' -a ${name}-default`);
        expect((await host('config', `-a ${name}-default --json`)).json()).toMatchObject({
          NOTE: 'see aka spaces:info',
          hint: 'see aka spaces:info',
        });
        expect((await host('config', `-a ${name}-default`)).stdout).toContain('NOTE\tsee aka spaces:info\n');
      },
      RUNNING,
    );

    test(
      'what is no command is answered by that tool, and Ctrl-C by it and the command',
      async () => {
        const unknown = await host('spaces:nope');
        expect(unknown.stderr).toContain('command spaces:nope not found');
        expect(unknown.code).toBe(2);

        const platform = await serve();
        try {
          user.program = program;
          const waiting = user.start(['spaces', '--api', platform.url]);
          await platform.asked;
          waiting.child.kill('SIGINT');
          const { code, signal } = await waiting.ended;
          // A shell says 130 of a process that SIGINT has ended.
          expect(code ?? signal).toBe('SIGINT');
        } finally {
          user.program = AKA;
          platform.close();
        }
      },
      RUNNING,
    );

    test(
      'its daemon is started and stopped',
      async () => {
        try {
          await user.does(...OWN_PORTS);
          expect(await host('platform:start', '--json')).toMatchObject({ code: 0 });
        } finally {
          expect(await host('platform:stop')).toMatchObject({ code: 0 });
        }
      },
      RUNNING,
    );
  },
);

test('the manifest that is published is that of these commands', () => {
  const published = readFileSync(
    join(folder, 'node_modules', 'akkeris-spaces', 'oclif.manifest.json'),
    'utf8',
  );
  expect(JSON.parse(published)).toEqual(JSON.parse(readFileSync(join(ROOT, 'oclif.manifest.json'), 'utf8')));
});
