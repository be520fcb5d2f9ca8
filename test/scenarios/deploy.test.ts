import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import type { User } from './aka.js';
import { Daemon } from './daemon.js';
import { expectClean, expectFailure, expectJsonFailure, expectResult } from './invariants.js';
import { Pretended } from './pretended.js';
import { scenario } from './scenario.js';

const app = 'web-default';

/** Gives a user an app and a folder to build it from. */
async function withApp(user: User): Promise<Pretended> {
  await user.does('apps:create', 'web', '--space', 'default');
  writeFileSync(join(user.cwd, 'Procfile'), 'web: ./serve\n');
  return new Pretended(user);
}

/** The same with an app that was built and released once. */
async function withRelease(user: User): Promise<Pretended> {
  const daemon = await withApp(user);
  await user.does('deploy', '-a', app, '--no-wait');
  daemon.builds(app);
  daemon.releases(app);
  return daemon;
}

describe('deploy', () => {
  scenario('shows what the build prints, and ends with the domain when the dynos are up', async (user) => {
    const daemon = await withApp(user);
    daemon.runs();
    const started = user.start(['deploy', '-a', app]);
    await started.written('stderr', 'Building web-default, build 1\n');
    await daemon.says(app, 'build.1', 'inst\u001b[2Jalling\n', 'build');
    await started.written('stderr', '| inst\\u001b[2Jalling\n');
    // The platform hides secrets; the client hides no more of it now than it does later.
    const address = 'npm --token ghp_0123456789abcdefghij0123456789 from https://ann:pass@mirror.example/';
    await daemon.says(app, 'build.1', `${address}\n`, 'build');
    await started.written('stderr', `| ${address}\n`);
    daemon.builds(app);
    await started.written('stderr', 'Releasing web-default\n');
    daemon.releases(app);
    const ended = await started.ended;
    expectResult(ended, 0, false);
    expect(ended.stdout).toBe(
      'Build\t1 of web-default\nRelease\tv1\nDomain\thttps://web.local.localhost:8443\n',
    );
    expect(ended.stderr).toMatch(/^Uploading 1 file, 13 bytes\nUploaded \d+ bytes\n/);
    expect((await user.does('builds:output', '1', '-a', app)).stdout).toContain(`${address}\n`);
  });

  scenario('shows no domain of an app that serves no web', async (user) => {
    const daemon = await withApp(user);
    daemon.runs();
    const started = user.start(['deploy', '-a', app]);
    await started.written('stderr', 'Building');
    daemon.builds(app, 'worker');
    await started.written('stderr', 'Releasing');
    daemon.releases(app);
    expect((await started.ended).stdout).toBe('Build\t1 of web-default\nRelease\tv1\n');
  });

  scenario('says under --json what became of build and release', async (user) => {
    const daemon = await withApp(user);
    daemon.runs();
    const started = user.start(['builds:create', '.', '-a', app, '--json', '--version', '1.2', '--wait']);
    await started.written('stderr', 'Building');
    daemon.builds(app);
    await started.written('stderr', 'Releasing');
    daemon.releases(app);
    expect((await started.ended).json()).toMatchObject({
      number: 1,
      status: 'succeeded',
      source_blob: { version: '1.2' },
      released: { version: 1, status: 'succeeded', current: true },
      web_url: 'https://web.local.localhost:8443',
    });
  });

  scenario('fails with the reason of a build, or of a release', async (user) => {
    const daemon = await withApp(user);
    daemon.runs();
    const first = user.start(['deploy', '-a', app, '--json']);
    await first.written('stderr', 'Building');
    daemon.failsToBuild(app, 'npm ci exited with 1.');
    expect(expectJsonFailure(await first.ended, 1)).toMatchObject({
      id: 'build_failed',
      message: 'Build 1 of web-default failed: npm ci exited with 1.',
      hint: expect.stringContaining('aka builds:output 1 -a web-default'),
    });
    const second = user.start(['deploy', '-a', app, '--json']);
    await second.written('stderr', 'Building');
    daemon.builds(app);
    daemon.releases(app, 'web.1 ended with code 1. It printed last:\n  Error: no database\n  Node.js v20');
    expect(expectJsonFailure(await second.ended, 1)).toMatchObject({
      id: 'release_failed',
      message:
        'Release v1 of web-default failed: web.1 ended with code 1. It printed last:\n  Error: no database\n  Node.js v20',
      hint: 'All it printed: aka logs -a web-default',
    });
    const third = user.start(['deploy', '-a', app, '--json']);
    await third.written('stderr', 'Building');
    daemon.builds(app);
    daemon.hasDyno(app, 1, 'up');
    daemon.releases(app, 'web.1 did not answer in 60 s');
    expect(expectJsonFailure(await third.ended, 1)).toMatchObject({
      message: 'Release v2 of web-default failed: web.1 did not answer in 60 s.',
      hint: 'All it printed: aka logs -a web-default. What ran before goes on.',
    });
  });

  scenario('leaves a build to itself when the time is over, and at Ctrl-C', async (user) => {
    const daemon = await withApp(user);
    daemon.runs();
    const late = expectJsonFailure(await user.run(['deploy', '-a', app, '--wait=0.2', '--json']), 8);
    expect(late).toMatchObject({
      id: 'pending',
      message: expect.stringContaining('Build 1 of web-default goes on.'),
      hint: expect.stringMatching(/builds:output 1 -t -a web-default.*builds:stop 1 -a web-default/),
    });
    const started = user.start(['deploy', '-a', app]);
    await started.written('stderr', 'Building');
    started.child.kill('SIGINT');
    const ended = await started.ended;
    expect(ended).toMatchObject({ code: 130, stdout: '' });
    expect(ended.stderr).toContain(
      'Interrupted. Build 2 of web-default goes on.\n  See it: aka builds:output 2',
    );
    const builds = (await user.does('builds', '-a', app, '--json')).json<{ status: string }[]>();
    expect(builds.map(({ status }) => status)).toEqual(['queued', 'queued']);
  });

  scenario(
    'says before it uploads anything that nothing would be built, and how to change that',
    async (user) => {
      await withApp(user);
      expect(expectJsonFailure(await user.run(['deploy', '-a', app, '--json']), 6)).toMatchObject({
        id: 'not_running',
        hint: expect.stringMatching(/aka platform:start.*--no-wait/),
      });
      expect(existsSync(join(user.dataDir, 'uploads'))).toBe(false);
      for (const argv of [
        ['ps:wait', '-a', app],
        ['ps:restart', '-a', app],
        ['spaces:wait', 'default'],
      ]) {
        expect(expectJsonFailure(await user.run([...argv, '--json']), 6).hint).toContain(
          'aka platform:start',
        );
      }
    },
  );

  scenario('takes what git says of a folder, unless told', async (user) => {
    await withApp(user);
    const git = 'git -c user.name=ann -c user.email=ann@example.com';
    const remote = 'https://ann:hunter2@example.com/shop.git';
    await user.sh(
      `git init -q -b trunk && git add . && ${git} commit -qm one && git remote add origin ${remote}`,
    );
    const sha = (await user.sh('git rev-parse HEAD')).stdout.trim();
    const deploy = ['deploy', '-a', app, '--no-wait', '--branch', 'release', '--json'];
    expect((await user.does(...deploy)).json()).toMatchObject({
      source_blob: { commit: sha, branch: 'release', repo: 'https://example.com/shop.git' },
    });
    writeFileSync(join(user.cwd, 'Procfile'), 'web: ./serve again\n');
    const changed = await user.does(...deploy);
    // It is no such commit, and goes nowhere under its name.
    expect(changed.json()).toMatchObject({ source_blob: { commit: null, branch: 'release' } });
    expect(changed.stderr).toContain(`warning: Files differ from commit ${sha.slice(0, 10)}`);
  });

  scenario('queues an address without fetching it', async (user) => {
    await withApp(user);
    const checksum = `sha256:${'0'.repeat(64)}`;
    const url = 'https://example.com/shop.tar.gz';
    const ended = await user.does('deploy', url, '--checksum', checksum, '-a', app, '--no-wait', '--json');
    expect(ended.json()).toMatchObject({ status: 'queued', source_blob: { url, checksum } });
    expect(ended.stderr).toBe('');
  });
});

describe('dynos', () => {
  scenario('that nothing runs are down, with how to start the platform', async (user) => {
    await withRelease(user);
    const { stdout } = await user.does('ps', '-a', app);
    expect(stdout).toMatch(/^web\.1\tdown\tgp1\tv1\t.*\tthe platform isn't running: aka platform:start\n$/);
  });

  scenario('that crashed come with the reason and what they printed last', async (user) => {
    const daemon = await withRelease(user);
    daemon.runs();
    daemon.hasDyno(app, 1, 'crashed', { reason: 'it exited with 1 five times' });
    await daemon.says(app, 'web.1', 'Error: no database\n', 'stderr');
    await daemon.says(app, 'web.11', 'of another\n');
    const [dyno] = (await user.does('ps', '-a', app, '--json')).json<{ last_lines: object[] }[]>();
    expect(dyno).toMatchObject({ state: 'crashed', last_lines: [{ line: 'Error: no database' }] });
    const { screen } = await user.atTerminal(['spaces:ps', 'default'], undefined, { columns: 160 });
    expect(screen).toMatch(/web-default +web\.1 +crashed .*it exited with 1 five times/);
    expect(screen).toContain('web-default web.1 printed last\nError: no database\n');
    for (const wait of [
      ['ps:wait', '-a', app],
      ['spaces:wait', 'default'],
    ]) {
      const failure = expectJsonFailure(await user.run([...wait, '--json']), 1);
      expect(failure).toMatchObject({
        id: 'dyno_crashed',
        message: expect.stringMatching(/it exited with 1 five times.*\n +Error: no database$/s),
      });
    }
  });

  scenario('that lack the vars of a newer app are named, with what renews them', async (user) => {
    const daemon = await withRelease(user);
    daemon.runs();
    daemon.hasDyno(app, 1, 'up', { knows: false });
    const { stderr } = await user.does('ps', '-a', app);
    expect(stderr).toMatch(/^warning: web\.1 of web-default .*aka ps:restart web\.1 -a web-default\n$/);
    expect((await user.does('ps:restart', 'web.1', '-a', app)).stdout).toBe(
      'Restarting web.1 of web-default.\n',
    );
    const waited = await user.run(['ps:wait', '-a', app, '--wait=0', '--json']);
    expect(expectJsonFailure(waited, 8).message).toContain('web.1 of web-default is to be replaced');
    expectFailure(await user.run(['ps:restart', 'web.2', '-a', app]), 4);
  });

  scenario('that have the vars of a destroyed app are named, with what ends that', async (user) => {
    const daemon = await withRelease(user);
    daemon.runs();
    await user.does('apps:create', 'db', '--space', 'default');
    daemon.hasDyno(app, 1, 'up');
    const warning =
      'warning: DB_SERVICE_HOST and DB_SERVICE_PORT lead nowhere in web.1 of web-default, until restarted: aka ps:restart -a web-default\n';
    const destroyed = await user.does('apps:destroy', '-a', 'db-default', '--confirm', 'db-default');
    expect(destroyed.stderr).toBe(warning);
    for (const command of ['spaces:info', 'spaces:env'])
      expect((await user.does(command, 'default')).stderr).toContain(warning);
  });

  scenario('are waited for until they are up', async (user) => {
    const daemon = await withRelease(user);
    daemon.runs();
    daemon.hasDyno(app, 1, 'starting');
    expect(expectJsonFailure(await user.run(['ps:wait', '-a', app, '--wait=0', '--json']), 8).id).toBe(
      'pending',
    );
    const waits = [
      ['ps:wait', '-a', app],
      ['spaces:wait', 'default', '--wait'],
    ].map((argv) => user.start(argv));
    daemon.hasDyno(app, 1, 'up');
    for (const { ended } of waits) expect((await ended).stdout).toMatch(/web\.1\tup\t/);
    // A release that is under way is waited for, too.
    await user.does('config:set', 'A=1', '-a', app);
    expect((await user.run(['ps:wait', '-a', app, '--wait=0'])).code).toBe(8);
  });

  scenario('of a rollback are waited for if asked to', async (user) => {
    const daemon = await withRelease(user);
    expect((await user.does('releases:rollback', 'v1', '-a', app)).stdout).toContain('Status\tpending\n');
    daemon.runs();
    const started = user.start(['releases:rollback', 'v1', '-a', app, '--wait', '--json']);
    const releases = async () => (await user.does('releases', '-a', app, '--json')).json<unknown[]>();
    while ((await releases()).length < 3) continue;
    daemon.releases(app);
    expect((await started.ended).json()).toMatchObject({ version: 3, status: 'succeeded', current: true });
  });
});

describe('logs', () => {
  scenario('are lines of when, who and what, in which nothing can do harm', async (user) => {
    const daemon = await withApp(user);
    await daemon.says(app, 'web.1', 'GET /\u001b[2J\u0007\tok\n');
    await daemon.says(app, 'worker.2', 'done\n');
    const ended = await user.does('logs', '-a', app);
    expectClean(ended);
    const lines = ended.stdout.split('\n');
    expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z web\.1 \| GET \/\\u001b\[2J\\u0007\tok$/);
    expect(lines[1]).toMatch(/ worker\.2 \| done$/);
    expect((await user.does('logs', '--space', 'default', '--dyno', 'worker')).stdout).toMatch(
      /^\S+ web-default worker\.2 \| done\n$/,
    );
    const json = (await user.does('logs', '-a', app, '--json')).stdout.trimEnd().split('\n');
    expect(json.map((line) => JSON.parse(line) as object)).toMatchObject([
      { app, dyno: 'web.1', stream: 'stdout', line: 'GET /\u001b[2J\u0007\tok' },
      { app, dyno: 'worker.2', line: 'done' },
    ]);
    expectFailure(await user.run(['logs', '-a', app, '--space', 'default']), 2);
  });

  scenario('have a colour for each dyno at a terminal, and none with NO_COLOR', async (user) => {
    const daemon = await withApp(user);
    await daemon.says(app, 'web.1', 'one\n');
    const coloured = await user.atTerminal(['logs', '-a', app]);
    expect(coloured.raw).toMatch(/\[3\dmweb\.1 \|/);
    expect((await user.atTerminal(['logs', '-a', app], undefined, { env: { NO_COLOR: '1' } })).raw).toContain(
      'Z web.1 | one',
    );
  });

  scenario('are followed until Ctrl-C, from here and from the platform that is served', async (user) => {
    const daemon = await withApp(user);
    const real = await Daemon.start(user);
    try {
      for (const [name, way] of Object.entries({ here: [], served: ['--api', real.api] })) {
        const started = user.start(['logs', '-a', app, '-t', '--json', ...way]);
        await daemon.says(app, 'web.1', `before ${name}\n`);
        await started.written('stdout', `"before ${name}"`);
        await daemon.says(app, 'web.1', `after ${name}\n`);
        await started.written('stdout', `"after ${name}"`);
        started.child.kill('SIGINT');
        const ended = await started.ended;
        expect(ended).toMatchObject({ code: 130, signal: null, stderr: '' });
        for (const line of ended.stdout.trimEnd().split('\n'))
          expect(JSON.parse(line)).toMatchObject({ app });
      }
      const last = user.start(['logs', '-a', app, '-t', '--api', real.api]);
      await last.written('stdout', 'after served\n');
      await real.stop();
      expect(await last.ended).toMatchObject({ code: 6, stderr: expect.stringContaining('was stopped') });
    } finally {
      await real.stop();
    }
  });

  scenario('that are followed end when the app is destroyed, and say so', async (user) => {
    const daemon = await withApp(user);
    await daemon.says(app, 'web.1', 'last words\n');
    const followed = user.start(['logs', '-a', app, '-t']);
    await followed.written('stdout', 'last words\n');
    await user.does('apps:destroy', '-a', app, '--confirm', app);
    expect(await followed.ended).toMatchObject({
      code: 4,
      stderr: `warning: The log ended: app ${app} was destroyed.\n`,
    });
  });

  scenario('end quietly with whoever reads them', async (user) => {
    const daemon = await withApp(user);
    await daemon.says(app, 'web.1', 'again and again\n'.repeat(5000));
    const ended = await user.sh(`aka logs -a ${app} -n 5000 | head -1`);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toMatch(/web\.1 \| again and again\n$/);
  });

  scenario('of a build are read while it goes on, and end with it', async (user) => {
    const daemon = await withApp(user);
    await user.does('deploy', '-a', app, '--no-wait');
    const started = user.start(['builds:output', '-t', '-a', app]);
    await daemon.says(app, 'build.1', 'installing\n', 'build');
    await started.written('stdout', 'installing\n');
    daemon.builds(app);
    const ended = await started.ended;
    expect(ended).toMatchObject({ code: 0, stdout: 'installing\n' });
    expect(ended.stderr).toMatch(/^warning: Build 1 is queued, .*aka platform:start\n$/);
    expectFailure(await user.run(['builds:stop', '1', '-a', app]), 5);
  });
});

describe('apps:open', () => {
  scenario('prints the URL, and opens it in a browser where there is one', async (user) => {
    await withApp(user);
    const bin = join(user.home, 'bin');
    const opened = join(user.home, 'opened');
    mkdirSync(bin);
    writeFileSync(join(bin, 'xdg-open'), `#!/bin/sh\nprintf '%s\\n' "$@" > ${opened}\n`, { mode: 0o755 });
    const env = { PATH: `${bin}:${process.env.PATH ?? ''}`, DISPLAY: ':0' };
    const url = 'https://web.local.localhost:8443';
    const printed = await user.run(['apps:open', '-a', app], { env });
    expect(printed.stdout).toBe(`${url}\n`);
    expect(printed.stderr).toMatch(/^warning: The platform isn't running.*aka platform:start\n$/);
    expect(existsSync(opened)).toBe(false);
    expect((await user.atTerminal(['apps:open', '-a', app], undefined, { env })).screen).toContain(
      `${url}\n`,
    );
    while (!existsSync(opened) || readFileSync(opened, 'utf8') === '') await user.run(['--version']);
    expect(readFileSync(opened, 'utf8')).toBe(`${url}/\n`);
  });
});
