import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Digest } from '../../../src/model/digest.js';
import { argvOf } from '../../../src/model/slug.js';
import { BuildFailure } from '../../../src/platform/builds/build-failure.js';
import { buildKey } from '../../../src/platform/builds/build-key.js';
import {
  BUILD_LIMITS,
  type BuildInput,
  Builds,
  type BuildsOptions,
} from '../../../src/platform/builds/builds.js';
import { type Slug, Slugs } from '../../../src/platform/builds/slugs.js';
import { sweep } from '../../../src/platform/files/trash.js';
import { NO_SECRETS, SecretSet } from '../../../src/platform/logs/secret-set.js';
import { tarGz, zip } from './archives.js';
import { bundled } from './bundled.js';
import { type Tree, temporaryFolder, treeOf, write } from './folders.js';
import { PlainRunner } from './plain-runner.js';

const GIT = { sha: 'abc', branch: 'main', repo: 'https://example.com/x' };

interface Place {
  readonly folder: string;
  readonly slugs: Slugs;
  readonly builds: Builds;
  readonly engine: PlainRunner;
  readonly log: string[];
  readonly build: (tree: Tree, more?: Partial<BuildInput>) => Promise<Slug>;
}

const places: Place[] = [];
afterEach(async () => {
  for (const { folder, engine } of places.splice(0)) {
    // Nothing of a build is left but the trash of one that was stopped.
    expect(readdirSync(join(folder, 'builds')).filter((name) => name.endsWith('.draft'))).toEqual([]);
    expect(readdirSync(join(folder, 'slugs')).filter((name) => name.endsWith('.draft'))).toEqual([]);
    expect(await sweep(join(folder, 'builds'))).toEqual([]);
    expect(readdirSync(join(folder, 'builds'))).toEqual(['caches']);
    expect(engine.left).toBe(0);
  }
});

async function place(options: Partial<BuildsOptions> = {}): Promise<Place> {
  const folder = temporaryFolder();
  const slugs = await Slugs.open(join(folder, 'slugs'));
  const builds = await Builds.open({ folder: join(folder, 'builds'), slugs, ...options });
  const engine = new PlainRunner();
  const log: string[] = [];
  const made: Place = {
    folder,
    slugs,
    builds,
    engine,
    log,
    build: (tree, more) =>
      builds.run({
        id: 'b1',
        app: 'a1',
        source: sourceOf(folder, tree),
        config: {},
        secrets: NO_SECRETS,
        git: GIT,
        engine,
        log: (line) => void log.push(line),
        ...more,
      }),
  };
  places.push(made);
  return made;
}

let sources = 0;
function sourceOf(folder: string, tree: Tree): string {
  const name = join(folder, `source-${++sources}`);
  write(name, tree);
  execFileSync('tar', ['czf', `${name}.tgz`, '-C', name, '.']);
  return `${name}.tgz`;
}

/** An app whose build is a shell's command. */
function app(command: string, more: Tree = {}): Tree {
  return { Procfile: 'web: ./run', 'app.json': JSON.stringify({ scripts: { build: command } }), ...more };
}

async function failure(operation: Promise<unknown>): Promise<BuildFailure> {
  const error: unknown = await operation.then(
    () => new Error('It was built.'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof BuildFailure) return error;
  throw error;
}

describe('a build', () => {
  test('makes a slug of what its command leaves', async () => {
    const { build, slugs, log } = await place();
    const slug = await build(app('echo hello; echo made > out; echo careful >&2', { 'src/x': 'x' }));
    expect(slug.processTypes).toEqual({ web: './run' });
    const tree = treeOf(await slugs.folderFor(slug.digest));
    expect(Object.keys(tree)).toEqual(['Procfile', 'app.json', 'out', 'src/x']);
    expect(tree['out']).toBe('made\n');
    expect(log.filter((line) => line !== 'careful')).toEqual([
      '-----> Run the build command of app.json',
      '       echo hello; echo made > out; echo careful >&2',
      'hello',
      'Process types: web',
      'The slug has 85 bytes.',
    ]);
    expect(log).toContain('careful');
  });

  test('gets the real config vars, and its log has no secret of them, wherever a line is cut', async () => {
    const { build, slugs, log } = await place();
    const [password, key] = ['hunter2hunter2', 'first line\nsecond line'];
    const command = [
      'printf "%s" "$PASSWORD" > kept',
      'printf "it is hunter2"; printf "hunter2\\n"',
      'printf "%4090s%s\\n" x "$PASSWORD"',
      'printf "%s" "$KEY" >&2',
      'echo hunter2hunter2 without a var',
    ].join('; ');
    const slug = await build(app(command), {
      config: { PASSWORD: password, KEY: key },
      secrets: new SecretSet([password, key]),
    });
    expect(readFileSync(join(await slugs.folderFor(slug.digest), 'kept'), 'utf8')).toBe(password);
    expect(log.join('\n')).not.toMatch(/hunter2h|second/);
    expect(log).toContain('it is [redacted]');
    expect(log).toContain('[redacted]');
    expect(log.filter((line) => line.startsWith('    ')).map((line) => line.trim())).toContain('x[redac...');
  });

  test('of nothing to build is its source', async () => {
    const { build, engine, log, slugs } = await place();
    const slug = await build({ server: '!#!/bin/sh' });
    expect(slug.processTypes).toEqual({ web: "./'server'" });
    expect(treeOf(await slugs.folderFor(slug.digest))).toEqual({ server: '!#!/bin/sh' });
    expect(engine.ran).toEqual([]);
    expect(log[0]).toBe('Nothing has to be built.');
  });

  test('of the same content gives the same slug', async () => {
    const { build, folder } = await place();
    const one = await build(app('date +%N > "$TMPDIR/x"; echo $((40+2)) > out'));
    const two = await build(app('date +%N > "$TMPDIR/x"; echo $((40+2)) > out'), { id: 'b2', app: 'a2' });
    expect(two).toEqual(one);
    expect(readdirSync(join(folder, 'slugs'))).toEqual([one.digest]);
  });

  test('has the config vars, what git says, and nothing of the platform but what is listed', async () => {
    const certificates = join(temporaryFolder(), 'ca.pem');
    writeFileSync(certificates, 'certificates');
    const { build, slugs } = await place({
      env: {
        ...process.env,
        SECRET: 's',
        NPM_CONFIG_REGISTRY: 'https://mirror.example.com',
        SSL_CERT_FILE: certificates,
      },
    });
    const config = {
      GREETING: "it's\n$HOME",
      AKKERIS_GIT_SHA1: 'forged',
      PATH: '/forged',
      PIP_CACHE_DIR: '/forged',
    };
    const slug = await build(app('env -0 > env; cat "$SSL_CERT_FILE" > cert; echo "$HOME" > home'), {
      config,
    });
    const folder = await slugs.folderFor(slug.digest);
    const env = Object.fromEntries(
      readFileSync(join(folder, 'env'), 'utf8')
        .split('\0')
        .map((line) => line.split(/=([\s\S]*)/)),
    ) as Record<string, string>;
    expect(env).toMatchObject({
      GREETING: "it's\n$HOME",
      AKKERIS_GIT_SHA1: 'abc',
      AKKERIS_GIT_BRANCH: 'main',
      AKKERIS_GIT_REPO: 'https://example.com/x',
      NPM_CONFIG_REGISTRY: 'https://mirror.example.com',
    });
    expect(env['PATH']).toContain('/usr/bin');
    expect(env['NO_COLOR']).toBe('1');
    expect(Object.keys(env)).not.toEqual(expect.arrayContaining(['SECRET']));
    expect(Object.keys(env)).not.toEqual(expect.arrayContaining(['BUILD_HOME']));
    expect(env['PIP_CACHE_DIR']).toMatch(/\.aka-build\/cache\/pip$/);
    expect(readFileSync(join(folder, 'cert'), 'utf8')).toBe('certificates');
    expect(readFileSync(join(folder, 'home'), 'utf8')).toMatch(/\.aka-build\/home\n$/);
    expect(existsSync(join(folder, '.aka-build'))).toBe(false);
  });

  test('may write the Procfile', async () => {
    const { build } = await place();
    const slug = await build({ 'app.json': '{"scripts": {"build": "echo worker: x > Procfile"}}' });
    expect(slug.processTypes).toEqual({ worker: 'x' });
    const { message } = await failure(build({ 'app.json': '{"scripts": {"build": "true"}}' }));
    expect(message).toBe('Nothing says what to start: there is no Procfile.');
  });

  test('keeps what was downloaded for the next build of the app, and of no other', async () => {
    const { build } = await place();
    const command =
      'ls "$NPM_CONFIG_CACHE" 2>/dev/null; mkdir -p "$NPM_CONFIG_CACHE"; touch "$NPM_CONFIG_CACHE/$WHO"';
    const lines: string[] = [];
    const run = (app_: string, config: Record<string, string>, tree = app(command)): Promise<unknown> => {
      lines.length = 0;
      return build(tree, { app: app_, config, log: (line) => void lines.push(line) });
    };
    await run('one', { WHO: 'first' });
    expect(lines).not.toContain('first');
    await run('one', { WHO: 'second' });
    expect(lines).toContain('first');
    await run('two', { WHO: 'other' });
    expect(lines).not.toContain('first');
    await failure(run('one', {}, app('exit 1')));
    await run('one', { WHO: 'third' });
    expect(lines).not.toContain('first');
  });

  test('can have no other folder taken for its cache', async () => {
    const { build, folder } = await place();
    mkdirSync(join(folder, 'precious', 'cache'), { recursive: true });
    for (const command of [
      `rm -rf .aka-build; ln -s ${folder}/precious .aka-build`,
      `rm -rf .aka-build/cache; ln -s ${folder}/precious/cache .aka-build/cache`,
      'rm -rf .aka-build',
    ]) {
      await build(app(command));
      expect(existsSync(join(folder, 'precious', 'cache'))).toBe(true);
      expect(readdirSync(join(folder, 'builds', 'caches'))).toEqual([]);
    }
  });

  test('has what its source calls as its own folder left out', async () => {
    const { build, slugs } = await place();
    const slug = await build({ Procfile: 'web: x', '.aka-build/x': '' });
    expect(Object.keys(treeOf(await slugs.folderFor(slug.digest)))).toEqual(['Procfile']);
  });
});

describe('static files', () => {
  test('are served, but for those with a dot', async () => {
    const { build, slugs, log } = await place();
    const slug = await build({
      'index.html': '<p>home',
      'about/index.html': 'about',
      'style.css': 'p {}',
      '404.html': 'lost',
      '.env': 'SECRET=1',
      outside: '-> .env',
    });
    expect(slug.processTypes).toEqual({ web: 'node .static-server.cjs' });
    expect(log).toContain('Process types: web');
    const [command, ...args] = argvOf(slug, 'exec node .static-server.cjs');
    const cwd = await slugs.folderFor(slug.digest);
    const server = spawn(command, args, {
      cwd,
      env: { ...process.env, HOME: cwd, PORT: '0' },
      stdio: 'pipe',
    });
    try {
      const [said] = (await once(server.stdout, 'data')) as [Buffer];
      const port = /port (\d+)/.exec(String(said))?.[1];
      const ask = async (path: string, headers: Record<string, string> = {}) => {
        const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers, redirect: 'manual' });
        return { status: answer.status, text: await answer.text(), headers: answer.headers };
      };
      const home = await ask('/');
      expect(home).toMatchObject({ status: 200, text: '<p>home' });
      expect(home.headers.get('content-type')).toBe('text/html; charset=utf-8');
      const etag = home.headers.get('etag') ?? '';
      expect((await ask('/', { 'if-none-match': etag })).status).toBe(304);
      expect((await ask('/style.css')).headers.get('content-type')).toBe('text/css; charset=utf-8');
      const moved = await ask('/about?x=1');
      expect([moved.status, moved.headers.get('location')]).toEqual([301, '/about/?x=1']);
      expect((await ask('/about/')).text).toBe('about');
      for (const path of [
        '/.env',
        '/outside',
        '/%2e%2e/%2e%2e/etc/passwd',
        '/x',
        '/.static-server.cjs',
        '/%00',
      ]) {
        expect(await ask(path)).toMatchObject({ status: 404, text: 'lost' });
      }
      expect((await ask('/%zz')).status).toBe(400);
    } finally {
      server.kill();
      await once(server, 'exit');
    }
  });
});

describe('a build that fails', () => {
  test.each<[string, Tree, Partial<BuildFailure>]>([
    [
      'in its command',
      app('echo why; exit 3'),
      { reason: 'failed', message: '"Run the build command of app.json" ended with 3.' },
    ],
    [
      'by a signal',
      app('kill -9 $$'),
      { reason: 'failed', message: '"Run the build command of app.json" ended with SIGKILL.' },
    ],
    [
      'for want of a Procfile',
      { x: '' },
      { reason: 'invalid', message: 'Nothing says what to start: there is no Procfile.' },
    ],
  ])('%s says why, and leaves nothing', async (_where, tree, expected) => {
    const { build, log, folder } = await place();
    expect(await failure(build(tree))).toMatchObject(expected);
    expect(log).toContain(`Failed: ${expected.message}`);
    expect(readdirSync(join(folder, 'slugs'))).toEqual([]);
    expect(readdirSync(join(folder, 'builds', 'caches'))).toEqual([]);
  });

  test('because of its source says so', async () => {
    const { build, folder } = await place();
    const source = join(folder, 'hostile.tgz');
    writeFileSync(source, tarGz({ path: '../x' }));
    expect(await failure(build({ x: '' }, { source }))).toMatchObject({
      reason: 'invalid',
      message: '../x in the archive has a path with ...',
    });
  });

  test('leaves nothing of folders that may not be written to', async () => {
    const { build } = await place();
    await failure(build(app('mkdir -p a/b; touch a/b/c; chmod 0 a/b; chmod 500 a; exit 1')));
  });

  test('by taking too long is ended, with what it started', async () => {
    const { build, folder } = await place({ limits: { ...BUILD_LIMITS, timeoutMs: 500 } });
    const pid = join(folder, 'pid');
    const command = `echo $$ > ${pid}; (trap '' TERM; sleep 60; sleep 60) & trap '' TERM; sleep 60; sleep 60`;
    expect(await failure(build(app(command)))).toMatchObject({
      reason: 'timed_out',
      message: 'The build took longer than 0.5 s.',
    });
    await ended(readFileSync(pid, 'utf8').trim());
  });

  test('because it was stopped says so, whenever that was', async () => {
    const { build, engine } = await place();
    const stop = new AbortController();
    const log = (line: string): void => {
      if (line === 'going') stop.abort();
    };
    const running = build(app('echo going; sleep 60'), { signal: stop.signal, log });
    expect(await failure(running)).toMatchObject({ reason: 'stopped', message: 'The build was stopped.' });
    expect(await failure(build(app('true'), { signal: AbortSignal.abort() }))).toMatchObject({
      reason: 'stopped',
    });
    expect(engine.ran).toHaveLength(1);
  });

  test('by writing too much is ended', async () => {
    const { build } = await place({ limits: { ...BUILD_LIMITS, diskBytes: 5_000_000 } });
    const started = Date.now();
    expect(await failure(build(app('head -c 9000000 /dev/zero > big; sleep 60')))).toMatchObject({
      reason: 'too_large',
      message: 'The build wrote more than 4.8 MiB.',
    });
    expect(Date.now() - started).toBeLessThan(30_000);
    expect(await failure(build(app('head -c 9000000 /dev/zero > big')))).toMatchObject({
      reason: 'too_large',
    });
  });
});

/** Nests folders until the shell can't enter another one. */
const NEST = 'd=$(printf "%0110d" 0); while mkdir "$d" 2>/dev/null && cd "$d"; do :; done';

describe('a build that leaves a tree nobody expects', () => {
  test('fails for a path that is too long, also in a cache, and nothing of it stays', async () => {
    const { build } = await place();
    const long = { reason: 'invalid', message: expect.stringContaining('longer than 2048 bytes: 000') };
    expect(await failure(build(app(`${NEST}; exit 0`)))).toMatchObject(long);
    expect(await failure(build(app(`${NEST}; exit 1`)))).toMatchObject({ reason: 'failed' });
    // While it still writes, too: a tree too deep for the disk limit is none to wait for.
    expect(await failure(build(app(`${NEST}; sleep 60`)))).toMatchObject(long);
    const slug = await build(app(`mkdir -p "$XDG_CACHE_HOME"; chmod 0 "$XDG_CACHE_HOME"; echo kept > out`));
    expect(slug.entries).toBe(3);
  }, 30_000);

  test('stops at once, however many files have to be removed', async () => {
    const { folder, build } = await place();
    const stop = new AbortController();
    const log = (line: string): void => {
      if (line === 'written') stop.abort();
    };
    const files = 'mkdir many; cd many; seq 60000 | xargs touch; echo written; sleep 60';
    expect(await failure(build(app(files), { log, signal: stop.signal }))).toMatchObject({
      reason: 'stopped',
    });
    const [trash = ''] = readdirSync(join(folder, 'builds')).filter((name) => name.endsWith('.trash'));
    expect(readdirSync(join(folder, 'builds', trash, 'app', 'many'))).toHaveLength(60_000);
  }, 30_000);
});

/** Waits until of a group of processes none is left, but for those that only their parent has to hear of. */
async function ended(group: string): Promise<void> {
  for (;;) {
    const all = execFileSync('ps', ['-A', '-o', 'pgid=,stat='], { encoding: 'utf8' });
    if (!all.split('\n').some((line) => new RegExp(`^ *${group} +[^Z ]`).test(line))) return;
  }
}

describe('the log of a build', () => {
  test('is bounded, and has its end', async () => {
    const { build, log } = await place({ limits: { ...BUILD_LIMITS, logBytes: 1000 } });
    await failure(build(app('yes line | head -n 200000; echo the reason; exit 1')));
    expect(log.length).toBeLessThan(300);
    expect(log.at(-3)).toBe('line');
    expect(log.slice(-2)).toEqual([
      'the reason',
      'Failed: "Run the build command of app.json" ended with 1.',
    ]);
    expect(log.find((line) => line.includes('left out'))).toMatch(
      /^\(\d+ lines left out: the log has more than 1000 bytes\)$/,
    );
  });

  test('has lines without end cut, what a terminal would show, and anything as text', async () => {
    const { build, log } = await place();
    await build(
      app(
        String.raw`head -c 30000000 /dev/zero | tr '\0' x; echo; printf '10%%\r50%%\r100%%\r\n'; printf '\377\303\244\n'; printf end`,
      ),
    );
    const from = log.findIndex((line) => line.startsWith('xxx'));
    expect(log[from]).toBe(`${'x'.repeat(4096)}...`);
    expect(log.slice(from + 1, from + 4)).toEqual(['100%', '\ufffdä', 'end']);
  });

  test('holds the build while nobody takes it', async () => {
    const { build } = await place();
    let pending = 0;
    let most = 0;
    const log = async (): Promise<void> => {
      most = Math.max(most, ++pending);
      await new Promise((resolve) => setImmediate(resolve));
      pending--;
    };
    await build(app('seq 500; seq 500 >&2'), { log });
    expect(most).toBeLessThanOrEqual(2);
  });
});

test('a build cut off by kill -9 is removed by the next sweep', async () => {
  const folder = temporaryFolder();
  const program = await bundled(`
    import { Builds } from './src/platform/builds/builds.js';
    import { Slugs } from './src/platform/builds/slugs.js';
    import { NO_SECRETS } from './src/platform/logs/secret-set.js';
    import { PlainRunner } from './test/platform/builds/plain-runner.ts';
    const [, , folder, source] = process.argv;
    const slugs = await Slugs.open(folder + '/slugs');
    const builds = await Builds.open({ folder: folder + '/builds', slugs });
    const git = { sha: '', branch: '', repo: '' };
    const log = (line) => line.startsWith('pid ') && process.send(line);
    const engine = new PlainRunner();
    await builds.run({ id: 'x', app: 'x', source, config: {}, secrets: NO_SECRETS, git, engine, log });`);
  const source = sourceOf(folder, app('echo pid $$; sleep 60'));
  const child = spawn(process.execPath, [program, folder, source], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [line] = (await once(child, 'message')) as [string];
  child.kill('SIGKILL');
  await once(child, 'exit');
  process.kill(-Number(line.slice(4)), 'SIGKILL');
  expect(readdirSync(join(folder, 'builds'))).toHaveLength(2);
  for (const name of ['builds', 'slugs']) expect(await sweep(join(folder, name))).toEqual([]);
  expect(readdirSync(join(folder, 'builds'))).toEqual(['caches']);
  expect(readdirSync(join(folder, 'slugs'))).toEqual([]);
});

test('a key tells builds apart by whatever decides what they make', () => {
  const source = 'a'.repeat(64) as Digest;
  const base = { config: { A: '1', B: '2' }, git: GIT };
  const key = buildKey(source, base);
  expect(buildKey(source, { ...base, config: { B: '2', A: '1' } })).toBe(key);
  const others = [
    buildKey('b'.repeat(64) as Digest, base),
    buildKey(source, { ...base, config: { A: '1' } }),
    buildKey(source, { ...base, config: { A: '2', B: '2' } }),
    buildKey(source, { ...base, git: { ...GIT, branch: 'other' } }),
  ];
  expect(new Set([key, ...others]).size).toBe(5);
});

describe('real projects', () => {
  test('a Node.js project is installed and built, without what only the build needed', async () => {
    const { build, slugs } = await place();
    const manifest = {
      name: 'x',
      version: '1.0.0',
      scripts: { build: 'build-it > built.txt', start: 'cat built.txt' },
      dependencies: { used: 'file:./packages/used' },
      devDependencies: { 'build-it': 'file:./packages/build-it' },
    };
    const slug = await build({
      'package.json': JSON.stringify(manifest),
      'packages/used/package.json': '{"name": "used", "version": "1.0.0", "bin": "run.js"}',
      'packages/used/run.js': '!#!/bin/sh\necho used',
      'packages/build-it/package.json': '{"name": "build-it", "version": "1.0.0", "bin": "run.js"}',
      'packages/build-it/run.js': '!#!/bin/sh\necho "built by $NODE_ENV"',
    });
    expect(slug).toMatchObject({ processTypes: { web: 'npm start' }, path: ['node_modules/.bin'] });
    const folder = await slugs.folderFor(slug.digest);
    expect(readFileSync(join(folder, 'built.txt'), 'utf8')).toBe('built by production\n');
    expect(readdirSync(join(folder, 'node_modules/.bin'))).toEqual(['used']);
    const [command, ...args] = argvOf(slug, ['used']);
    const printed = execFileSync(command, args, {
      env: { HOME: folder, PATH: '/usr/bin:/bin' },
      encoding: 'utf8',
    });
    expect(printed).toBe('used\n');
  });

  test('a Python project has an environment that runs wherever the slug is', async () => {
    const { build, slugs, folder: at } = await place();
    const source = join(at, 'python.zip');
    const wheel = 'greet-1-py3-none-any.whl';
    const info = 'greet-1.dist-info';
    writeFileSync(
      source,
      zip(
        { path: 'Procfile', body: 'web: greet' },
        { path: 'requirements.txt', body: `./${wheel}\n` },
        {
          path: wheel,
          body: zip(
            { path: 'greet.py', body: 'import sys\ndef main():\n    print("hello from", sys.prefix)\n' },
            { path: `${info}/METADATA`, body: 'Metadata-Version: 2.1\nName: greet\nVersion: 1\n' },
            { path: `${info}/WHEEL`, body: 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n' },
            { path: `${info}/entry_points.txt`, body: '[console_scripts]\ngreet = greet:main\n' },
            { path: `${info}/RECORD`, body: 'greet.py,,\n' },
          ),
        },
      ),
    );
    const slug = await build({ x: '' }, { source, config: { PIP_NO_INDEX: '1' } });
    expect(slug).toMatchObject({ path: ['.venv/bin'], folders: { VIRTUAL_ENV: '.venv' } });
    const folder = await slugs.folderFor(slug.digest);
    const [command, ...args] = argvOf(slug, slug.processTypes['web'] ?? '');
    const printed = execFileSync(command, args, {
      env: { HOME: folder, PATH: '/usr/bin:/bin' },
      encoding: 'utf8',
    });
    expect(printed).toBe(`hello from ${folder}/.venv\n`);
  }, 90_000);
});
