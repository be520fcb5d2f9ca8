import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import type { User } from './aka.js';
import { Daemon } from './daemon.js';
import { expectFailure, expectJsonFailure } from './invariants.js';
import { canShedRoot } from './own-machine.js';
import { scenario } from './scenario.js';
import { settle } from './world.js';

interface Settings {
  readonly router_port: number;
  readonly http_port: number;
  readonly internal_port: number;
  readonly network: string;
  readonly changed: readonly string[];
  readonly at_next_start: readonly string[];
}

async function settingsOf(user: User): Promise<Settings> {
  return (await user.does('platform:configure', '--json')).json<Settings>();
}

/** A port of this machine that nothing listens on, and one that something does. */
async function withPorts(act: (ports: { free: number; taken: number }) => Promise<void>): Promise<void> {
  const [first, second] = [createServer(), createServer()];
  const ports = [];
  for (const server of [first, second]) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ports.push((server.address() as AddressInfo).port);
  }
  const [free = 0, taken = 0] = ports;
  first.close();
  try {
    await act({ free, taken });
  } finally {
    second.close();
  }
}

/** The status with which the router answers there, or the code of the error. */
async function answerAt(
  port: number,
  { host = '127.0.0.1', name = 'no-such.local.localhost' } = {},
): Promise<number | string> {
  const asked = request({
    host,
    port,
    rejectUnauthorized: false,
    headers: { host: name },
  });
  return new Promise((resolve) => {
    asked.once('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'));
    asked.end();
  });
}

/** Whether only some users may listen on a port of this machine. */
function isLowPort(port: number): boolean {
  return port < Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'));
}

describe('settings of a platform', () => {
  scenario('say what was changed, and what waits for the next start, which takes it up', async (user) => {
    await settle(user);
    const before = await settingsOf(user);
    await withPorts(async ({ free }) => {
      const daemon = await Daemon.start(user);
      try {
        const flags = ['--router-port', String(free), '--slug-quota', '5GB', '--internal-host', '127.0.0.3'];
        const ended = await user.run(['platform:configure', ...flags]);
        expect(ended.code).toBe(0);
        expect(ended.stdout).toContain(`router-port\t${free}\n`);
        expect(ended.stderr).toContain(`router-port: ${before.router_port} -> ${free}, at the next start\n`);
        expect(ended.stderr).toContain('slug-quota: 10 GiB -> 4.7 GiB, at once\n');
        expect(ended.stderr).toContain('warning: router-port, internal-host wait for the next start');
        expect(ended.stderr).toContain('aka platform:stop, then aka platform:start');
        expect([await answerAt(before.router_port), await answerAt(free)]).toEqual([404, 'ECONNREFUSED']);
        const { stdout } = await user.does('platform:status');
        expect(stdout).toMatch(/^Slugs\t.* of 4\.7 GiB$/m);
      } finally {
        await daemon.stop();
      }
      const again = await Daemon.start(user);
      try {
        expect([await answerAt(before.router_port), await answerAt(free)]).toEqual(['ECONNREFUSED', 404]);
        expect(await answerAt(before.internal_port, { host: '127.0.0.3' })).toBe(404);
        expect((await user.does('platform:status')).stdout).toContain(`Https\t127.0.0.1:${free}\n`);
        expect((await user.does('platform:hosts')).stdout).toContain(
          '127.0.0.3 web-inside.internal.local.localhost\n',
        );
      } finally {
        await again.stop();
      }
      const unchanged = await user.does('platform:configure', '--router-port', String(free), '--json');
      expect(unchanged.json<Settings>()).toMatchObject({ router_port: free, changed: [], at_next_start: [] });
    });
  });

  scenario('warn of what they open to others, and of what this user may not', async (user) => {
    const opened = await user.does('platform:configure', '--router-host', '0.0.0.0', '--json');
    expect(opened.stderr).toMatch(/Other machines will reach every app that isn't internal/);
    expect(opened.json<Settings>()).toMatchObject({
      changed: ['router_host'],
      at_next_start: ['router_host'],
    });
    const inside = await user.does(
      'platform:configure',
      '--internal-host',
      '::',
      '--internal-allow',
      'fd00::/8',
    );
    expect(inside.stderr).toContain('Other machines in fd00::/8 will reach internal apps');
    const network = await user.does('platform:configure', '--network', 'loopback');
    expect(network.stderr).toContain('discovery vars become others');
  });

  const binding = isLowPort(80) && canShedRoot() ? scenario : scenario.skip;
  binding('say what a user needs who may not listen on a port', async (user) => {
    // Root may listen anywhere; who has lost that may not.
    const low = await user.sh('unshare -U aka platform:configure --router-port 80 --json');
    expect(low.json<Settings>()).toMatchObject({ router_port: 80 });
    expect(low.stderr).toContain('may not listen on port 80');
    expect(low.stderr).toContain('ip_unprivileged_port_start=80');
    const high = await user.sh('unshare -U aka platform:configure --router-port 8444 --internal-port 8445');
    expect(high.stderr).not.toContain('may not listen');
  });

  scenario('decide what else is redacted, at once, and never by what could be a secret', async (user) => {
    await user.does('spaces:create', 'vault', '--compliance', 'socs');
    await user.does('spaces:create', 'demo');
    for (const space of ['vault', 'demo']) await user.does('apps:create', 'web', '--space', space);
    await user.does('config:set', 'LICENCE=abcdef-1', 'COOKIE_DOMAIN=example.com', '-a', 'web-vault');
    await user.does('config:set', 'LICENCE=abcdef-2', 'COOKIE_DOMAIN=example.org', '-a', 'web-demo');
    const before = (await user.does('config', '-a', 'web-vault')).stdout;
    expect(before).toContain('LICENCE\tabcdef-1\n');
    expect(before).toContain('COOKIE_DOMAIN\t[redacted]\n');
    const changed = await user.does(
      'platform:configure',
      '--redact-word',
      'licence',
      '--redact-exception',
      'COOKIE_DOMAIN',
    );
    expect(changed.stderr).toContain('redact-word: none -> licence, at once');
    expect(changed.stdout).toContain('redact-exception\tCOOKIE_DOMAIN\n');
    const after = (await user.does('config', '-a', 'web-vault')).stdout;
    expect(after).toContain('LICENCE\t[redacted]\n');
    expect(after).toContain('COOKIE_DOMAIN\texample.com\n');
    const why = (await user.does('config:why', 'LICENCE', '-a', 'web-demo')).stdout;
    expect(why).toContain('[redacted]');
    await user.does('spaces:create', 'other');
    await user.does('apps:create', 'web', '--space', 'other');
    await user.does('config:set', 'LICENCE=abcdef-3', '-a', 'web-other');
    const diff = await user.run(['spaces:diff', 'demo', 'other']);
    expect(diff.code).toBe(1);
    expect(diff.stdout).not.toContain('abcdef');
    const none = await user.does('platform:configure', '--redact-word', 'none');
    expect(none.stderr).toContain('redact-word: licence -> none');
    expect((await user.does('config', '-a', 'web-vault')).stdout).toContain('LICENCE\tabcdef-1\n');
    const secret = 'ghp_0123456789abcdefghij0123456789abcdef';
    expectFailure(await user.run(['platform:configure', '--redact-word', secret]), 2);
    const audits = (await user.does('audits', '--size', '100', '--json')).stdout;
    expect(audits).toContain('redact_words');
    expect(audits).not.toContain(secret);
  });

  scenario('that the first start would choose are kept if somebody chose them before', async (user) => {
    await withPorts(async ({ free, taken }) => {
      await user.does(
        'platform:configure',
        '--network',
        'loopback',
        '--router-port',
        String(free),
        '--http-port',
        String(taken),
      );
      const failed = await user.run(['platform:start', '--foreground', '--json']);
      expect(expectJsonFailure(failed, 5)).toMatchObject({
        id: 'address_in_use',
        message: expect.stringContaining(`:${taken}`),
        hint: expect.stringContaining('--http-port'),
      });
      await user.does('platform:configure', '--http-port', String(free + 1 === taken ? free + 2 : free + 1));
      const daemon = await Daemon.start(user);
      try {
        expect(await settingsOf(user)).toMatchObject({ network: 'loopback', router_port: free });
        expect((await user.does('platform:status')).stdout).toContain('Network\tloopback\n');
      } finally {
        await daemon.stop();
      }
    });
  });

  scenario('do not move the network under dynos that run', async (user) => {
    await settle(user);
    const { network } = await settingsOf(user);
    const other = network === 'subnet' ? 'loopback' : 'subnet';
    const daemon = await Daemon.start(user);
    try {
      const refused = await user.run([
        'platform:configure',
        '--network',
        other,
        '--slug-quota',
        '7GB',
        '--json',
      ]);
      expect(expectJsonFailure(refused, 5)).toMatchObject({ id: 'platform_running' });
      expect((await settingsOf(user)).network).toBe(network);
      expect((await user.does('platform:configure')).stdout).toContain('slug-quota\t10 GiB\n');
      await user.does('platform:configure', '--network', network);
    } finally {
      await daemon.stop();
    }
    await user.does('platform:configure', '--network', other);
    expect((await settingsOf(user)).network).toBe(other);
  });

  scenario.each<[flags: string, says: RegExp]>(
    [
      [
        'are not a host name',
        '--router-host localhost',
        /--router-host takes an IP address, and "localhost"/,
      ],
      [
        'are not an address alone for a network',
        '--internal-allow 10.0.0.1',
        /--internal-allow takes a network/,
      ],
      ['have no longer prefix than an address', '--internal-allow 10.0.0.0/33', /takes a network/],
      ['have a unit with a size', '--log-quota 5', /"5" is no size/],
      ['have quotas that hold something', '--log-quota 5KB', /log quota can't be/],
      ['have ports that there are', '--router-port 70000', /router port can't be 70000/],
      ['have two of three words', '--egress shut', /egress/],
    ],
    async (user, flags, says) => {
      const ended = await user.run(['platform:configure', ...flags.split(' ')]);
      expectFailure(ended, 2);
      expect(ended.stderr).toMatch(says);
    },
  );
});

scenario('a quota takes slugs away from a platform that runs, and nothing from its apps', async (user) => {
  const daemon = await Daemon.start(user);
  const slugs = join(user.dataDir, 'slugs');
  try {
    await user.does('apps:create', 'shop', '--space', 'default');
    mkdirSync(join(user.cwd, 'server'));
    writeFileSync(join(user.cwd, 'server', 'Procfile'), 'web: node serve.mjs\n');
    for (const version of ['v1', 'v2']) {
      writeFileSync(
        join(user.cwd, 'server', 'serve.mjs'),
        `import { createServer } from 'node:http';\ncreateServer((_, answer) => answer.end('${version}')).listen(process.env.PORT);\n//${'x'.repeat(1024 ** 2)}`,
      );
      await user.does('deploy', 'server', '-a', 'shop-default');
    }
    expect(readdirSync(slugs)).toHaveLength(2);
    // What was used a moment ago would be spared.
    for (const slug of readdirSync(slugs))
      utimesSync(join(slugs, slug, 'slug.json'), new Date(0), new Date(0));
    await user.does('platform:configure', '--slug-quota', '1MiB');
    while (readdirSync(slugs).length > 1) await new Promise((resolve) => setTimeout(resolve, 20));
    const { router_port } = await settingsOf(user);
    expect(await answerAt(router_port, { name: 'shop.local.localhost' })).toBe(200);
    const back = await user.run(['releases:rollback', 'v1', '-a', 'shop-default', '--wait', '--json']);
    expect(back.stdout).toContain('is not kept any more');
    expect(await answerAt(router_port, { name: 'shop.local.localhost' })).toBe(200);
  } finally {
    await daemon.stop();
  }
});
