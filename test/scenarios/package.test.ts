import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Ended, ROOT, User } from './aka.js';

/** What is said of a socs space while its digests can't be mailed, and nothing else. */
const NO_MAIL: unknown = expect.stringMatching(/^warning: The digests of .+\n$/);

/** Bounds in milliseconds that only something hanging meets. */
const INSTALLING = 180_000;
const RUNNING = 60_000;
const MEGABYTE = 1024 * 1024;

const run = promisify(execFile);

let folder: string;
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
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  const install = ['install', '--no-audit', '--no-fund', '--omit=dev', join(folder, packed.filename)];
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
          .replace(/^dist\/[\w-]+\.cjs$/, 'dist/*.cjs'),
      ),
    );
    expect([...kinds].sort()).toEqual([
      'LICENSE',
      'README.md',
      'bin/package.json',
      'bin/run.js',
      'dist/*.cjs',
      'dist/THIRD-PARTY-LICENSES.txt',
      'dist/chunks/*.js',
      'dist/commands/*.js',
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
      expect(await aka(`spaces:create ${bin}`)).toMatchObject({ code: 5, stdout: '' });
    },
    RUNNING,
  );
});

describe.each([':', ' '])('as a plugin of another tool, with "%s" between topic and command', (separator) => {
  let host: (words: string, flags?: string) => Promise<Ended>;

  beforeAll(() => {
    const name = separator === ':' ? 'colon' : 'blank';
    const root = join(folder, `host-${name}`);
    mkdirSync(root);
    writeFileSync(
      join(root, 'package.json'),
      JSON.stringify({
        name: `host-${name}`,
        version: '1.0.0',
        type: 'module',
        dependencies: { 'akkeris-spaces': '*' },
        oclif: { bin: 'host', topicSeparator: separator, plugins: ['akkeris-spaces'] },
      }),
    );
    // It finds the installed package, and the @oclif/core of that, in the folder above.
    writeFileSync(
      join(root, 'run.js'),
      "import { execute } from '@oclif/core';\nawait execute({ dir: import.meta.url });\n",
    );
    host = (words, flags = '') =>
      user.sh(`${process.execPath} ${join(root, 'run.js')} ${words.replaceAll(':', separator)} ${flags}`);
  });

  test(
    'the commands do what those of aka do, on the same platform',
    async () => {
      const name = separator === ':' ? 'colon' : 'blank';
      expect(await host('spaces:create', `${name} --compliance socs,prod`)).toMatchObject({
        code: 0,
        stderr: NO_MAIL,
      });
      const info = await host('spaces:info', `${name} --json`);
      expect(info).toMatchObject({ code: 0, stderr: '' });
      expect(info.json()).toEqual((await user.does('spaces:info', name, '--json')).json());
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
});

test('the manifest that is published is that of these commands', () => {
  const published = readFileSync(
    join(folder, 'node_modules', 'akkeris-spaces', 'oclif.manifest.json'),
    'utf8',
  );
  expect(JSON.parse(published)).toEqual(JSON.parse(readFileSync(join(ROOT, 'oclif.manifest.json'), 'utf8')));
});
