import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { passedOn } from '../../../src/platform/builds/build-settings.js';
import { detect, processTypesOf, surroundingsOf } from '../../../src/platform/builds/detect.js';
import {
  installerSettings,
  machineHosts,
  packageFolders,
} from '../../../src/platform/builds/installer-settings.js';
import { nodeWarnings } from '../../../src/platform/builds/node-project.js';
import { relocateScripts } from '../../../src/platform/builds/relocate.js';
import { type Tree, temporaryFolder, treeOf, write } from './folders.js';

function folderOf(tree: Tree): string {
  return write(join(temporaryFolder(), 'app'), { '.keep': '', ...tree });
}

async function commands(tree: Tree, tools: readonly string[] = ['npm', 'python3']): Promise<string[]> {
  const steps = await detect(folderOf(tree), (name) => tools.includes(name));
  return steps.map(({ command }) => command);
}

const NODE = {
  scripts: { start: 'node .', build: 'tsc' },
  dependencies: { a: '1' },
  devDependencies: { b: '1' },
};
const PACKAGE = JSON.stringify(NODE);
const NO_FUND = '--no-audit --no-fund';

describe('what a build does', () => {
  test.each([
    ['nothing for an executable', { server: '!x' }, []],
    ['nothing where there is only a Procfile', { Procfile: 'web: python3 -m http.server' }, []],
    [
      'what a lock file says, the build script, and without what only that needed',
      { 'package.json': PACKAGE, 'package-lock.json': '{}' },
      [`npm ci ${NO_FUND} --include=dev`, 'npm run build', `npm prune --omit=dev ${NO_FUND}`],
    ],
    [
      'an install where there is no lock file',
      { 'package.json': '{"scripts": {"start": "x"}, "dependencies": {"a": "1"}}' },
      [`npm install ${NO_FUND} --include=dev`],
    ],
    [
      'nothing for a Node.js project that needs nothing',
      { 'package.json': '{"scripts": {"start": "x"}}' },
      [],
    ],
    [
      'an install for install scripts without dependencies',
      { 'package.json': '{"scripts": {"start": "x", "install": "node-gyp rebuild"}}' },
      [`npm install ${NO_FUND} --include=dev`],
    ],
    [
      'heroku-postbuild in place of build, and what else Heroku runs',
      {
        'package.json': JSON.stringify({
          scripts: {
            start: 'x',
            build: 'b',
            'heroku-prebuild': 'x',
            'heroku-postbuild': 'x',
            'heroku-cleanup': 'x',
          },
        }),
      },
      ['npm run heroku-prebuild', 'npm run heroku-postbuild', 'npm run heroku-cleanup'],
    ],
    [
      'the package of a pyproject.toml with a build system',
      { 'pyproject.toml': '[build-system]\nrequires = []\n[project]\n', Procfile: 'web: x' },
      ['python3 -m venv --clear .venv', '.venv/bin/python -m pip install .'],
    ],
    [
      'the dependencies of any other pyproject.toml',
      { 'pyproject.toml': '[project]\nname = "x"\n', Procfile: 'web: x' },
      ['python3 -m venv --clear .venv', expect.stringContaining('["project"].get("dependencies", [])')],
    ],
    ['nothing for settings of Python tools', { 'pyproject.toml': '[tool.ruff]\n', Procfile: 'web: x' }, []],
    [
      'the package of a setup.py',
      { 'setup.py': '', Procfile: 'web: x' },
      ['python3 -m venv --clear .venv', '.venv/bin/python -m pip install .'],
    ],
    ['nothing for static files', { 'index.html': '!<p>', 'style.css': '' }, []],
    [
      'a virtual environment for Python',
      { 'requirements.txt': '', Procfile: 'web: gunicorn' },
      ['python3 -m venv --clear .venv', '.venv/bin/python -m pip install --requirement requirements.txt'],
    ],
    [
      'Python first where there are both',
      { 'requirements.txt': '', 'package.json': PACKAGE },
      [
        'python3 -m venv --clear .venv',
        '.venv/bin/python -m pip install --requirement requirements.txt',
        `npm install ${NO_FUND} --include=dev`,
        'npm run build',
        `npm prune --omit=dev ${NO_FUND}`,
      ],
    ],
    [
      'the command of app.json alone, before there is a Procfile',
      { 'app.json': '{"scripts": {"build": "make all"}}', 'package.json': PACKAGE, 'requirements.txt': '' },
      ['make all'],
    ],
    [
      'the usual where app.json is about other things',
      { 'app.json': '{"name": "x", "scripts": {"postdeploy": "y"}}', server: '!x' },
      [],
    ],
  ] as [string, Tree, string[]][])('is %s', async (_what, tree, expected) => {
    expect(await commands(tree)).toEqual(expected);
  });

  const yarn = { 'package.json': PACKAGE, 'yarn.lock': '# yarn lockfile v1\n' };
  test.each<[Tree, string[], string[]]>([
    [
      yarn,
      ['corepack'],
      [
        expect.stringMatching(/^mkdir -p \.corepack\/bin .*exec corepack yarn/) as unknown as string,
        'corepack yarn install --frozen-lockfile --production=false --non-interactive',
        'corepack yarn run build',
        'corepack yarn install --frozen-lockfile --production --ignore-scripts --prefer-offline --non-interactive',
      ],
    ],
    [{ ...yarn, 'yarn.lock': '__metadata:' }, ['yarn'], ['yarn install --immutable', 'yarn run build']],
    [
      { 'package.json': PACKAGE, 'pnpm-lock.yaml': '' },
      ['pnpm', 'corepack'],
      ['pnpm install --frozen-lockfile --prod=false', 'pnpm run build', 'pnpm prune --prod'],
    ],
    [
      { 'package.json': JSON.stringify({ ...NODE, packageManager: 'yarn@4.5.0' }) },
      ['yarn'],
      ['yarn install --no-immutable', 'yarn run build'],
    ],
    [
      { 'package.json': PACKAGE, 'pyproject.toml': '[project]', 'uv.lock': '' },
      ['npm', 'python3', 'uv'],
      [
        'uv sync --locked --no-dev --no-editable',
        `npm install ${NO_FUND} --include=dev`,
        'npm run build',
        `npm prune --omit=dev ${NO_FUND}`,
      ],
    ],
    [
      { ...yarn, 'package.json': JSON.stringify({ ...NODE, packageManager: 'pnpm@9.0.0' }) },
      ['corepack'],
      [
        expect.stringContaining('.corepack/bin/pnpm') as unknown as string,
        'corepack pnpm install --no-frozen-lockfile --prod=false',
        'corepack pnpm run build',
        'corepack pnpm prune --prod',
      ],
    ],
  ])('is by the package manager of its lock file: %j', async (tree, tools, expected) => {
    expect(await commands(tree, tools)).toEqual(expected);
  });

  test.each<[Tree, string]>([
    [
      { Procfile: 'web: x', ...yarn },
      'This app needs yarn, as it has a yarn.lock, and this machine has none.',
    ],
    [
      { 'package.json': PACKAGE },
      'This app needs npm, as it is a Node.js project, and this machine has none.',
    ],
    [
      { Procfile: 'web: x', 'requirements.txt': '' },
      'This app needs python3, as it has a requirements.txt, and this machine has none.',
    ],
  ])('names what the machine lacks: %j', async (tree, message) => {
    await expect(commands(tree, [])).rejects.toThrow(message);
  });

  test.each<[Tree, string]>([
    [{ 'requirements.txt': '' }, 'Nothing says what to start: there is no Procfile.'],
    [{ one: '!', two: '!' }, 'Nothing says what to start: there is no Procfile.'],
    [{ Procfile: 'web' }, 'There is no process type on line 1 of the Procfile: web'],
    [{ Procfile: '-> /etc/passwd' }, "Procfile can't be used: it is a link out of the app."],
    [{ Procfile: '-> nowhere' }, "Procfile can't be used: it is a link to nothing."],
    [
      { Procfile: 'web: x', 'uv.lock': '' },
      'This app needs uv, as it has a uv.lock, and this machine has none.',
    ],
    [
      { Procfile: 'web: x', 'poetry.lock': '', 'pyproject.toml': '[build-system]' },
      "This app has a poetry.lock, and builds don't run Poetry.",
    ],
    [{ Procfile: 'web: x', Pipfile: '' }, "This app has a Pipfile, and builds don't run Pipenv."],
    [
      { 'package.json': '{}' },
      'Nothing says what to start: there is no Procfile, start script in package.json or server.js.',
    ],
    [{ Procfile: 'w\0e\0b\0:\0' }, "Procfile can't be used: it is in UTF-16."],
    [{ 'Procfile/x': '' }, "Procfile can't be used: it is no file."],
    [{ Procfile: `#${'x'.repeat(70_000)}` }, "Procfile can't be used: it has more than 65536 bytes."],
    [{ Procfile: 'web: x', 'package.json': '[]' }, "package.json can't be read: it is no object."],
    [{ Procfile: 'web: x', 'package.json': '{' }, "package.json can't be read: "],
    [{ 'app.json': '{"scripts": {"build": ["x"]}}' }, 'The build command of app.json is no text.'],
    [{ 'app.json': '{"scripts": "x"}' }, 'The build command of app.json is no text.'],
  ])('is refused: %j', async (tree, message) => {
    await expect(detect(folderOf(tree), (name) => name !== 'uv')).rejects.toThrow(message);
  });
});

test.each<[Tree, Record<string, string>]>([
  [{ Procfile: 'worker: x', 'package.json': PACKAGE, one: '!' }, { worker: 'x' }],
  [{ 'package.json': PACKAGE, one: '!' }, { web: 'npm start' }],
  [{ Procfile: '-> deploy/Procfile', 'deploy/Procfile': 'web: linked' }, { web: 'linked' }],
  [{ 'package.json': '{}', 'server.js': '' }, { web: 'node server.js' }],
  [{ 'index.html': '!', 'style.css': '' }, { web: 'node .static-server.cjs' }],
  [{ "it's one": '!', two: '' }, { web: String.raw`./'it'\''s one'` }],
])('dynos are started by %j', async (tree, expected) => {
  expect(await processTypesOf(folderOf(tree))).toEqual(expected);
});

test.each([
  ['18.x', false],
  ['20', true],
  ['>=18 <20', false],
  ['>= 18', true],
  ['^18 || ^20.1', true],
  ['^20.30.0', false],
  ['~20.20.1', true],
  ['18 - 20', true],
  ['<=20.20.1', false],
  ['>20', false],
  ['*', true],
  ['lts/*', true],
])('that package.json asks for Node.js %s is a warning where 20.20.2 is not in it', async (range, isIn) => {
  const folder = folderOf({ 'package.json': JSON.stringify({ engines: { node: range } }) });
  expect(await nodeWarnings(folder, 'v20.20.2')).toEqual(
    isIn
      ? []
      : [`package.json asks for Node.js ${range}, and builds and dynos run v20.20.2, that of the platform.`],
  );
});

test('what corepack provides is found by dynos', async () => {
  const folder = folderOf({ '.corepack/bin/pnpm': '!' });
  expect(await surroundingsOf(folder)).toEqual({
    path: ['.corepack/bin'],
    folders: { COREPACK_HOME: '.corepack' },
  });
});

test('builds get what is listed of the environment, and copies of certificates', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'ca.crt'), 'certificates');
  const env = {
    NPM_CONFIG_REGISTRY: 'https://mirror.example.com/',
    https_proxy: 'http://proxy.example.com',
    NODE_EXTRA_CA_CERTS: join(folder, 'ca.crt'),
    SSL_CERT_FILE: join(folder, 'missing'),
    PIP_INDEX_URL: '',
    NPM_CONFIG__AUTH: 'secret',
    AWS_SECRET_ACCESS_KEY: 'secret',
    PATH: '/somewhere',
  };
  expect(await passedOn(env, join(folder, 'copies'), '/app/own')).toEqual({
    COREPACK_NPM_REGISTRY: 'https://mirror.example.com',
    NPM_CONFIG_REGISTRY: 'https://mirror.example.com/',
    https_proxy: 'http://proxy.example.com',
    NODE_EXTRA_CA_CERTS: '/app/own/node_extra_ca_certs.pem',
  });
  expect(treeOf(join(folder, 'copies'))).toEqual({ 'node_extra_ca_certs.pem': 'certificates' });
});

test('where packages come from is read from the settings of npm and pip', () => {
  const home = write(join(temporaryFolder(), 'home'), {
    '.npmrc':
      '; mine\nregistry = "https://npm.example.com/"\n//npm.example.com/:_authToken=secret\nhttps-proxy=http://p:1\nfund=false\n',
    '.pip/pip.conf': '[global]\nindex-url = https://old.example.com/simple\n',
    '.config/pip/pip.conf':
      '[global]\nindex-url: https://pip.example.com/simple\nfind-links =\n    /one\n    /two words\n[list]\ntimeout = 5\n[install]\ntrusted_host = pip.example.com\n',
  });
  expect(installerSettings(home)).toMatchObject({
    NPM_CONFIG_REGISTRY: 'https://npm.example.com/',
    NPM_CONFIG_HTTPS_PROXY: 'http://p:1',
    PIP_INDEX_URL: 'https://pip.example.com/simple',
    PIP_FIND_LINKS: '/one /two words',
    PIP_TRUSTED_HOST: 'pip.example.com',
  });
  expect(JSON.stringify(installerSettings(home))).not.toContain('secret');
});

test('folders that packages come from are found, with what is beside an index', () => {
  const folder = write(temporaryFolder(), { 'index/simple/x': '', 'wheels/x': '' });
  expect(
    packageFolders({
      PIP_INDEX_URL: 'https://pip.example.com/simple',
      PIP_EXTRA_INDEX_URL: `file://${folder}/index/simple/ file://${folder}/missing file:///`,
      PIP_FIND_LINKS: `${folder}/wheels relative /`,
    }),
  ).toEqual([join(folder, 'index'), join(folder, 'wheels')]);
});

test('names of the machine are those of its hosts file', () => {
  const folder = write(temporaryFolder(), {
    hosts:
      '# x\n127.0.0.1 localhost\n10.0.0.1\tmirror mirror.example.com # ours\n::1 six\nno address\n10.0.0.2\n10.0.0.3 b;d\n',
  });
  expect(machineHosts(join(folder, 'hosts'))).toEqual([
    { host: '127.0.0.1', names: ['localhost'] },
    { host: '10.0.0.1', names: ['mirror', 'mirror.example.com'] },
    { host: '::1', names: ['six'] },
  ]);
  expect(machineHosts(join(folder, 'missing'))).toEqual([]);
});

test('scripts of a virtual environment find their Python wherever it is', async () => {
  const rest = 'import sys\nprint("run", sys.argv[1])\n';
  const elsewhere = `#!/usr/bin/python3\n${rest}`;
  const folder = folderOf({
    '.venv/bin/short': `!#!/app/.venv/bin/python3.11\n${rest}`,
    '.venv/bin/long': `!#!/bin/sh\n'''exec' "/app/.venv/bin/python" "$0" "$@"\n' '''\n${rest}`,
    '.venv/bin/elsewhere': `!${elsewhere}`,
    '.venv/bin/link': '-> short',
    '.venv/bin/python3': '!#!/bin/sh\necho "with $1"',
  });
  await relocateScripts(folder, '/app');
  const { '.venv/bin/short': short = '', ...others } = treeOf(folder);
  expect(short).toMatch(/^!#!\/bin\/sh\n/);
  expect(short.endsWith(rest)).toBe(true);
  expect(others).toMatchObject({ '.venv/bin/long': short, '.venv/bin/elsewhere': `!${elsewhere}` });

  const printed = execFileSync('../bin/short', ['x'], {
    cwd: mkdirAt(join(folder, '.venv/sub')),
    encoding: 'utf8',
  });
  expect(printed).toBe('with ../bin/short\n');
});

test('what a link leads to is not rewritten', async () => {
  const script = '#!/app/.venv/bin/python\n';
  const folder = folderOf({
    'other/bin/x': script,
    'app/.venv': '-> ../other',
    'app2/.venv/bin': '-> ../../other/bin',
  });
  await relocateScripts(join(folder, 'app'), '/app');
  await relocateScripts(join(folder, 'app2'), '/app');
  expect(treeOf(folder)['other/bin/x']).toBe(script);
});

function mkdirAt(folder: string): string {
  mkdirSync(folder);
  return folder;
}
