import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type Started, User } from '../scenarios/aka.js';
import { namesIn } from './sample.js';

// Commands are whole processes, and the machine may be busy with others.
jest.setTimeout(60_000);

let user: User;
let running: Started[] = [];

beforeEach(() => {
  user = new User();
});
afterEach(async () => {
  for (const { child, ended } of running) {
    child.kill('SIGKILL');
    await ended;
  }
  running = [];
  user.remove();
});

interface Ready {
  pid: number;
  socket: string;
  addresses: string[];
  token_file: string | null;
}

/** Starts a platform, and waits for the document that says it is ready. */
async function start(
  flags: string[] = [],
  env: Record<string, string> = {},
): Promise<Started & { ready: Ready }> {
  const started = user.start(['platform:start', '--foreground', '--json', ...flags], { env });
  running.push(started);
  const ready = await new Promise<Ready>((resolve, reject) => {
    let text = '';
    started.child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.endsWith('}\n')) resolve(JSON.parse(text) as Ready);
    });
    started.ended.then(({ stderr }) => reject(new Error(`it ended: ${stderr}`)), reject);
  });
  return { ...started, ready };
}

describe('a platform in the foreground', () => {
  test('is served on a socket for its owner only, once it says so', async () => {
    const { ready, child } = await start();
    expect(ready).toEqual({
      pid: child.pid,
      socket: join(user.dataDir, 'aka.sock'),
      addresses: [`unix:${join(user.dataDir, 'aka.sock')}`],
      token_file: null,
    });
    expect(statSync(ready.socket).mode & 0o777).toBe(0o600);
    const [address = ''] = ready.addresses;
    await user.does('spaces:create', 'demo', '--compliance', 'prod', '--api', address);
    expect((await user.does('spaces:info', 'demo', '--json')).json()).toMatchObject({ compliance: ['prod'] });
  });

  test('says on standard error where it listens', async () => {
    const started = user.start(['platform:start', '--foreground', '--listen', '127.0.0.1:0']);
    running.push(started);
    const lines = await new Promise<string>((resolve) => {
      let text = '';
      started.child.stderr.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        if (text.includes('token')) resolve(text);
      });
    });
    expect(lines).toContain(`Listening on unix:${join(user.dataDir, 'aka.sock')}\n`);
    expect(lines).toMatch(/Listening on http:\/\/127\.0\.0\.1:\d+\n/);
    expect(lines).toContain(`The token for TCP is in ${join(user.configDir, 'tokens')}`);
  });

  test.each([
    ['SIGTERM', 0],
    ['SIGINT', 130],
  ] as const)('ends in order at %s', async (signal, code) => {
    const { child, ended, ready } = await start();
    child.kill(signal);
    expect(await ended).toMatchObject({
      code,
      signal: null,
      stderr: expect.stringMatching(/^Listening on .*\n$/),
    });
    expect((await ended).json()).toEqual(ready);
    expect(existsSync(ready.socket)).toBe(false);
    expect(namesIn(user.dataDir, /pid/)).toEqual([]);
  });

  test('runs once in a data folder: a second one names the first', async () => {
    const { ready } = await start();
    const second = await user.run(['platform:start', '--foreground', '--json']);
    expect(second.code).toBe(5);
    expect(second.json()).toMatchObject({
      error: { id: 'already_running', message: expect.stringContaining(`process ${ready.pid}`) },
    });
    await user.does('spaces', '--api', ready.addresses[0] ?? '');
  });

  test('starts again after it was killed', async () => {
    const first = await start();
    first.child.kill('SIGKILL');
    await first.ended;
    expect(existsSync(first.ready.socket)).toBe(true);
    const { ready } = await start();
    await user.does('spaces', '--api', ready.addresses[0] ?? '');
  });

  test('sees what a restore and a rotation do meanwhile', async () => {
    const file = join(user.cwd, 'a.backup');
    await user.does('apps:create', 'api', '--space', 'default');
    await user.does('config:set', 'A=then', '-a', 'api-default');
    await user.does('platform:backup', file);
    await user.does('config:set', 'A=now', '-a', 'api-default');
    const { ready } = await start();
    const through = ['-a', 'api-default', '--api', ready.addresses[0] ?? ''];
    expect((await user.does('config:get', 'A', ...through)).stdout).toBe('now\n');
    await user.does('platform:restore', file, '--confirm', 'a.backup');
    expect((await user.does('config:get', 'A', ...through)).stdout).toBe('then\n');
    await user.does('platform:rotate-key');
    expect((await user.does('config:get', 'A', ...through)).stdout).toBe('then\n');
    await user.does('config:set', 'A=later', ...through);
    expect((await user.does('config:get', 'A', '-a', 'api-default')).stdout).toBe('later\n');
    expect((await user.does('audits:verify', '--json')).json()).toMatchObject({ ok: true });
  });
});

describe('on TCP', () => {
  test('it needs the token that it keeps in a file of its owner, which is the same the next time', async () => {
    const { ready, child, ended } = await start(['--listen', '127.0.0.1:0']);
    const file = String(ready.token_file);
    const token = readFileSync(file, 'utf8').trim();
    const tcp = ready.addresses.find((address) => address.startsWith('http:')) ?? '';
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect([await ask(tcp), await ask(tcp, `${token.slice(1)}x`), await ask(tcp, token)]).toEqual([
      401, 401, 200,
    ]);
    await user.run(['spaces'], { env: { AKA_TOKEN: token, AKA_API: tcp } });
    child.kill('SIGTERM');
    const { stdout, stderr } = await ended;
    expect(stdout + stderr).not.toContain(token);
    await start(['--listen', '127.0.0.1:0']);
    expect(readFileSync(file, 'utf8').trim()).toBe(token);
  });

  test.each(['AKA_TOKEN', 'API_TOKEN'])('it takes the token of %s, and keeps none', async (variable) => {
    const token = 'f'.repeat(32);
    const { ready } = await start(['--listen', '127.0.0.1:0'], { [variable]: token });
    const tcp = ready.addresses.find((address) => address.startsWith('http:')) ?? '';
    expect(ready.token_file).toBeNull();
    expect(await ask(tcp, token)).toBe(200);
    expect(existsSync(join(user.configDir, 'tokens'))).toBe(false);
  });

  test('a token that others can read is not used', async () => {
    const { ready, child, ended } = await start(['--listen', '127.0.0.1:0']);
    child.kill('SIGTERM');
    await ended;
    await user.sh(`chmod 644 '${String(ready.token_file)}'`);
    const second = await user.run(['platform:start', '--foreground', '--listen', '127.0.0.1:0', '--json']);
    expect(second.code).toBe(6);
    expect(second.json()).toMatchObject({ error: { id: 'unusable_token' } });
  });

  test.each([
    ['a guessable token', ['--listen', '127.0.0.1:0'], { AKA_TOKEN: 'f'.repeat(31) }, 'weak_token'],
    ['an address of other machines', ['--listen', '0.0.0.0:0'], {}, 'needs_tls'],
    ['no port', ['--listen', '127.0.0.1'], {}, 'usage'],
    ['a port that there is not', ['--listen', '127.0.0.1:70000'], {}, 'usage'],
  ] as const)('%s is a mistake', async (_, flags, env, id) => {
    const ended = await user.run(['platform:start', '--foreground', '--json', ...flags], { env });
    expect(ended.code).toBe(2);
    expect(ended.json()).toMatchObject({ error: { id } });
    expect(namesIn(user.home, /aka\.sock|pid/)).toEqual([]);
    expect(ended.stdout + ended.stderr).not.toContain('f'.repeat(31));
  });
});

test('it has to be told to stay in the foreground', async () => {
  const ended = await user.run(['platform:start']);
  expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('--foreground') });
});

test('a data folder whose path is too long for a socket is refused before anything listens', async () => {
  const dataDir = join(user.home, 'x'.repeat(100));
  const ended = await user.run(['platform:start', '--foreground', '--json'], {
    env: { AKA_DATA_DIR: dataDir },
  });
  expect(ended.code).toBe(2);
  expect(ended.json()).toMatchObject({ error: { id: 'socket_path_too_long' } });
});

test('it is for this machine: another platform can not be named', async () => {
  const ended = await user.run(['platform:start', '--foreground', '--api', 'http://127.0.0.1:1', '--json']);
  expect(ended.code).toBe(7);
});

/** The status of a request with a token. */
async function ask(address: string, token?: string): Promise<number> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return (await fetch(`${address}/spaces`, { headers })).status;
}
