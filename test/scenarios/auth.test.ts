import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { afterEach, describe, expect } from '@jest/globals';
import { quoted, type User } from './aka.js';
import { CODE, type Installation, install, PASSWORD, TOKEN, USER } from './installation.js';
import { expectClean, expectFailure, expectJsonFailure } from './invariants.js';
import { scenario } from './scenario.js';
import { serve } from './server.js';

const installed: Installation[] = [];
afterEach(() => {
  for (const each of installed.splice(0)) each.close();
});

/** An installation that the user has a profile of. */
async function known(user: User, ways: Parameters<typeof install>[0] = {}): Promise<Installation> {
  const there = await install(ways);
  installed.push(there);
  await user.does('profiles:add', 'work', '--api', there.url, '--auth', there.url);
  return there;
}

function hostOf({ url }: Installation): string {
  return new URL(url).host;
}

const loggedIn = (user: User, env: Record<string, string> = {}) =>
  user.run(['auth:login', '--token-file', '-', '--json'], { stdin: `${TOKEN}\n`, env });

const tokensFile = ({ configDir }: User): string => join(configDir, 'tokens.json');

function writeNetrc(user: User, text: string, mode = 0o600): void {
  writeFileSync(join(user.home, '.netrc'), text, { mode });
  chmodSync(join(user.home, '.netrc'), mode);
}

describe('a password', () => {
  scenario('is typed unseen, exchanged for a token that is tried, and the token is kept', async (user) => {
    const there = await known(user);
    const { code, screen } = await user.atTerminal(['auth:login'], async (terminal) => {
      await terminal.sees('User name:');
      terminal.types(USER);
      terminal.press('enter');
      await terminal.sees('Password:');
      terminal.types(PASSWORD);
      terminal.press('enter');
      await terminal.sees('Administrator');
    });
    expect({ code, screen }).toEqual({ code: 0, screen: expect.stringContaining('Olga') });
    expect(screen).not.toContain(PASSWORD);
    expect(screen).not.toContain(TOKEN);
    expect(there.heard.map(({ line }) => line)).toEqual(['POST /authorizations', 'GET /account']);
    expect((await user.does('spaces', '--json')).json()).toEqual([]);
    expect(there.heard.at(-1)?.authorization).toBe(`Bearer ${TOKEN}`);
    expect((await user.does('auth:token')).stdout).toBe(`${TOKEN}\n`);
  });

  scenario(
    'is asked for with a one-time code where the auth host wants one, under the header it named',
    async (user) => {
      const there = await known(user, { otp: 'X-Acme-OTP' });
      const { code, screen } = await user.atTerminal(['auth:login', '--user', USER], async (terminal) => {
        await terminal.sees('Password:');
        terminal.types(PASSWORD);
        terminal.press('enter');
        await terminal.sees('One-time code:');
        terminal.types(CODE);
        terminal.press('enter');
        await terminal.sees('Administrator');
      });
      expect({ code, screen }).toEqual({ code: 0, screen: expect.not.stringContaining(CODE) });
      expect(there.heard.map(({ line, code: sent }) => [line, sent])).toEqual([
        ['POST /authorizations', undefined],
        ['POST /authorizations', CODE],
        ['GET /account', undefined],
      ]);
    },
  );

  scenario.each<[password: string, typed: string | undefined, said: string]>(
    [
      ['that is wrong is refused', 'wrong', undefined, 'does not accept that user with that password'],
      ['with a wrong code is refused', PASSWORD, '000000', 'does not accept that one-time code'],
    ],
    async (user, password, typed, said) => {
      await known(user, { otp: 'X-Acme-OTP' });
      const { code, screen } = await user.atTerminal(['auth:login', '-u', USER], async (terminal) => {
        await terminal.sees('Password:');
        terminal.types(password);
        terminal.press('enter');
        if (typed === undefined) return;
        await terminal.sees('One-time code:');
        terminal.types(typed);
        terminal.press('enter');
      });
      expect({ code, screen }).toEqual({ code: 3, screen: expect.stringContaining(said) });
      expect(screen).not.toContain(password);
      expect(existsSync(tokensFile(user))).toBe(false);
    },
  );

  scenario('is asked for until Ctrl-C or the end of input, and then nobody is logged in', async (user) => {
    const there = await known(user);
    const stopped = await user.atTerminal(['auth:login', '-u', USER], async (terminal) => {
      await terminal.sees('Password:');
      terminal.types('half of a pass');
      terminal.press('ctrl-c');
    });
    const ended = await user.atTerminal(['auth:login', '-u', USER], async (terminal) => {
      await terminal.sees('Password:');
      terminal.press('ctrl-d');
    });
    expect([stopped.code, ended.code]).toEqual([130, 2]);
    expect(stopped.screen).not.toContain('half of a pass');
    expect(there.heard).toEqual([]);
    expect(existsSync(tokensFile(user))).toBe(false);
  });

  scenario('is not asked for without a terminal: the flag is named', async (user) => {
    const there = await known(user);
    for (const argv of [['auth:login'], ['auth:login', '--user', USER]]) {
      const ended = await user.run(argv, { stdin: `${PASSWORD}\n` });
      expectFailure(ended, 2);
      expect(ended.stderr).toContain('--token-file');
    }
    expect(there.heard).toEqual([]);
  });

  scenario('is of no use where no auth host is known, which is said', async (user) => {
    const there = await install();
    installed.push(there);
    const ended = await user.run(['auth:login', '--api', there.url]);
    expectFailure(ended, 2);
    expect(ended.stderr).toMatch(/No auth host.*AKKERIS_AUTH_HOST.*--token-file FILE/s);
    // What the environment says of another platform is not for this one.
    const env = { AKKERIS_API_HOST: 'https://elsewhere.example', AKKERIS_AUTH_HOST: there.url };
    const elsewhere = await user.run(['auth:login', '--api', there.url], { env });
    expect(elsewhere).toMatchObject({ code: 2, stderr: expect.stringContaining('No auth host') });
    expect(there.heard).toEqual([]);
  });

  scenario.each<[answer: (response: ServerResponse) => void]>(
    [
      ['is answered by a page', (response) => response.writeHead(200).end('<html>')],
      [
        'is answered by a redirect',
        (response) => response.writeHead(302, { location: 'https://a.example' }).end(),
      ],
      ['is answered by a token that is none', (response) => response.end('{"token":"a\\nb"}')],
      ['is answered by a failure', (response) => response.writeHead(500).end(PASSWORD)],
      ['is answered by nothing', (response) => response.socket?.destroy()],
      ['is answered endlessly', (response) => response.end(Buffer.alloc(4 * 1024 * 1024, 32))],
    ],
    async (user, authorizations) => {
      await known(user, { authorizations });
      const { code, screen } = await user.atTerminal(['auth:login', '-u', USER], async (terminal) => {
        await terminal.sees('Password:');
        terminal.types(PASSWORD);
        terminal.press('enter');
      });
      expect({ code, screen }).toEqual({ code: 6, screen: expect.stringContaining('error:') });
      expect(screen).not.toContain(PASSWORD);
      expect(existsSync(tokensFile(user))).toBe(false);
    },
  );
});

describe('a token that somebody has', () => {
  scenario('is taken from a file of theirs or from standard input', async (user) => {
    const there = await known(user);
    const file = join(user.cwd, 'a.token');
    writeFileSync(file, `${TOKEN}\n`, { mode: 0o600 });
    expect((await user.does('auth:login', '--token-file', file, '--json')).json()).toEqual({
      name: 'Olga',
      email: USER,
      admin: true,
      platform: 'work',
      api: there.url,
      token: { from: 'file', in: tokensFile(user) },
    });
    expect((await user.does('auth:logout', '--json')).json()).toEqual({
      platform: 'work',
      removed: { from: 'file', in: tokensFile(user) },
      left: [],
    });
    expectFailure(await user.run(['auth:token']), 3);
    expect((await loggedIn(user)).code).toBe(0);
    expect((await user.does('auth:whoami', '--json')).json()).toMatchObject({
      name: 'Olga',
      token: { from: 'file' },
    });
  });

  scenario('is stored for its owner only, under any umask, and never when it is refused', async (user) => {
    await known(user);
    const ended = await user.sh(`umask 0; printf %s ${TOKEN} | aka auth:login --token-file -`);
    expect(ended).toMatchObject({ code: 0 });
    expect(statSync(user.configDir).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(user.configDir)) {
      expect({ name, mode: statSync(join(user.configDir, name)).mode & 0o777 }).toEqual({
        name,
        mode: 0o600,
      });
    }
    const before = readFileSync(tokensFile(user), 'utf8');
    const refused = await user.run(['auth:login', '--token-file', '-'], { stdin: 'canary-of-another' });
    expectFailure(refused, 3);
    expect(refused.stderr).toContain('was not stored');
    expect(refused.stderr).not.toContain('canary');
    expect(readFileSync(tokensFile(user), 'utf8')).toBe(before);
  });

  scenario('is not waited for where standard input has no end', async (user) => {
    await known(user);
    // All of it would be more than a text can have.
    const ended = await user.sh('yes canary | head -c 700000000 | aka auth:login --token-file -');
    expectFailure(ended, 2);
    expect(ended.stderr).toContain('Standard input holds more than 65536 characters.');
    expect(ended.stderr).not.toContain('canary');
  });

  scenario.each<[content: string, mode: number]>(
    [
      ['in a file that others can read', TOKEN, 0o644],
      ['in a file of its group', TOKEN, 0o640],
      ['in an empty file', '', 0o600],
      ['that has blanks in it', 'canary of words', 0o600],
      ['that is endless', 'canary'.repeat(20_000), 0o600],
    ],
    async (user, content, mode) => {
      const there = await known(user);
      const file = join(user.cwd, 'a.token');
      writeFileSync(file, content);
      chmodSync(file, mode);
      const ended = await user.run(['auth:login', '--token-file', file]);
      expectFailure(ended, 2);
      expect(ended.stderr).not.toContain('canary');
      if (mode !== 0o600) expect(ended.stderr).toContain(`chmod 600 ${file}`);
      expect(there.heard).toEqual([]);
    },
  );

  scenario('is shared by all that name the same API, and belongs to no other', async (user) => {
    const there = await known(user);
    expect((await loggedIn(user)).code).toBe(0);
    const other = await install();
    installed.push(other);
    expect(await user.run(['spaces'], { env: { AKKERIS_API_HOST: there.url } })).toMatchObject({ code: 0 });
    expect(await user.run(['spaces', '--api', there.url])).toMatchObject({ code: 0 });
    expectFailure(await user.run(['spaces', '--api', other.url]), 3);
    expect(other.heard.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  scenario('in a file that others can read is refused, with what mends it', async (user) => {
    const there = await known(user);
    await loggedIn(user);
    chmodSync(tokensFile(user), 0o640);
    const before = there.heard.length;
    for (const argv of [['spaces'], ['auth:token'], ['auth:logout'], ['auth:login', '--token-file', '-']]) {
      const ended = await user.run(argv, { stdin: TOKEN });
      expectFailure(ended, 2);
      expect(ended.stderr).toContain(`chmod 600 ${tokensFile(user)}`);
      if (argv[0] !== 'auth:login') expect(there.heard).toHaveLength(before);
    }
    // The environment goes before it, and needs none of it.
    expect(await user.run(['spaces'], { env: { AKA_TOKEN: TOKEN } })).toMatchObject({ code: 0 });
    expect((await user.sh(`chmod 600 ${tokensFile(user)}; aka spaces`)).code).toBe(0);
  });

  scenario.each<[content: string]>(
    [
      ['that is no JSON', '{'],
      ['that is a list', '[]'],
      ['of another form', '{"tokens":{"a":"b"}}'],
      ['with a token that is none', `{"tokens":{"ADDRESS":{"token":"canary\\nX: y"}}}`],
    ],
    async (user, content) => {
      const there = await known(user);
      writeFileSync(tokensFile(user), content.replace('ADDRESS', hostOf(there)), { mode: 0o600 });
      const ended = await user.run(['spaces']);
      expectFailure(ended, 2);
      expect(ended.stderr).toContain('aka auth:login');
      expect(ended.stderr).not.toContain('canary');
      expect(there.heard).toEqual([]);
    },
  );
});

describe('tokens of the older aka', () => {
  scenario('are taken from ~/.netrc, without logging in again, and left there', async (user) => {
    const there = await install();
    installed.push(there);
    mkdirSync(join(user.home, '.akkeris'));
    writeFileSync(
      join(user.home, '.akkeris', 'config.json'),
      JSON.stringify({ apps: there.url, auth: there.url }),
    );
    const netrc = `machine example.com login x password canary\nmachine ${hostOf(there)}\n\tlogin olga\n\tpassword ${TOKEN}\n`;
    writeNetrc(user, netrc);
    expect((await user.does('auth:whoami', '--json')).json()).toMatchObject({
      name: 'Olga',
      token: { from: 'netrc', in: join(user.home, '.netrc') },
    });
    const out = await user.does('auth:logout');
    expect(out.stderr).toContain('.netrc still has a token');
    expect(readFileSync(join(user.home, '.netrc'), 'utf8')).toBe(netrc);
    // What is stored goes before it, and the environment before that.
    await loggedIn(user);
    expect((await user.does('auth:whoami', '--json')).json()).toMatchObject({ token: { from: 'file' } });
    const env = { API_TOKEN: TOKEN };
    expect((await user.run(['auth:whoami', '--json'], { env })).json()).toMatchObject({
      token: { from: 'environment', in: 'API_TOKEN' },
    });
  });

  scenario('are refused where others can read them, and only if they would be sent', async (user) => {
    const there = await known(user);
    writeNetrc(user, `machine ${hostOf(there)} password ${TOKEN}\n`, 0o644);
    const ended = await user.run(['spaces']);
    expectFailure(ended, 2);
    expect(ended.stderr).toContain(`chmod 600 ${join(user.home, '.netrc')}`);
    expect(there.heard).toEqual([]);
    expect(await user.run(['spaces'], { env: { AKA_TOKEN: TOKEN } })).toMatchObject({ code: 0 });
    // What was logged out is said, whatever that file is like.
    await loggedIn(user);
    expect((await user.does('auth:logout', '--json')).json()).toMatchObject({
      removed: { from: 'file' },
      left: [{ from: 'netrc' }],
    });
    writeNetrc(user, `machine example.com password canary\ndefault password canary\n`, 0o644);
    expectFailure(await user.run(['spaces']), 3);
    expect(there.heard.at(-1)?.authorization).toBeUndefined();
  });

  scenario('are never sent over http to another machine', async (user) => {
    writeNetrc(user, `machine apps.example.com password ${TOKEN}\n`);
    const ended = await user.run(['spaces', '--api', 'http://apps.example.com']);
    expectFailure(ended, 2);
    expect(ended.stderr).toContain('is not sent to apps.example.com over http');
  });
});

describe('nothing that is secret', () => {
  scenario('is in what is written, whatever fails', async (user) => {
    const there = await known(user);
    await loggedIn(user);
    const wrong = `${TOKEN}-wrong`;
    const runs = await Promise.all([
      user.run(['spaces', '--debug']),
      user.run(['profiles', '--json', '--debug']),
      user.run(['auth:whoami', '--debug', '--json']),
      user.run(['spaces', '--debug'], { env: { AKA_TOKEN: wrong } }),
      user.run(['spaces', '--debug', '--json'], { env: { API_AUTH: `Bearer ${wrong}` } }),
      user.run(['auth:login', '--debug', '--json', '--token-file', '-'], { stdin: wrong }),
      user.run(['auth:token', '--api', 'http://127.0.0.1:9', '--debug', '--json']),
      user.run(['auth:login', '--token-file', `/nowhere/${'x'.repeat(40)}`, '--debug']),
      user.run(['auth:logout', '--debug']),
    ]);
    for (const { stdout, stderr } of runs) expect(`${stdout}${stderr}`).not.toContain(TOKEN);
    expect(there.heard.some(({ authorization }) => authorization === `Bearer ${TOKEN}`)).toBe(true);
  });
});

describe('who needs no login', () => {
  scenario.each<[argv: string[]]>(
    [
      ['is told so at the platform on this machine', []],
      ['is told so at a socket', ['--api', 'unix:/nowhere/aka.sock']],
    ],
    async (user, more) => {
      for (const argv of [['auth:login'], ['auth:login', '--token-file', '-'], ['auth:token']]) {
        const ended = await user.run([...argv, ...more], { stdin: TOKEN });
        expectFailure(ended, 2);
        expect(ended.stderr).toContain('needs no login');
      }
      const logout = await user.does('auth:logout', ...more);
      expect(`${logout.stdout}${logout.stderr}`).toContain('needs no login');
      expect(existsSync(tokensFile(user))).toBe(false);
    },
  );
});

describe('the token file', () => {
  scenario('loses nothing to logins at the same time', async (user) => {
    const places = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const there = await install();
        installed.push(there);
        return there;
      }),
    );
    const ended = await Promise.all(
      places.map(({ url }) => user.run(['auth:login', '--api', url, '--token-file', '-'], { stdin: TOKEN })),
    );
    expect(ended.map(({ code }) => code)).toEqual(places.map(() => 0));
    const { tokens } = JSON.parse(readFileSync(tokensFile(user), 'utf8')) as { tokens: object };
    expect(Object.keys(tokens).sort()).toEqual(places.map(hostOf).sort());
  });

  scenario('is whole whenever a login is killed', async (user) => {
    const there = await known(user);
    await loggedIn(user);
    const kills = Array.from({ length: 8 }, (_, n) => n);
    for (const n of kills) {
      const started = user.start(['auth:login', '--token-file', '-'], { stdin: TOKEN });
      const asked = there.heard.length;
      // At another moment each time: from the first sign of it being checked onwards.
      const timer = setInterval(() => {
        if (there.heard.length > asked) setTimeout(() => started.child.kill('SIGKILL'), n * 8);
      }, 1);
      await started.ended;
      clearInterval(timer);
      expect((await user.does('auth:token')).stdout).toBe(`${TOKEN}\n`);
    }
    // Nothing of what was killed is left after the next one that is not.
    writeFileSync(`${tokensFile(user)}.tmp-1234567890abcdef`, TOKEN, { mode: 0o600 });
    expect((await loggedIn(user)).code).toBe(0);
    expect(readdirSync(user.configDir).filter((name) => name.includes('tmp'))).toEqual([]);
  });
});

describe('what goes to another platform than the one on this machine by default', () => {
  scenario('is said before the change, once, and of nothing that only looks', async (user) => {
    const there = await known(user);
    await loggedIn(user);
    const said = `Platform: work (${hostOf(there)})`;
    expect((await user.does('spaces')).stderr).toBe('');
    const plain = await user.does('spaces:create', 'shop');
    expect(plain.stderr.split('\n').filter((line) => line === said)).toHaveLength(1);
    const json = await user.run(['spaces:create', 'two', '--json']);
    expect(json).toMatchObject({ code: 0, stderr: expect.stringContaining(said) });
    expect(json.json()).toMatchObject({ name: 'two' });
    expectClean(json);
    const direct = await user.run(['spaces:create', 'three', '--api', there.url]);
    expect(direct.stderr).toContain(`Platform: ${hostOf(there)}\n`);
  });

  scenario('is said before it is confirmed', async (user) => {
    await user.does('profiles:use', 'embedded');
    await user.does('spaces:create', 'shop');
    const { code, screen } = await user.atTerminal(['spaces:destroy', 'shop'], async (terminal) => {
      await terminal.sees('Platform: embedded (on this machine)');
      await terminal.sees('to go on:');
      terminal.types('shop');
      terminal.press('enter');
    });
    expect({ code, said: screen.match(/Platform:/g)?.length }).toEqual({ code: 0, said: 1 });
  });

  scenario('is said before a change that hangs', async (user) => {
    const silent = await serve();
    try {
      const started = user.start(['spaces:create', 'shop', '--api', silent.url]);
      await silent.asked;
      expect(await started.written('stderr', 'Platform: ')).toContain(new URL(silent.url).host);
      started.child.kill('SIGKILL');
      await started.ended.catch(() => undefined);
    } finally {
      silent.close();
    }
  });

  scenario('is said of this machine where it was chosen, and not where nobody chose', async (user) => {
    expect((await user.does('spaces:create', 'shop')).stderr).toBe('');
    await user.does('profiles:use', 'embedded');
    expect((await user.does('spaces:create', 'shop2')).stderr).toBe('Platform: embedded (on this machine)\n');
    const { stderr } = await user.does('spaces:create', 'shop3', '--platform', 'embedded');
    expect(stderr).toBe('Platform: embedded (on this machine)\n');
  });
});

/** A keyring of this user's own, in a session of its own, and what is done in it. */
async function inSession(user: User, line: string, { unlock = true } = {}) {
  const runtime = join(user.home, 'run');
  mkdirSync(runtime, { mode: 0o700, recursive: true });
  const start = `echo secret | gnome-keyring-daemon ${unlock ? '--unlock' : '--start'} --components=secrets >/dev/null 2>&1`;
  return user.sh(`dbus-run-session -- sh -c ${quoted(`${start}; ${line}`)} 2>"$HOME/session.err"`, {
    env: { XDG_RUNTIME_DIR: runtime },
  });
}

const hasKeyring = ['dbus-run-session', 'gnome-keyring-daemon', 'secret-tool'].every(
  (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0,
);
const withKeyring = hasKeyring ? scenario : scenario.skip;

describe('the keyring of the system', () => {
  withKeyring('has the token where there is one, and the file does not', async (user) => {
    const there = await known(user);
    const ended = await inSession(
      user,
      `printf %s ${TOKEN} | aka auth:login --token-file - --json && aka auth:token && aka auth:whoami --json && aka auth:logout --json && aka profiles --json`,
    );
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain(`\n${TOKEN}\n`);
    expect(ended.stdout.match(/"from": "keyring"/g)).toHaveLength(3);
    expect(readFileSync(tokensFile(user), 'utf8')).not.toContain(TOKEN);
    expect(there.heard.filter(({ authorization }) => authorization === `Bearer ${TOKEN}`)).toHaveLength(2);
  });

  withKeyring('that is locked, away or off is named with the ways out, and not waited for', async (user) => {
    await known(user);
    const login = `printf %s ${TOKEN} | aka auth:login --token-file -`;
    expect((await inSession(user, login)).code).toBe(0);
    for (const ended of [
      await inSession(user, 'aka spaces 2>&1', { unlock: false }),
      await user.sh('aka spaces 2>&1'),
      await inSession(user, 'AKA_KEYRING=off aka spaces 2>&1'),
    ]) {
      expect(ended.code).toBe(3);
      expect(ended.stdout).toMatch(/in the keyring of this system, which does not give it.*AKA_KEYRING=off/s);
    }
    // The ways out.
    expect((await user.sh(`AKA_TOKEN=${TOKEN} aka spaces`)).code).toBe(0);
    expect((await user.sh(`AKA_KEYRING=off; export AKA_KEYRING; ${login} && aka spaces`)).code).toBe(0);
  });

  scenario('that gives no answer is not waited for', async (user) => {
    await known(user);
    const bin = join(user.home, 'bin');
    mkdirSync(bin);
    // A keyring that is locked waits for somebody to type into a window.
    writeFileSync(join(bin, 'secret-tool'), '#!/bin/sh\necho "$@" >> "$HOME/asked"\nexec sleep 600\n', {
      mode: 0o755,
    });
    const env = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere' };
    const login = await user.sh(`printf %s ${TOKEN} | aka auth:login --token-file -`, { env });
    expect(login).toMatchObject({ code: 0, stderr: expect.stringContaining('gave no answer in') });
    expect(readFileSync(join(user.home, 'asked'), 'utf8')).not.toContain(TOKEN);
    // It is in the file, so nobody asks again.
    writeFileSync(join(user.home, 'asked'), '');
    expect((await user.sh('aka spaces', { env })).code).toBe(0);
    expect(readFileSync(join(user.home, 'asked'), 'utf8')).toBe('');
  });

  scenario('that keeps its answer back ends a command in time, with the way out', async (user) => {
    const there = await known(user);
    writeFileSync(tokensFile(user), JSON.stringify({ tokens: { [hostOf(there)]: { keyring: true } } }), {
      mode: 0o600,
    });
    const bin = join(user.home, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'secret-tool'), '#!/bin/sh\nexec sleep 600\n', { mode: 0o755 });
    const env = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere' };
    const ended = await user.sh('aka spaces --json', { env });
    const { message, hint } = expectJsonFailure(ended, 3);
    expect(message).toContain('gave no answer in 5 s');
    expect(hint).toContain('AKA_TOKEN');
    expect(there.heard).toEqual([]);
  });
});
