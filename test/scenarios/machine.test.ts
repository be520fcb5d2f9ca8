import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect } from 'node:tls';
import { describe, expect } from '@jest/globals';
import type { User } from './aka.js';
import { Daemon } from './daemon.js';
import { expectJsonFailure } from './invariants.js';
import { hasOwnMachine, onOwnMachine } from './own-machine.js';
import { scenario } from './scenario.js';
import { settle } from './world.js';

interface Trust {
  readonly trusted: boolean | null;
  readonly changed?: boolean;
  readonly fingerprint: string;
  readonly file: string;
}

interface Settings {
  readonly router_port: number;
  readonly router_host: string;
}

/** The name by which an authority is confirmed: the start of its fingerprint. */
async function nameOf(user: User): Promise<string> {
  const { fingerprint } = (await user.does('platform:ca', '--json')).json<Trust>();
  return fingerprint.replaceAll(':', '').slice(0, 16).toLowerCase();
}

/** What the router on a port shows to whoever trusts an authority. */
async function shownTo(ca: string, servername: string, port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port, servername, ca });
  try {
    return await new Promise<boolean>((resolve) => {
      socket.once('secureConnect', () => resolve(socket.authorized));
      socket.once('error', () => resolve(false));
    });
  } finally {
    socket.destroy();
  }
}

describe('the certificate of the authority', () => {
  scenario('is there from the first start on, and is what the router goes by', async (user) => {
    expect(expectJsonFailure(await user.run(['platform:ca', '--json']), 4)).toMatchObject({
      id: 'not_found',
    });
    await user.does('spaces:create', 'shop');
    const early = expectJsonFailure(await user.run(['platform:ca', '--json']), 4);
    expect(early).toMatchObject({ hint: expect.stringContaining('platform:start') });
    expect(expectJsonFailure(await user.run(['platform:trust', '--json']), 4)).toEqual(early);
    const daemon = await Daemon.start(user);
    try {
      const { stdout: pem } = await user.does('platform:ca');
      const { router_port } = (await user.does('platform:configure', '--json')).json<Settings>();
      expect(await shownTo(pem, 'web-shop.local.localhost', router_port)).toBe(true);
      expect(await shownTo(pem, 'localhost.example', router_port)).toBe(false);
      const facts = (await user.does('platform:ca', '--json')).json();
      const { fingerprint256 } = new X509Certificate(pem);
      expect(facts).toMatchObject({ certificate: pem, fingerprint: fingerprint256, names: ['localhost'] });
      expect(Object.keys(facts).sort()).toEqual(
        ['certificate', 'file', 'fingerprint', 'names', 'subject', 'valid_from', 'valid_to'].sort(),
      );
      expect(readFileSync(String(facts.file), 'utf8')).toBe(pem);
    } finally {
      await daemon.stop();
    }
  });

  scenario('is asked of this machine only', async (user) => {
    const away = await user.run(['platform:ca', '--json', '--api', 'http://127.0.0.1:1']);
    expect(expectJsonFailure(away, 7)).toMatchObject({ id: 'unsupported' });
    const hosts = await user.run(['platform:hosts', '--install', '--json', '--api', 'http://127.0.0.1:1']);
    expect(expectJsonFailure(hosts, 7)).toMatchObject({ id: 'unsupported' });
  });
});

/** All that the system trusts, in whatever order it found it. */
const TRUSTS =
  'ls -A /etc/ssl/certs /usr/local/share/ca-certificates; sort /etc/ssl/certs/ca-certificates.crt | sha256sum';

const trusting = hasOwnMachine('update-ca-certificates', 'curl') ? scenario : scenario.skip;

describe('trust', () => {
  trusting(
    'is what the whole system has once it is installed, and no more when it is removed',
    async (user) => {
      await settle(user);
      const name = await nameOf(user);
      const daemon = await Daemon.start(user);
      try {
        const { router_port: port } = (await user.does('platform:configure', '--json')).json<Settings>();
        const visit = `curl --silent --output /dev/null --noproxy '*' https://web-demo.local.localhost:${port}/`;
        const taken = await onOwnMachine(user, {
          // Few authorities are taken up in a moment.
          before: `: > /etc/ca-certificates.conf; rm -rf /etc/ca-certificates/update.d/*; update-ca-certificates --fresh > /dev/null; ${TRUSTS}`,
          unconfirmed: 'aka platform:trust --install --json',
          mistaken: 'aka platform:trust --install --confirm nonsense --json',
          untouched: 'ls /usr/local/share/ca-certificates',
          distrusted: visit,
          installed: `aka platform:trust --install --confirm ${name} --json`,
          visited: visit,
          again: 'aka platform:trust --install --json',
          asked: 'aka platform:trust --json',
          removed: 'aka platform:trust --remove --json',
          gone: visit,
          nothing: 'aka platform:trust --remove --json',
          after: TRUSTS,
        });
        expect([taken.unconfirmed.code, taken.mistaken.code]).toEqual([2, 2]);
        expect(taken.unconfirmed.json()).toMatchObject({
          error: { id: 'not_confirmed', hint: expect.stringContaining(`--confirm ${name}`) },
        });
        expect(taken.untouched.stdout).not.toContain('aka-');
        // That of curl for a certificate which nobody vouches for.
        expect([taken.distrusted.code, taken.visited.code, taken.gone.code]).toEqual([60, 0, 60]);
        expect(taken.installed.json<Trust>()).toMatchObject({ trusted: true, changed: true });
        expect(taken.again.json<Trust>()).toMatchObject({ trusted: true, changed: false });
        expect(taken.asked.json<Trust>()).toMatchObject({ trusted: true });
        expect(taken.removed.json<Trust>()).toMatchObject({ trusted: false, changed: true });
        expect(taken.nothing.json<Trust>()).toMatchObject({ trusted: false, changed: false });
        expect(taken.after.stdout).toBe(taken.before.stdout);
      } finally {
        await daemon.stop();
      }
    },
  );

  trusting('is not changed for whoever may not, and they are told the commands', async (user) => {
    await settle(user);
    const { file } = (await user.does('platform:ca', '--json')).json<Trust>();
    const taken = await onOwnMachine(user, {
      // Nobody's root, whatever their files.
      other: 'unshare -U aka platform:trust --install --json',
      failing: `printf '#!/bin/sh\\necho broken disk >&2; exit 1\\n' > /etc/false; chmod 755 /etc/false
        mount --bind /etc/false "$(command -v update-ca-certificates)"
        aka platform:trust --install --confirm ${await nameOf(user)} --json`,
      idle: `mount --bind /bin/true "$(command -v update-ca-certificates)"
        aka platform:trust --install --confirm ${await nameOf(user)} --json`,
    });
    expect(taken.other.code).toBe(3);
    expect(taken.other.json()).toMatchObject({
      error: {
        id: 'needs_root',
        hint: expect.stringMatching(
          `^sudo install -m 644 ${file} /usr/local/.*crt && sudo update-ca-certificates$`,
        ),
      },
    });
    expect(taken.failing.code).toBe(6);
    expect(taken.failing.json()).toMatchObject({
      error: { id: 'trust_failed', message: expect.stringContaining('broken disk') },
    });
    expect(taken.idle.code).toBe(6);
    expect(taken.idle.json()).toMatchObject({
      error: { message: expect.stringContaining('does not trust') },
    });
  });
});

const naming = hasOwnMachine('getent') ? scenario : scenario.skip;

describe('host names', () => {
  naming(
    'are found once they are installed, and the hosts file is what it was without them',
    async (user, newcomer) => {
      await settle(user);
      await user.does('platform:configure', '--internal-host', '127.0.0.2', '--router-host', '0.0.0.0');
      const [root, socket] = [newcomer(), `unix:${user.dataDir}/aka.sock`];
      const daemon = await Daemon.start(user);
      try {
        const taken = await onOwnMachine(user, {
          before:
            "printf '127.0.0.1 localhost\\n# caf\\351 without an end' > /etc/hosts; cat /etc/hosts | base64",
          other: 'unshare -U aka platform:hosts --install --json',
          unknown: 'getent ahostsv4 web-inside.internal.local.localhost',
          installed: 'aka platform:hosts --install --json',
          found:
            'getent ahostsv4 web-inside.internal.local.localhost; getent ahostsv4 api-demo.local.localhost',
          again: 'aka platform:hosts --install --json',
          // Of somebody else's platform, as with sudo.
          through: `HOME=${root.home} aka platform:hosts --install --space demo --api ${socket} --json`,
          content: 'cat /etc/hosts',
          removed: `HOME=${root.home} aka platform:hosts --remove --api ${socket} --json`,
          after: 'cat /etc/hosts | base64',
          nothing: 'aka platform:hosts --remove --json',
          mounted:
            'cp /etc/hosts /run/hosts; mount --bind /run/hosts /etc/hosts; aka platform:hosts --install --json',
        });
        expect(taken.other.code).toBe(3);
        expect(taken.other.json()).toMatchObject({
          error: { id: 'needs_root', hint: expect.stringContaining(`--install --api ${socket}`) },
        });
        expect(taken.unknown.code).toBe(2);
        expect(taken.installed.json()).toEqual({
          hosts: [
            { address: '127.0.0.1', name: 'api-demo.local.localhost' },
            { address: '127.0.0.1', name: 'web-demo.local.localhost' },
            { address: '127.0.0.2', name: 'web-inside.internal.local.localhost' },
            { address: '127.0.0.1', name: 'web-vault.local.localhost' },
          ],
          file: '/etc/hosts',
          changed: true,
        });
        expect(taken.found.stdout).toMatch(/^127\.0\.0\.2 .*\n(.*\n)*127\.0\.0\.1 /);
        expect(taken.again.json()).toMatchObject({ changed: false });
        expect(taken.through.json()).toMatchObject({ changed: true });
        expect(taken.content.stdout).toContain(
          '\n127.0.0.1 api-demo.local.localhost\n127.0.0.1 web-demo.local.localhost\n#',
        );
        expect(taken.content.stdout).not.toContain('web-vault');
        expect(taken.removed.json()).toMatchObject({ changed: true, hosts: [] });
        expect(taken.after.stdout).toBe(taken.before.stdout);
        expect(taken.nothing.json()).toMatchObject({ changed: false });
        expect(taken.mounted.code).toBe(5);
        expect(taken.mounted.json()).toMatchObject({ error: { id: 'mounted_hosts_file' } });
      } finally {
        await daemon.stop();
      }
    },
  );

  scenario('are lines of a hosts file, of one space or all', async (user) => {
    await settle(user);
    expect((await user.does('platform:hosts', '--space', 'demo')).stdout).toBe(
      '127.0.0.1 api-demo.local.localhost\n127.0.0.1 web-demo.local.localhost\n',
    );
    expect((await user.does('platform:hosts')).stdout.trim().split('\n')).toHaveLength(4);
  });
});
