import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import type { AuditEvent } from '../../src/contract/wire.js';
import { type Ended, type Started, User } from './aka.js';
import { Daemon } from './daemon.js';
import { expectFailure, expectJsonFailure } from './invariants.js';
import { forAll } from './parallel.js';
import { HELLO, NAMESPACES, RunningUser, until } from './running.js';
import { scenario } from './scenario.js';
import { settle } from './world.js';

/** Somebody elsewhere, who has nothing but a token. */
class Guest {
  readonly #env: Readonly<Record<string, string>>;

  constructor(
    readonly user: User,
    api: string,
    token: string,
  ) {
    this.#env = { AKA_API: api, AKA_TOKEN: token };
  }

  run(...argv: string[]): Promise<Ended> {
    return this.user.run(argv, { env: this.#env, stdin: '' });
  }

  start(...argv: string[]): Started {
    return this.user.start(argv, { env: this.#env });
  }

  async does(...argv: string[]): Promise<Ended> {
    const ended = await this.run(...argv);
    expect({ argv, code: ended.code, stderr: ended.stderr }).toMatchObject({ argv, code: 0 });
    return ended;
  }
}

/** Serves the platform of a user over TCP for as long as `act` takes. */
async function serving(user: User, act: (daemon: Daemon) => Promise<void>): Promise<void> {
  const daemon = await Daemon.start(user, ['--listen', '127.0.0.1:0']);
  try {
    await act(daemon);
  } finally {
    await daemon.stop();
  }
}

/** Makes a user token. */
async function tokenFor(user: User, name: string, ...spaces: string[]): Promise<string> {
  const flags = spaces.flatMap((space) => ['--space', space]);
  return (await user.does('platform:tokens:create', name, '--role', 'user', ...flags)).stdout.trim();
}

/** What of the README takes no dynos, done in space demo: what changes something, one after the other. */
const MAY_CHANGE = [
  'spaces:update demo --description ours',
  'apps:create till --space demo',
  'apps:update -a till-demo --description shop',
  'config:set A=1 -a till-demo',
  'config:unset A -a till-demo',
  'ps:create worker --command work -a till-demo',
  'ps:update worker --quantity 0 -a till-demo',
  'ps:destroy worker --confirm worker -a till-demo',
  'releases:rollback v2 -a web-demo',
  'apps:destroy -a till-demo --confirm till-demo',
];

/** And what only looks. */
const MAY_SEE = [
  'spaces',
  'spaces:info demo',
  'spaces:env demo',
  'spaces:ps demo',
  'spaces:topology demo',
  'apps',
  'apps:info -a web-demo',
  'config -a web-demo',
  'config:get LOG_LEVEL -a web-demo',
  'config:why LOG_LEVEL -a web-demo',
  'ps -a web-demo',
  'builds -a web-demo',
  'builds:info 1 -a web-demo',
  'builds:output 1 -a web-demo',
  'releases -a web-demo',
  'releases:info v2 -a web-demo',
  'logs -a web-demo',
  'logs -s demo',
  'audits',
  'audits --space demo',
  'sizes',
  'stacks',
  'stacks:info local',
  'regions',
  'orgs',
  'platform:allowed-hosts',
  'platform:hosts',
];

/** What they may not, of their own space or another one. */
const MAY_NOT = [
  'spaces:info vault',
  'spaces:check vault',
  'spaces:diff demo vault',
  'spaces:destroy vault --confirm vault',
  'spaces:destroy demo --confirm demo',
  'spaces:create mine',
  'apps --space vault',
  'apps:create mine --space vault',
  'apps:destroy -a web-vault --confirm web-vault',
  'config -a web-vault',
  'config:set A=1 -a web-vault',
  'ps -a web-vault',
  'ps:restart -a web-vault',
  'deploy shop -a web-vault',
  'releases:rollback v1 -a web-vault',
  'logs -a web-vault',
  'logs -s vault -t',
  'audits --space vault',
  'audits:verify',
  'apps:forward web-vault 5000',
  'platform:configure --egress sealed',
  'platform:allow-host 5432 --space demo',
  'platform:tokens',
  'platform:tokens:create mine --role admin',
  'platform:tokens:revoke ci',
];

describe('a user token', () => {
  scenario('does in its spaces what users do, and sees nothing of others', async (user, newcomer) => {
    await settle(user);
    await serving(user, async ({ url }) => {
      const guest = new Guest(newcomer(), url, await tokenFor(user, 'dev', 'demo'));
      const does = async (line: string): Promise<void> => {
        const { code, stdout, stderr } = await guest.run(...line.split(' '));
        expect({ line, code, stderr }).toMatchObject({ line, code: 0 });
        expect({ line, says: /vault|inside|staging/.test(stdout) }).toEqual({ line, says: false });
      };
      for (const line of MAY_CHANGE) await does(line);
      await forAll(MAY_SEE, does);
    });
  });

  scenario(
    'is refused everything else, by the name of the rule, and all of that is recorded',
    async (user, newcomer) => {
      await settle(user);
      await serving(user, async ({ url }) => {
        const token = await tokenFor(user, 'dev', 'demo');
        const guest = new Guest(newcomer(), url, token);
        new RunningUser(guest.user).folder('shop', { Procfile: 'web: ./serve\n' });
        await forAll(MAY_NOT, async (line) => {
          const error = expectJsonFailure(await guest.run(...line.split(' '), '--json'), 3);
          expect({ line, id: error.id }).toEqual({
            line,
            id: expect.stringMatching(/^(not_your_space|administrators_only)$/),
          });
        });
        expectFailure(await guest.run('run', '-a', 'web-vault', 'true'), 125);
        const events = (await user.does('audits', '--user', 'dev', '--size', '1000', '--json')).json<
          readonly AuditEvent[]
        >();
        const refused = events.filter(({ outcome }) => outcome === 'refused');
        // Every one of them, and that of the run.
        expect(refused.length).toBeGreaterThanOrEqual(MAY_NOT.length + 1);
        expect(JSON.stringify(events)).not.toContain(token.slice(4));
      });
    },
  );

  scenario('is written to a file for its owner only, or printed, once', async (user) => {
    await user.does('spaces:create', 'shop');
    const create = ['platform:tokens:create', 'ci', '--role', 'user', '--space', 'shop'];
    const { stdout } = await user.does(...create, '--token-file', 'ci.token');
    const file = join(user.cwd, 'ci.token');
    const secret = readFileSync(file, 'utf8').trim();
    expect(secret).toMatch(/^aka_[\w-]{43}$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(stdout).not.toContain(secret);
    // Neither the file nor a token more, whichever of the two is in the way.
    expectFailure(await user.run([...create, '--token-file', 'other.token']), 5);
    expect(() => statSync(join(user.cwd, 'other.token'))).toThrow();
    const other = ['platform:tokens:create', 'cd', '--role', 'admin', '--token-file', 'ci.token'];
    expectFailure(await user.run(other), 5);
    expect(readFileSync(file, 'utf8').trim()).toBe(secret);
    const listed = await user.does('platform:tokens', '--json');
    expect(listed.json<readonly { name: string }[]>().map(({ name }) => name)).toEqual(['ci']);
    expect(listed.stdout).not.toContain(secret.slice(4));
    for (const debug of [[], ['--debug']]) {
      const made = await user.does(
        'platform:tokens:create',
        `t${debug.length}x`,
        '--role',
        'admin',
        ...debug,
      );
      expect(made.stdout).toMatch(/^aka_[\w-]{43}\n$/);
      expect(made.stderr).not.toContain('aka_');
    }
    const database = readFileSync(user.database).toString('latin1');
    expect(database).not.toContain(secret.slice(4));
  });
});

/** The apps take dynos, and so a machine that can have them apart. */
const withDynos = NAMESPACES ? scenario : scenario.skip;

describe('a token that is revoked', () => {
  withDynos(
    'ends what is open with it: a log that is followed, a program, a forwarded port',
    async (user, newcomer) => {
      const runner = new RunningUser(user);
      await serving(user, async ({ url }) => {
        await user.does('spaces:create', 'shop');
        const guest = new Guest(newcomer(), url, await tokenFor(user, 'dev', 'shop'));
        await guest.does('apps:create', 'web', '--space', 'shop');
        new RunningUser(guest.user).folder('web', { 'server.js': HELLO, Procfile: 'web: node server.js\n' });
        await guest.does('deploy', 'web', '-a', 'web-shop');
        await runner.until('web-shop', (dynos) => dynos.some(({ state }) => state === 'up'));
        const log = guest.start('logs', '-a', 'web-shop', '-t');
        await log.written('stdout', 'build.1');
        const run = guest.start('run', '-a', 'web-shop', '--', 'echo ready; exec sleep 1000');
        await run.written('stdout', 'ready\n');
        const forward = guest.start('apps:forward', 'web-shop', '5000', '--json');
        const { address } = JSON.parse(await forward.written('stdout', '}')) as { address: string };
        const [host = '', port = ''] = address.split(':');
        const socket = connect(Number(port), host);
        await once(socket, 'connect');
        socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
        await once(socket, 'data');
        const closed = once(socket.resume(), 'close');
        await user.does('platform:tokens:revoke', 'dev');
        await closed;
        expect((await log.ended).code).toBe(6);
        expect((await run.ended).code).toBe(125);
        await until('nothing of the program is left', async () =>
          (await runner.dynos('web-shop')).every(({ type }) => type === 'web'),
        );
        forward.child.kill('SIGINT');
        await forward.ended;
        expectFailure(await guest.run('apps'), 3);
      });
    },
    120_000,
  );
});
