import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import type { User } from './aka.js';
import { expectFailure, expectJsonFailure, expectResult } from './invariants.js';
import { Pretended } from './pretended.js';
import { hello, running } from './running.js';
import { scenario } from './scenario.js';

const COMMIT = 'ab'.repeat(20);

/** Gives a user pipeline `ladder` from web-dev, which runs its first release, to web-live, where checks are required. */
async function withLadder(user: User): Promise<Pretended> {
  await user.does('pipelines:create', 'ladder');
  for (const space of ['dev', 'live']) {
    await user.does('spaces:create', space);
    await user.does('apps:create', 'web', '--space', space);
  }
  await user.does('pipelines:add', 'ladder', '-a', 'web-dev', '--stage', 'staging');
  await user.does(
    'pipelines:add',
    'ladder',
    '-a',
    'web-live',
    '--stage',
    'production',
    '--require',
    'ci/tests',
  );
  const folder = join(user.cwd, 'web');
  mkdirSync(folder);
  writeFileSync(join(folder, 'Procfile'), 'web: ./serve\n');
  const daemon = new Pretended(user);
  await user.does(
    'deploy',
    'web',
    '-a',
    'web-dev',
    '--no-wait',
    '--sha',
    COMMIT,
    '--repo',
    'https://example.com/acme/shop',
  );
  daemon.builds('web-dev');
  daemon.releases('web-dev');
  return daemon;
}

const PROMOTE = ['pipelines:promote', 'ladder', '--from', 'web-dev'] as const;
const TESTED = [
  'releases:status',
  'v1',
  '-a',
  'web-dev',
  '--context',
  'ci/tests',
  '--state',
  'success',
] as const;

describe('pipelines', () => {
  scenario(
    'show which app is where, what it runs, and what is asked for before it is promoted to',
    async (user) => {
      await withLadder(user);
      expect((await user.does('pipelines')).stdout).toBe('ladder\t\t\tweb-dev\tweb-live\t\n');
      const { stdout } = await user.does('pipelines:info', 'ladder');
      expect(stdout).toMatch(/^staging\tweb-dev\tv1\t(?:ab){20}\t\d{4}-.*Z\t$/m);
      expect(stdout).toMatch(/^production\tweb-live\t\t\t\tci\/tests$/m);
      expect((await user.does('apps:info', '-a', 'web-live')).stdout).toContain(
        'Pipelines\tladder at production\n',
      );
    },
  );

  scenario('promote nothing that lacks what is required, and say what that is', async (user) => {
    await withLadder(user);
    const plan = await user.run([...PROMOTE, '--dry-run']);
    expect(plan).toMatchObject({
      code: 1,
      stdout: 'web-live\tproduction\tblocked\t\tci/tests (not reported)\n',
    });
    expectFailure(await user.run([...PROMOTE]), 5);
    const failure = expectJsonFailure(await user.run([...PROMOTE, '--json']), 5);
    expect(failure).toMatchObject({
      id: 'checks_missing',
      message: expect.stringContaining('web-live at stage production needs ci/tests (not reported)'),
      hint: expect.stringContaining('aka releases:info v1 -a web-dev'),
    });
    expectJsonFailure(await user.run([...PROMOTE, '--overrule', '--json']), 2);
    expectJsonFailure(await user.run([...PROMOTE, '--reason', 'The shop is down', '--json']), 2);
    const overruled = await user.run([...PROMOTE, '--overrule', '--reason', 'The shop is down']);
    expectResult(overruled, 0, false);
    expect(overruled.stdout).toBe('web-live\tproduction\treleased\tv1\tci/tests (not reported)\n');
    const { stdout } = await user.does('audits', '--space', 'live', '--size', '1', '--json');
    expect(stdout).toContain('The shop is down');
  });

  scenario(
    'promote what is well; wait until it runs, and tell afterwards where it came from',
    async (user) => {
      const daemon = await withLadder(user);
      daemon.runs();
      await user.does(...TESTED);
      expect((await user.does('releases:info', 'v1', '-a', 'web-dev')).stdout).toMatch(
        /^ci\/tests\tsuccess\t/m,
      );
      expect(await user.run([...PROMOTE, '--dry-run'])).toMatchObject({
        code: 0,
        stdout: 'web-live\tproduction\twould be released\t\t\n',
      });
      const late = expectJsonFailure(await user.run([...PROMOTE, '--wait=0.1', '--json']), 8);
      expect(late).toMatchObject({
        id: 'pending',
        hint: expect.stringContaining('aka releases -a web-live'),
      });
      const again = user.start([...PROMOTE, '--wait', '--json']);
      await again.written('stderr', 'Promoting v1 of web-dev to the next stage\n');
      daemon.releases('web-live');
      expect((await again.ended).json()).toMatchObject({
        source: { app: { name: 'web-dev' }, release: { version: 1 } },
        targets: [{ app: { name: 'web-live' }, effect: 'none', release: { version: 1 } }],
        released: [{ version: 1, status: 'succeeded', current: true }],
      });
      expect((await user.does('releases:info', 'v1', '-a', 'web-live')).stdout).toContain(
        'Promoted\tv1 of web-dev by pipeline ladder\n',
      );
      expect((await user.does(...PROMOTE)).stdout).toBe('web-live\tproduction\thas it already\tv1\t\n');
    },
  );

  scenario('make one release however many promote at once', async (user) => {
    await withLadder(user);
    await user.does(...TESTED);
    const all = await Promise.all(Array.from({ length: 4 }, () => user.run([...PROMOTE, '--json'])));
    const effects = all.map((each) => each.json<{ targets: { effect: string }[] }>().targets[0]?.effect);
    expect(effects.sort()).toEqual(['none', 'none', 'none', 'release']);
    expect((await user.does('releases', '-a', 'web-live', '--json')).json<unknown[]>()).toHaveLength(1);
    expect((await user.does('audits:verify', '--json')).json()).toMatchObject({ ok: true });
  });

  scenario('wait for the checks of a socs space, and go on when they are well', async (user) => {
    const daemon = await withLadder(user);
    daemon.runs();
    await user.does('spaces:create', 'vault', '--compliance', 'socs');
    await user.does('apps:create', 'web', '--space', 'vault');
    await user.does('pipelines:add', 'ladder', '-a', 'web-vault', '--stage', 'production');
    const promote = [...PROMOTE, '--to', 'web-vault'];
    expect((await user.run([...promote, '--dry-run'])).stdout).toBe(
      'web-vault\tproduction\twould wait for its checks\t\t\n',
    );
    const contexts = ['source/example.com/acme/shop', 'app/web-vault', 'pipeline/ladder'];
    const begun = await user.atTerminal(promote, undefined, { columns: 120 });
    expect(begun.screen).toContain('See what becomes of it: aka builds -a web-vault; or --wait for it');
    const late = expectJsonFailure(await user.run([...promote, '--wait=0.1', '--json']), 8);
    for (const context of contexts) expect(late.message).toContain(context);
    expect((await user.does(...promote)).stdout).toBe('web-vault\tproduction\twaits already\t\t\n');
    const started = user.start([...promote, '--wait']);
    await started.written('stderr', 'web-vault waits for source/example.com/acme/shop');
    for (const context of contexts) {
      await user.does(
        'builds:overrule',
        '1',
        '-a',
        'web-vault',
        '--context',
        context,
        '--reason',
        'Looked at',
      );
    }
    daemon.releases('web-vault');
    expectResult(await started.ended, 0, false);
    expect((await user.does('releases', '-a', 'web-vault')).stdout).toMatch(/^v1\tsucceeded\tcurrent\t/);
  });

  running(
    'run what was promoted with the config of the app it came to, also when the first app is gone',
    async (runner) => {
      const { user } = runner;
      await user.does('pipelines:create', 'ladder');
      await runner.deploys('web-dev', hello());
      await user.does('spaces:create', 'live', '--compliance', 'prod');
      await user.does('apps:create', 'web', '--space', 'live');
      await user.does('config:set', 'SAYS=bonjour', '-a', 'web-live');
      await user.does('pipelines:add', 'ladder', '-a', 'web-dev', '--stage', 'staging');
      await user.does('pipelines:add', 'ladder', '-a', 'web-live', '--stage', 'production');
      const { stdout } = await user.does(...PROMOTE, '--wait');
      expect(stdout).toBe('web-live\tproduction\treleased\tv2\t\n');
      expect((await runner.asks('web-live')).text).toBe('bonjour from web.1');
      await user.does('apps:destroy', '-a', 'web-dev', '--confirm', 'web-dev');
      await user.does('ps:restart', '-a', 'web-live');
      await user.does('ps:wait', '-a', 'web-live');
      expect((await runner.asks('web-live')).text).toBe('bonjour from web.1');
      expect((await user.does('pipelines')).stdout).toBe('ladder\t\t\t\tweb-live\t\n');
    },
  );
});
