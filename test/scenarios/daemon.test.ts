import { readFileSync, statSync } from 'node:fs';
import { describe, expect } from '@jest/globals';
import type { User } from './aka.js';
import { Daemon } from './daemon.js';
import { expectClean, expectFailure, expectJsonFailure, expectResult } from './invariants.js';
import { MATRIX } from './matrix.js';
import { forAll } from './parallel.js';
import { scenario } from './scenario.js';
import { settle } from './world.js';

/** Runs the platform of `user` for as long as `act` takes. */
async function serving(
  user: User,
  argv: readonly string[],
  act: (daemon: Daemon) => Promise<void>,
): Promise<void> {
  const daemon = await Daemon.start(user, argv);
  try {
    await act(daemon);
  } finally {
    await daemon.stop();
  }
}

describe('a platform that is served', () => {
  scenario(
    'is the one that commands on the machine use, for somebody who has its socket',
    async (user, newcomer) => {
      await settle(user);
      await serving(user, [], async ({ api, facts }) => {
        const guest = newcomer();
        const created = await guest.does('spaces:create', 'shop', '-c', 'prod,socs', '--api', api, '--json');
        const here = (await user.does('spaces:info', 'shop', '--json')).json();
        expect(here).toMatchObject(created.json());
        await user.does('apps:create', 'till', '--space', 'shop');
        const there = (await guest.does('spaces:info', 'shop', '--api', api, '--json')).json();
        expect(there).toEqual((await user.does('spaces:info', 'shop', '--json')).json());
        expect((await guest.does('spaces', '--api', api)).stdout).toBe((await user.does('spaces')).stdout);
        expect(statSync(facts.socket).mode & 0o777).toBe(0o600);
      });
    },
  );

  scenario(
    'answers as the platform in process does: the same result or failure, and the same exit code',
    async (user, newcomer) => {
      await settle(user);
      const cases = Object.entries(MATRIX).flatMap(([id, row]) =>
        /^(platform:|completion)/.test(id)
          ? []
          : (['not found', 'refused', 'bad value'] as const).flatMap((outcome) => {
              const given = row[outcome];
              return 'none' in given || given.argv.includes('--platform') ? [] : [given];
            }),
      );
      await serving(user, [], async ({ api }) => {
        const guest = newcomer();
        await forAll(cases, async ({ argv, exit }) => {
          const far = await guest.run([...argv, '--json', '--api', api]);
          const near = await user.run([...argv, '--json']);
          expect({ argv, error: expectJsonFailure(far, exit) }).toEqual({
            argv,
            error: expectJsonFailure(near, exit),
          });
        });
      });
    },
  );

  scenario('asks for a token on TCP, and refuses others', async (user, newcomer) => {
    await settle(user);
    await serving(user, ['--listen', '127.0.0.1:0'], async ({ url, facts }) => {
      const guest = newcomer();
      const token = readFileSync(facts.token_file ?? '', 'utf8').trim();
      expect(statSync(facts.token_file ?? '').mode & 0o777).toBe(0o600);
      const list = ['spaces', '--api', url];
      expectFailure(await guest.run(list), 3);
      expectFailure(await guest.run(list, { env: { AKA_TOKEN: `${token}x` } }), 3);
      const answered = await guest.run(list, { env: { AKA_TOKEN: token } });
      expectResult(answered, 0, false);
      for (const flags of [[], ['--debug', '--json']]) {
        const { stdout, stderr } = await guest.run([...list, ...flags], { env: { AKA_TOKEN: token } });
        expect(stdout + stderr).not.toContain(token);
      }
    });
  });

  scenario(
    'is told to stop by SIGTERM, which is 0, or by Ctrl-C, which is 130, and can be started again',
    async (user) => {
      for (const [signal, code] of [
        ['SIGTERM', 0],
        ['SIGINT', 130],
        ['SIGKILL', null],
      ] as const) {
        const daemon = await Daemon.start(user);
        await user.does('spaces', '--api', daemon.api);
        const ended = await daemon.stop(signal);
        expect(ended.code).toBe(code);
        expectClean(ended);
        expectFailure(await user.run(['spaces', '--api', daemon.api]), 6);
      }
      await serving(user, [], async ({ api }) => {
        await user.does('spaces', '--api', api);
      });
    },
  );

  scenario('is served once at a time', async (user) => {
    await serving(user, [], async ({ api }) => {
      const second = await user.run(['platform:start', '--foreground']);
      expectFailure(second, 5);
      await user.does('spaces', '--api', api);
    });
  });

  scenario('keeps what it answered when it is killed', async (user) => {
    const daemon = await Daemon.start(user);
    await user.does('spaces:create', 'shop', '--api', daemon.api);
    await daemon.stop('SIGKILL');
    await user.does('spaces:info', 'shop');
    expect((await user.does('audits:verify', '--json')).json()).toMatchObject({ ok: true });
  });
});
