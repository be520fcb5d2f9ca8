import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { argvOf } from '../../../src/model/slug.js';
import type { LineSink } from '../../../src/platform/builds/build-log.js';
import { BUILD_LIMITS, Builds } from '../../../src/platform/builds/builds.js';
import { type Slug, Slugs } from '../../../src/platform/builds/slugs.js';
import { BUILD_SPACE } from '../../../src/platform/engine/open.js';
import { NO_SECRETS } from '../../../src/platform/logs/secret-set.js';
import { collect, describeEngines, openTestEngine, type TestEngine } from '../engine/engines.js';
import { type Tree, temporaryFolder, treeOf, write } from './folders.js';

describeEngines('a build in a sandbox', (identity) => {
  let engine: TestEngine;
  let folder: string;
  let slugs: Slugs;
  let builds: Builds;
  beforeAll(async () => {
    engine = await openTestEngine(identity, {}, { machineNetwork: true });
    folder = temporaryFolder();
    slugs = await Slugs.open(join(folder, 'slugs'));
    const limits = { ...BUILD_LIMITS, program: { memory: 1024 ** 3, pids: 500 } };
    builds = await Builds.open({ folder: join(folder, 'builds'), slugs, limits });
    letIn(folder, join(folder, 'slugs'), join(folder, 'builds'));
  });
  afterAll(() => engine.close());

  function ownerOf(): { uid: number; gid: number } | undefined {
    return engine.ownerOf(BUILD_SPACE) ?? identity.user;
  }

  /** Only in tests an engine is of another user than this process, and has to get at its files. */
  function letIn(...folders: string[]): void {
    if (identity.user !== undefined) for (const each of folders) chmodSync(each, 0o755);
  }

  let made = 0;
  async function build(tree: Tree, log: LineSink = () => undefined, signal?: AbortSignal): Promise<Slug> {
    const source = join(folder, `source-${++made}`);
    write(source, tree);
    execFileSync('tar', ['czf', `${source}.tgz`, '-C', source, '.']);
    return builds.run({
      id: `s${made}`,
      app: 'app',
      source: `${source}.tgz`,
      config: { GREETING: 'hello' },
      secrets: NO_SECRETS,
      git: { sha: 'abc', branch: '', repo: '' },
      engine: {
        network: { env: {}, hosts: [] },
        facts: { mode: 'subnet' },
        ownerOf,
        run: async (program) => {
          letIn(join(program.slug, '..'));
          return engine.run(program);
        },
        stop: (id, graceMs) => engine.stop(id, graceMs),
      },
      log,
      ...(signal === undefined ? {} : { signal }),
    });
  }

  async function output(slug: Slug, command: string | readonly string[]): Promise<string> {
    const id = `dyno-${++made}`;
    const at = await slugs.folderFor(slug.digest, ownerOf());
    letIn(join(at, '..'));
    const program = await engine.run({
      ...engine.spec(id, argvOf(slug, command)),
      slug: at,
    });
    program.stdin.end();
    const { stdout, stderr } = await collect(program);
    await engine.stop(id, 0);
    return stdout + stderr;
  }

  test('sees its own files only, and what it writes is the slug, which dynos can read and write above', async () => {
    mkdirSync(join(folder, 'precious'));
    const command = `ls -d ${folder} /root/* /home/* 2>/dev/null; pwd; echo $GREETING $AKKERIS_GIT_SHA1; mkdir sub; umask 077; echo made > sub/out; touch "$HOME/x"`;
    const log: string[] = [];
    const slug = await build(
      { Procfile: 'web: cat sub/out', 'app.json': JSON.stringify({ scripts: { build: command } }) },
      (line) => void log.push(line),
    );
    expect(log.slice(2, -2)).toEqual(['/app', 'hello abc']);
    const at = await slugs.folderFor(slug.digest, ownerOf());
    expect(Object.keys(treeOf(at))).toEqual(['Procfile', 'app.json', 'sub/out']);
    expect(lstatSync(join(at, 'sub/out')).uid).toBe(ownerOf()?.uid ?? process.getuid?.());
    expect(await output(slug, 'cat sub/out; echo x >> sub/out && touch sub/new && cat sub/out')).toBe(
      'made\nmade\nx\n',
    );
    expect(readFileSync(join(at, 'sub/out'), 'utf8')).toBe('made\n');
    expect(existsSync(join(at, 'sub/new'))).toBe(false);
    expect(await slugs.isWhole(slug.digest)).toBe(true);
  });

  test('makes a virtual environment that dynos find', async () => {
    const slug = await build({ Procfile: 'web: x', 'requirements.txt': '' });
    expect(await output(slug, ['python', '-c', 'import sys; print(sys.prefix)'])).toBe('/app/.venv\n');
    expect(await output(slug, 'pip --version')).toMatch(/^pip .* from \/app\/\.venv\//);
  }, 90_000);

  test('runs what a package.json says', async () => {
    const manifest = {
      name: 'x',
      scripts: { build: 'node -e "console.log(1 + 1)" > out', start: 'tool' },
      dependencies: { tool: 'file:./tool' },
    };
    const slug = await build({
      'package.json': JSON.stringify(manifest),
      'tool/package.json': '{"name": "tool", "version": "1.0.0", "bin": "tool.js"}',
      'tool/tool.js': '!#!/usr/bin/env node\nconsole.log("ran in", process.cwd())',
    });
    expect(await output(slug, 'cat out; tool')).toBe('2\nran in /app\n');
  });

  test('is ended with all of its processes when it is stopped', async () => {
    const stop = new AbortController();
    const log: string[] = [];
    const running = build(
      {
        Procfile: 'web: x',
        'app.json': JSON.stringify({
          scripts: { build: "trap '' TERM; (setsid sleep 1234567 &); echo going; sleep 60; sleep 60" },
        }),
      },
      (line) => {
        log.push(line);
        if (line === 'going') stop.abort();
      },
      stop.signal,
    );
    await expect(running).rejects.toMatchObject({ reason: 'stopped' });
    expect(execFileSync('ps', ['-A', '-o', 'args='], { encoding: 'utf8' })).not.toContain('sleep 1234567');
    expect(log.at(-1)).toBe('Failed: The build was stopped.');
  });
});
