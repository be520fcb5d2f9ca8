import { chmodSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import { EXIT } from '../../src/cli/exit-codes.js';
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
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const daemon = await Daemon.start(user, argv, env);
  try {
    await act(daemon);
  } finally {
    await daemon.stop();
  }
}

/** What a served platform has in its data folder, and nobody else: its socket, and the file with its process id. */
function tracesOf({ dataDir }: User): string[] {
  return existsSync(dataDir) ? readdirSync(dataDir).filter((name) => /\.(?:sock|pid)$/.test(name)) : [];
}

/** The status of a request with a token. */
async function ask(address: string, token?: string): Promise<number> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return (await fetch(`${address}/spaces`, { headers })).status;
}

const TCP = ['--listen', '127.0.0.1:0'];

describe('a platform that is served', () => {
  scenario(
    'is the one that commands on the machine use, for somebody who has its socket',
    async (user, newcomer) => {
      await settle(user);
      await serving(user, [], async ({ api, facts, started }) => {
        const socket = join(user.dataDir, 'aka.sock');
        const guest = newcomer();
        const created = await guest.does('spaces:create', 'shop', '-c', 'prod,socs', '--api', api, '--json');
        const here = (await user.does('spaces:info', 'shop', '--json')).json();
        expect(here).toMatchObject(created.json());
        await user.does('apps:create', 'till', '--space', 'shop');
        const there = (await guest.does('spaces:info', 'shop', '--api', api, '--json')).json();
        expect(there).toEqual((await user.does('spaces:info', 'shop', '--json')).json());
        expect((await guest.does('spaces', '--api', api)).stdout).toBe((await user.does('spaces')).stdout);
        expect(facts).toMatchObject({ pid: started.child.pid, socket, addresses: [api], token_file: null });
        expect(api).toBe(`unix:${socket}`);
        expect(statSync(socket).mode & 0o777).toBe(0o600);
      });
    },
  );

  scenario('says on standard error where it listens', async (user) => {
    const { started, text } = await Daemon.startAloud(user, TCP, 'The token');
    started.child.kill('SIGTERM');
    await started.ended;
    expect(text).toContain(`Listening on unix:${join(user.dataDir, 'aka.sock')}\n`);
    expect(text).toMatch(/Listening on http:\/\/127\.0\.0\.1:\d+\n/);
    expect(text).toContain(`The token for TCP is in ${join(user.configDir, 'tokens')}`);
  });

  scenario(
    'answers as the platform in process does: the same result or failure, and the same exit code',
    async (user, newcomer) => {
      await settle(user);
      const cases = Object.entries(MATRIX).flatMap(([id, row]) =>
        // Of the machine and of its user: no platform answers these.
        /^(platform:|completion|auth:|profiles)/.test(id)
          ? []
          : (['not found', 'refused', 'bad value'] as const).flatMap((outcome) => {
              const given = row[outcome];
              if ('none' in given || given.answers === true || given.argv.includes('--platform')) return [];
              // What takes a platform that runs is refused where none does; here one does.
              return given.exit === EXIT.unreachable ? [] : [given];
            }),
      );
      await serving(user, [], async ({ api }) => {
        const guest = newcomer();
        await forAll(cases, async ({ argv, exit }) => {
          // With the same files beside them: some commands refuse to write over one.
          const far = await guest.run([...argv, '--json', '--api', api], { cwd: user.cwd });
          const near = await user.run([...argv, '--json']);
          // Hints are for the platform that was named.
          const { hint, ...error } = expectJsonFailure(far, exit);
          expect({ argv, error: { ...error, hint: hint?.replaceAll(` --api ${api}`, '') } }).toEqual({
            argv,
            error: expectJsonFailure(near, exit),
          });
        });
      });
    },
  );

  scenario.each<[signal: 'SIGTERM' | 'SIGINT', code: number]>(
    [
      ['is told to stop by SIGTERM, which is 0', 'SIGTERM', 0],
      ['is told to stop by Ctrl-C, which is 130', 'SIGINT', 130],
    ],
    async (user, signal, code) => {
      const daemon = await Daemon.start(user);
      expect(tracesOf(user).sort()).toEqual(['aka.sock', 'server.pid', 'web.sock']);
      const ended = await daemon.stop(signal);
      expect(ended).toMatchObject({
        code,
        signal: null,
        stderr: '',
      });
      expect(ended.json()).toEqual(daemon.facts);
      expectClean(ended);
      expect(tracesOf(user)).toEqual([]);
      expectFailure(await user.run(['spaces', '--api', daemon.api]), 6);
    },
  );

  scenario('keeps what it answered when it is killed, and starts again', async (user) => {
    const daemon = await Daemon.start(user);
    await user.does('spaces:create', 'shop', '--api', daemon.api);
    await daemon.stop('SIGKILL');
    expect(existsSync(daemon.facts.socket)).toBe(true);
    await user.does('spaces:info', 'shop');
    expect((await user.does('audits:verify', '--json')).json()).toMatchObject({ ok: true });
    await serving(user, [], async ({ api }) => {
      await user.does('spaces:info', 'shop', '--api', api);
    });
  });

  scenario('is served once at a time: the second is told who serves it', async (user) => {
    await serving(user, [], async ({ api, facts }) => {
      expectFailure(await user.run(['platform:start', '--foreground']), 5);
      const second = await user.run(['platform:start', '--foreground', '--json']);
      expect(expectJsonFailure(second, 5)).toMatchObject({
        id: 'already_running',
        message: expect.stringContaining(`process ${facts.pid}`),
      });
      await user.does('spaces', '--api', api);
    });
  });

  scenario('sees what a restore and a change of the key do meanwhile', async (user) => {
    await user.does('apps:create', 'api', '--space', 'default');
    await user.does('config:set', 'A=then', '-a', 'api-default');
    await user.does('platform:backup', 'a.backup');
    await user.does('config:set', 'A=now', '-a', 'api-default');
    await serving(user, [], async ({ api }) => {
      const through = ['-a', 'api-default', '--api', api];
      expect((await user.does('config:get', 'A', ...through)).stdout).toBe('now\n');
      await user.does('platform:restore', 'a.backup', '--confirm', 'a.backup');
      expect((await user.does('config:get', 'A', ...through)).stdout).toBe('then\n');
      await user.does('platform:rotate-key');
      expect((await user.does('config:get', 'A', ...through)).stdout).toBe('then\n');
      await user.does('config:set', 'A=later', ...through);
      expect((await user.does('config:get', 'A', '-a', 'api-default')).stdout).toBe('later\n');
      expect((await user.does('audits:verify', '--json')).json()).toMatchObject({ ok: true });
    });
  });
});

describe('on TCP, a platform that is served', () => {
  scenario('asks for the token that it keeps in a file of its owner', async (user, newcomer) => {
    await settle(user);
    const daemon = await Daemon.start(user, TCP);
    const file = daemon.facts.token_file ?? '';
    const token = readFileSync(file, 'utf8').trim();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const statuses = [await ask(daemon.url), await ask(daemon.url, `x${token.slice(1)}x`)];
    expect([...statuses, await ask(daemon.url, token)]).toEqual([401, 401, 200]);
    const guest = newcomer();
    const list = ['spaces', '--api', daemon.url];
    expectFailure(await guest.run(list), 3);
    expectFailure(await guest.run(list, { env: { AKA_TOKEN: `${token}x` } }), 3);
    expectResult(await guest.run(list, { env: { AKA_TOKEN: token } }), 0, false);
    const said = [
      await guest.run([...list, '--debug', '--json'], { env: { AKA_TOKEN: token } }),
      await daemon.stop(),
    ];
    for (const { stdout, stderr } of said) expect(stdout + stderr).not.toContain(token);
    // It is the same the next time.
    await serving(user, TCP, async ({ url }) => {
      expect(readFileSync(file, 'utf8').trim()).toBe(token);
      expect(await ask(url, token)).toBe(200);
    });
  });

  scenario.each(
    [
      ['takes the token of AKA_TOKEN, and keeps none', 'AKA_TOKEN'],
      ['takes the token of API_TOKEN, and keeps none', 'API_TOKEN'],
    ],
    async (user, variable) => {
      const token = 'f'.repeat(32);
      const act = async ({ url, facts }: Daemon): Promise<void> => {
        expect(facts.token_file).toBeNull();
        expect(await ask(url, token)).toBe(200);
        expect(existsSync(join(user.configDir, 'tokens'))).toBe(false);
      };
      await serving(user, TCP, act, { [variable]: token });
    },
  );

  scenario('does not use a token that others can read', async (user) => {
    const daemon = await Daemon.start(user, TCP);
    await daemon.stop();
    chmodSync(daemon.facts.token_file ?? '', 0o644);
    const second = await user.run(['platform:start', '--foreground', ...TCP, '--json']);
    expect(expectJsonFailure(second, 6)).toMatchObject({ id: 'unusable_token' });
  });
});

describe('nothing is served', () => {
  const guessable = 'f'.repeat(31);

  scenario.each<[argv: readonly string[], env: Record<string, string>, exit: number, id: string]>(
    [
      ['with a token that can be guessed', TCP, { AKA_TOKEN: guessable }, 2, 'weak_token'],
      ['on an address that other machines reach', ['--listen', '0.0.0.0:0'], {}, 2, 'needs_tls'],
      ['without a port', ['--listen', '127.0.0.1'], {}, 2, 'usage'],
      ['on a port that there is not', ['--listen', '127.0.0.1:70000'], {}, 2, 'usage'],
      ['of another platform', ['--api', 'http://127.0.0.1:1'], {}, 7, 'unsupported'],
    ],
    async (user, argv, env, exit, id) => {
      const ended = await user.run(['platform:start', '--foreground', '--json', ...argv], { env });
      expect(expectJsonFailure(ended, exit)).toMatchObject({ id });
      expect(tracesOf(user)).toEqual([]);
      expect(ended.stdout + ended.stderr).not.toContain(guessable);
    },
  );

  scenario('where the path of the data folder is too long for a socket', async (user) => {
    const env = { AKA_DATA_DIR: join(user.home, 'x'.repeat(100)) };
    const ended = await user.run(['platform:start', '--foreground', '--json'], { env });
    expect(expectJsonFailure(ended, 2)).toMatchObject({ id: 'socket_path_too_long' });
  });
});
