import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import type { Build } from '../../src/contract/wire.js';
import { openPlatform } from '../../src/platform/embedded.js';
import type { User } from './aka.js';
import { Daemon } from './daemon.js';
import { expectClean, expectFailure, expectJsonFailure } from './invariants.js';
import { OWN_PORTS } from './ports.js';
import { Pretended } from './pretended.js';
import { scenario } from './scenario.js';

const app = 'web-vault';
const source = 'source/github.com/acme/shop';
const own = 'app/web-vault';
const REMOTE = 'https://ann:hunter2@github.com/Acme/Shop.git';

/** Gives a user an app in a socs space, and a checkout of it without changes. */
async function withCheckout(user: User): Promise<Pretended> {
  await user.does('spaces:create', 'vault', '--compliance', 'socs');
  await user.does('apps:create', 'web', '--space', 'vault');
  writeFileSync(join(user.cwd, 'Procfile'), 'web: ./serve\n');
  const git = 'git -c user.name=ann -c user.email=ann@example.com';
  await user.sh(
    `git init -q -b trunk && git add . && ${git} commit -qm one && git remote add origin ${REMOTE}`,
  );
  return new Pretended(user);
}

const overrule = (context: string, build = '1'): string[] => [
  'builds:overrule',
  build,
  '-a',
  app,
  '--context',
  context,
  '--reason',
  'Nobody else is here',
];

describe('deploy to a socs space', () => {
  scenario('waits for the checks, says which, and goes on when the last one is there', async (user) => {
    const daemon = await withCheckout(user);
    daemon.runs();
    const started = user.start(['deploy', '-a', app]);
    await started.written(
      'stderr',
      `Build 1 of web-vault waits for ${source}, which nobody may report yet; ${own}, which nobody may report yet\n`,
    );
    expect(daemon.builds(app)).toBe(false);
    await user.does(...overrule(own));
    await started.written('stderr', `It still waits for ${source}, which nobody may report yet\n`);
    await user.does(...overrule(source));
    await started.written('stderr', 'Building web-vault, build 1\n');
    daemon.builds(app);
    await started.written('stderr', 'Releasing web-vault\n');
    daemon.releases(app);
    const ended = await started.ended;
    expectClean(ended);
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining('Release\tv1\n') });
    const { stdout } = await user.does('builds:info', '-a', app);
    expect(stdout).toContain('Repository\thttps://github.com/Acme/Shop.git\n');
    expect(stdout).toMatch(new RegExp(`^${own}\\toverruled\\t\\S+\\t\\S+\\tNobody else is here$`, 'm'));
    const audits = (await user.does('audits', '--space', 'vault', '--json')).stdout;
    expect(audits).toContain('Nobody else is here');
    expect(audits).not.toContain('hunter2');
  });

  scenario(
    'ends with 8 when the time is over, with 130 at Ctrl-C, and leaves the build waiting',
    async (user) => {
      const daemon = await withCheckout(user);
      daemon.runs();
      expect(
        expectJsonFailure(await user.run(['deploy', '-a', app, '--wait=0.2', '--json']), 8),
      ).toMatchObject({
        id: 'pending',
        message: expect.stringContaining(`Build 1 of web-vault waits for ${source}, which`),
        hint: expect.stringContaining('aka builds:info 1 -a web-vault'),
      });
      const started = user.start(['deploy', '-a', app]);
      await started.written('stderr', 'Build 2 of web-vault waits for');
      started.child.kill('SIGINT');
      expect(await started.ended).toMatchObject({ code: 130, stdout: '' });
      const { stdout } = await user.does('builds', '-a', app);
      expect(stdout).toMatch(new RegExp(`^2\\tpending\\t.*\\twaits for ${source}, ${own}$`, 'm'));
      expect(stdout).toMatch(/^1\tpending\t/m);
    },
  );

  scenario(
    'ends with 5 when a check refuses it, at once if that is known, and with 1 when it is stopped',
    async (user) => {
      const daemon = await withCheckout(user);
      daemon.runs();
      const { secret } = (await user.does('checks:add', own, '--token', '--name', 'scanner', '--json')).json<{
        secret: string;
      }>();
      const started = user.start(['deploy', '-a', app, '--json']);
      await started.written('stderr', 'Build 1 of web-vault waits for');
      const status = ['builds:status', '1', '-a', app, '--context', own, '--state', 'failure'];
      // The user added the scanner, so that it can't speak about what the user asked for.
      const report = await user.run([...status, '--json', '--token-file', '-'], { stdin: `${secret}\n` });
      expect(expectJsonFailure(report, 3)).toMatchObject({
        id: 'own_build',
        message: expect.stringContaining('Nobody approves their own build'),
      });
      daemon.reports(app, own, 'failure', '2 holes');
      expect(expectJsonFailure(await started.ended, 5)).toMatchObject({
        id: 'build_refused',
        message: `Build 1 of web-vault was refused for good: ${own} is failure, says somebody: 2 holes.`,
      });
      const second = user.start(['deploy', '-a', app, '--json']);
      await second.written('stderr', 'Build 2 of web-vault waits for');
      await user.does('builds:stop', '2', '-a', app);
      expect(expectJsonFailure(await second.ended, 1)).toMatchObject({ id: 'build_failed' });
    },
  );

  scenario(
    'takes commits only: what else is in the folder is refused before it is uploaded',
    async (user) => {
      await withCheckout(user);
      const deploy = (...more: string[]) => user.run(['deploy', '-a', app, '--no-wait', '--json', ...more]);
      const other = await deploy('--sha', 'b'.repeat(40));
      expect(expectJsonFailure(other, 5)).toMatchObject({ id: 'other_commit' });
      const head = (await user.sh('git rev-parse HEAD')).stdout.trim();
      const short = await deploy('--sha', head.slice(0, 8).toUpperCase());
      // Others report of it by its whole name.
      expect(short.json<Build>().source_blob?.commit).toBe(head);
      const told = await user.atTerminal(['deploy', '-a', app, '--no-wait'], undefined, { columns: 120 });
      expect(told.screen).toContain('See what becomes of it: aka builds:info 2 -a web-vault');
      writeFileSync(join(user.cwd, 'Procfile'), 'web: ./serve again\n');
      for (const more of [[], ['--sha', 'a'.repeat(40), '--repo', 'https://github.com/acme/shop']]) {
        const ended = await deploy(...more);
        expect(expectJsonFailure(ended, 5)).toMatchObject({
          id: 'dirty_checkout',
          hint: expect.stringContaining('git stash'),
        });
        expect(ended.stderr).not.toContain('Upload');
      }
      await user.sh('rm -rf .git');
      expect(expectJsonFailure(await deploy(), 5)).toMatchObject({
        id: 'source_not_named',
        hint: expect.stringMatching(/origin.*--repo URL --sha COMMIT/),
      });
      const named = await deploy('--repo', 'git@github.com:acme/shop', '--sha', 'a'.repeat(40));
      expect(named.json()).toMatchObject({
        status: 'pending',
        checks: [{ context: source }, { context: own }],
      });
    },
  );
});

describe('a build that waits', () => {
  scenario(
    'still does when the daemon was killed, and goes on by what others report over TCP',
    async (user) => {
      await withCheckout(user);
      await user.does(...OWN_PORTS);
      const { dataDir, configDir } = user;
      const platform = openPlatform({ dataDir, configDir });
      const { checks } = platform.as({ name: 'eve', role: 'admin', origin: 'cli' });
      const scanner = await checks.add({ context: own, kind: 'token' });
      const hook = await checks.add({ context: source, kind: 'webhook', follows: 'ci' });
      platform.close();
      const listen = ['--listen', '127.0.0.1:0'];
      const killed = await Daemon.start(user, listen);
      const { source_blob } = (await user.does('deploy', '-a', app, '--no-wait', '--json')).json<Build>();
      await killed.stop('SIGKILL');
      const daemon = await Daemon.start(user, listen);
      const status = async (): Promise<string> =>
        (await user.does('builds:info', '1', '-a', app, '--json')).json<Build>().status;
      expect(await status()).toBe('pending');
      const argv = [
        'builds:status',
        '1',
        '-a',
        app,
        '--context',
        own,
        '--state',
        'success',
        '--api',
        daemon.url,
      ];
      expectFailure(await user.run(argv, { env: { AKA_TOKEN: 'x'.repeat(43) } }), 3);
      const reported = await user.run(argv, { env: { AKA_TOKEN: scanner.secret ?? '' } });
      expect(reported).toMatchObject({ code: 0, stdout: expect.stringContaining('By\tweb-vault-token\n') });
      const body = JSON.stringify({
        repository: { clone_url: 'https://github.com/Acme/Shop.git' },
        sha: source_blob?.commit,
        context: 'ci',
        state: 'success',
        updated_at: '2026-01-01T00:00:00Z',
      });
      const answer = await fetch(`${daemon.url}${hook.path}`, {
        method: 'POST',
        body,
        headers: {
          'Content-Type': 'application/json',
          'X-GitHub-Event': 'status',
          'X-Hub-Signature-256': `sha256=${createHmac('sha256', hook.secret ?? '')
            .update(body)
            .digest('hex')}`,
        },
      });
      expect([answer.status, await answer.json()]).toEqual([202, { result: 'taken', builds: 1 }]);
      while (['pending', 'queued'].includes(await status())) continue;
      expect(await status()).toBe('succeeded');
      const releases = (await user.does('releases', '-a', app, '--json')).json<unknown[]>();
      expect(releases).toHaveLength(1);
      await daemon.stop();
    },
  );
});

describe('checks that are reported at the same time', () => {
  scenario('let a build go on once, and one that is stopped meanwhile stays stopped', async (user) => {
    const daemon = await withCheckout(user);
    for (const build of ['1', '2', '3', '4']) {
      await user.does('deploy', '-a', app, '--no-wait');
      const stop = Number(build) % 2 === 0 ? [user.run(['builds:stop', build, '-a', app])] : [];
      const ended = await Promise.all([
        ...[own, source].map((context) => user.run(overrule(context, build))),
        ...stop,
      ]);
      const { status } = (await user.does('builds:info', build, '-a', app, '--json')).json<{
        status: string;
      }>();
      const codes = ended.map(({ code }) => code);
      if (stop.length === 0) {
        expect({ codes, status }).toEqual({ codes: [0, 0], status: 'queued' });
        expect([daemon.builds(app), daemon.builds(app)]).toEqual([true, false]);
      } else {
        // Whichever was first: nobody was told what is not so.
        expect({ status, stopped: codes[2] }).toEqual({ status: 'failed', stopped: 0 });
        expect(codes.every((code) => code === 0 || code === 5)).toBe(true);
      }
    }
    const releases = (await user.does('releases', '-a', app, '--json')).json<unknown[]>();
    expect(releases).toHaveLength(2);
  });
});
