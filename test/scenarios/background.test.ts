import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect } from '@jest/globals';
import type { LogEntry } from '../../src/contract/logs.js';
import { VERSION } from '../../src/contract/version.js';
import type { Ended, User } from './aka.js';
import { expectClean, expectFailure, expectJsonFailure, expectResult } from './invariants.js';
import { OWN_PORTS } from './ports.js';
import { scenario } from './scenario.js';
import { settle } from './world.js';

/** What a daemon of another version may say: lists, sizes, and sizes that have a quota. */
const NEWS = {
  things_bytes: 2048,
  room_bytes: 1024,
  room_quota_bytes: 2048,
  full_bytes: 3072,
  full_quota_bytes: 2048,
  list: ['a', 'b'],
  nothing: [],
};

interface Started {
  readonly pid: number;
  readonly version: string;
  readonly started_at: string;
  readonly socket: string;
  readonly addresses: readonly string[];
  readonly token_file: string | null;
  readonly already_running: boolean;
}

interface Status {
  readonly state: string;
  readonly pid: number | null;
  readonly supervisor?: number | null;
  readonly restarts?: number;
}

const TCP = ['--listen', '127.0.0.1:0'];

/** Plays with a platform that may run in the background, at ports of its own; whatever happens, none is left. */
function background(name: string, act: (user: User) => Promise<void>): void {
  scenario(name, async (user) => {
    await user.does(...OWN_PORTS);
    try {
      await act(user);
    } finally {
      const { pid } = (await user.run(['platform:status', '--json'])).json<Status>();
      const stopped = await user.run(['platform:stop', '--timeout', '20']);
      if (stopped.code !== 0 && pid !== null) process.kill(pid, 'SIGKILL');
    }
  });
}

async function start(user: User, ...argv: string[]): Promise<Started> {
  return (await user.does('platform:start', '--json', ...argv)).json<Started>();
}

async function statusOf(user: User): Promise<Status> {
  return (await user.run(['platform:status', '--json'])).json<Status>();
}

/** Ends a daemon and its supervisor as a power cut would, and waits until the daemon is gone. */
async function kill(user: User, pid: number): Promise<void> {
  const { supervisor } = await statusOf(user);
  if (supervisor) process.kill(supervisor, 'SIGKILL');
  process.kill(pid, 'SIGKILL');
  while ((await statusOf(user)).state !== 'stopped');
}

function tracesOf({ dataDir }: User): string[] {
  return readdirSync(dataDir).filter((name) => /\.(?:sock|pid|draft)/.test(name));
}

async function logOf(user: User): Promise<string[]> {
  const { stdout } = await user.does('platform:logs', '--json');
  return stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as LogEntry).line);
}

/** A request that the platform has begun to answer, and whose end it waits for. */
async function underWay(socketPath: string): Promise<{ finish: () => Promise<number | undefined> }> {
  const headers = { 'content-type': 'application/json', 'content-length': 15, expect: '100-continue' };
  const asked = request({ socketPath, path: '/spaces', method: 'POST', headers });
  asked.flushHeaders();
  await once(asked, 'continue');
  return {
    async finish() {
      asked.end('{"name":"shop"}');
      const [response] = (await once(asked, 'response')) as [{ statusCode?: number; resume(): void }];
      response.resume();
      return response.statusCode;
    },
  };
}

/** What only somebody else's daemon would answer. */
async function otherVersion({ dataDir }: User): Promise<() => Promise<unknown>> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const status = {
    pid: process.pid,
    version: '9.9.9',
    started_at: '2026-01-01T00:00:00.000Z',
    memory_bytes: 1,
    addresses: [],
    listen: null,
    token_file: null,
    sections: [{ name: 'news', facts: NEWS }],
    more: true,
  };
  const server = createServer((_, response) => response.end(JSON.stringify(status)));
  await once(server.listen(join(dataDir, 'aka.sock')), 'listening');
  return () => {
    server.closeAllConnections();
    return once(server.close(), 'close');
  };
}

describe('a platform in the background', () => {
  background('outlives whoever starts it, and serves until it is stopped', async (user) => {
    const ended = await user.run(['platform:start', '--json'], {
      env: { SECRET_OF_MINE: 'hunter22', TZ: 'UTC' },
    });
    expectResult(ended, 0, true);
    const daemon = ended.json<Started>();
    const socket = join(user.dataDir, 'aka.sock');
    expect(daemon).toEqual({
      pid: expect.any(Number),
      version: VERSION,
      started_at: expect.stringMatching(/^2.*Z$/),
      socket,
      addresses: [`unix:${socket}`],
      token_file: null,
      already_running: false,
    });
    await user.does('spaces:create', 'shop', '--api', `unix:${socket}`);
    if (process.platform === 'linux') {
      const proc = `/proc/${daemon.pid}`;
      const session = readFileSync(`${proc}/stat`, 'utf8').split(') ')[1]?.split(' ')[3];
      expect(session).toBe(String((await statusOf(user)).supervisor));
      expect(readlinkSync(`${proc}/cwd`)).toBe('/');
      expect(readFileSync(`${proc}/status`, 'utf8')).toMatch(/^Umask:\t0077$/m);
      const names = readFileSync(`${proc}/environ`, 'utf8')
        .split('\0')
        .map((each) => each.split('=')[0]);
      expect(names.filter((name) => name !== '').sort()).toEqual([
        'AKA_CONFIG_DIR',
        'AKA_DATA_DIR',
        'AKA_SUPERVISION',
        'HOME',
        'NODE_CHANNEL_FD',
        'NODE_CHANNEL_SERIALIZATION_MODE',
        'PATH',
        'TZ',
      ]);
    }
    const status = await user.run(['platform:status']);
    expectResult(status, 0, false);
    expect(status.stdout).toMatch(/^State\trunning$/m);
    expect(status.stdout).toMatch(/^Memory\t\d+ MiB$/m);
    expect(status.stdout).toMatch(/^Logs\t\d+ bytes of 1 GiB$/m);
    expect((await user.does('platform:stop', '--json')).json()).toEqual({
      was_running: true,
      pid: daemon.pid,
    });
    expect(await statusOf(user)).toEqual({ state: 'stopped', pid: null, data_dir: user.dataDir });
    expect(tracesOf(user)).toEqual([]);
    expect(await logOf(user)).toEqual([
      expect.stringContaining(`process ${daemon.pid} on unix:${socket}`),
      'Stopping.',
      'Stopped.',
    ]);
    await user.does('spaces:info', 'shop');
  });

  background('is stopped and started as often as one likes', async (user) => {
    await user.does(...OWN_PORTS);
    expect((await user.does('platform:stop')).stdout).toBe('State\tnot running\n');
    const first = await start(user);
    await user.does('platform:stop');
    await user.does('platform:stop');
    const second = await start(user);
    expect(second.pid).not.toBe(first.pid);
    expect(await start(user)).toEqual({ ...second, already_running: true });
    expect((await user.does('platform:start')).stdout).toMatch(/^State\trunning already$/m);
  });

  background('is not changed by being started otherwise: that is refused, and said', async (user) => {
    const { pid, addresses, token_file } = await start(user, ...TCP);
    expect(await start(user, ...TCP)).toMatchObject({ pid, addresses, token_file, already_running: true });
    const refused = await user.run(['platform:start', '--json']);
    expect(expectJsonFailure(refused, 5)).toMatchObject({
      id: 'already_running',
      message: expect.stringContaining('with --listen 127.0.0.1:0'),
      hint: expect.stringContaining('aka platform:stop'),
    });
    expectFailure(await user.run(['platform:start', '--foreground']), 5);
    expect(await statusOf(user)).toMatchObject({ pid });
  });

  background('lets its process be asked and stopped over its socket only', async (user) => {
    const { addresses, token_file, pid } = await start(user, ...TCP);
    const url = addresses.find((address) => address.startsWith('http:')) ?? '';
    const authorization = `Bearer ${readFileSync(token_file ?? '', 'utf8').trim()}`;
    const statuses = [
      (await fetch(`${url}/spaces`, { headers: { authorization } })).status,
      (await fetch(`${url}/daemon`, { headers: { authorization } })).status,
      (await fetch(`${url}/daemon/stop`, { method: 'POST', headers: { authorization } })).status,
      (await fetch(`${url}/daemon`)).status,
    ];
    expect(statuses).toEqual([200, 404, 404, 401]);
    expect(await statusOf(user)).toMatchObject({ state: 'running', pid });
  });

  background('is one, whoever of several is the first to start it', async (user) => {
    const starts = await Promise.all(Array.from({ length: 5 }, () => start(user)));
    expect(new Set(starts.map(({ pid }) => pid)).size).toBe(1);
    expect(starts.filter(({ already_running }) => !already_running)).toHaveLength(1);
    expect(await statusOf(user)).toMatchObject({ pid: starts[0]?.pid });
  });

  background('starts again after it was killed, with what it left behind', async (user) => {
    const first = await start(user);
    await kill(user, first.pid);
    expect(tracesOf(user).sort()).toEqual(['aka.sock', 'server.pid', 'web.sock']);
    expectResult(await user.run(['platform:status']), 1, false);
    expect((await user.does('platform:stop', '--json')).json()).toEqual({ was_running: false, pid: null });
    const starts = await Promise.all([start(user), start(user)]);
    expect(new Set(starts.map(({ pid }) => pid)).size).toBe(1);
    expect(starts[0]?.pid).not.toBe(first.pid);
    await user.does('spaces', '--api', starts[0]?.addresses[0] ?? '');
  });

  background(
    'finishes what is under way when it is stopped; a start meanwhile waits for that',
    async (user) => {
      const { pid, socket } = await start(user);
      const { finish } = await underWay(socket);
      const impatient = await user.run(['platform:stop', '--timeout', '0', '--json']);
      expect(expectJsonFailure(impatient, 8)).toMatchObject({
        id: 'still_stopping',
        message: expect.stringContaining(String(pid)),
        hint: expect.stringContaining(`kill -9 ${pid}`),
      });
      // From here on it accepts nothing more, and somebody else wants it to run.
      while (existsSync(socket)) await new Promise(setImmediate);
      expect(await statusOf(user)).toMatchObject({ state: 'not_answering', pid });
      const next = start(user);
      expect(await finish()).toBe(201);
      const { pid: after, already_running } = await next;
      expect(after).not.toBe(pid);
      expect(already_running).toBe(false);
      await user.does('spaces:info', 'shop');
    },
  );

  background('is never mistaken for another process that got its id', async (user) => {
    await settle(user);
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    try {
      writeFileSync(join(user.dataDir, 'server.pid'), `${other.pid}\n`);
      expect((await user.does('platform:stop', '--json')).json()).toEqual({ was_running: false, pid: null });
      expect(await statusOf(user)).toMatchObject({ state: 'stopped', pid: null });
      expect([other.exitCode, other.signalCode]).toEqual([null, null]);
    } finally {
      other.kill('SIGKILL');
    }
  });

  background('that gives no answer is named, and can be ended', async (user) => {
    const { pid } = await start(user);
    process.kill(pid, 'SIGSTOP');
    try {
      const [status, stop] = await Promise.all([
        user.run(['platform:status', '--json']),
        user.run(['platform:stop', '--timeout', '0', '--json']),
      ]);
      expect(status.code).toBe(1);
      expect(status.json()).toMatchObject({ state: 'not_answering', pid });
      expect(expectJsonFailure(stop, 6)).toMatchObject({ hint: expect.stringContaining(`kill -9 ${pid}`) });
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });

  scenario('of another version is noticed and named', async (user) => {
    const close = await otherVersion(user);
    try {
      const status = await user.run(['platform:status']);
      expectResult(status, 0, false);
      expect(status.stderr).toBe(
        `warning: It is aka 9.9.9, and this is aka ${VERSION}. To change it: aka platform:stop, then aka platform:start\n`,
      );
      expect(status.stdout).toMatch(
        /^Things\t2 KiB\nRoom\t1 KiB of 2 KiB\nFull\t3 KiB of 2 KiB: what is left is in use, or new\nList\ta\tb\n$/m,
      );
      const refused = await user.run(['platform:start', '--json']);
      expect(expectJsonFailure(refused, 5).message).toContain(`it is aka 9.9.9, and this is aka ${VERSION}`);
    } finally {
      await close();
    }
  });
});

describe('a platform that can not be started says why', () => {
  const guessable = 'f'.repeat(31);

  scenario.each<[argv: readonly string[], env: Record<string, string>, exit: number, id: string]>(
    [
      ['a token that can be guessed', TCP, { AKA_TOKEN: guessable }, 2, 'weak_token'],
      ['an address that other machines reach', ['--listen', '0.0.0.0:0'], {}, 2, 'needs_tls'],
      ['another platform', ['--api', 'http://127.0.0.1:1'], {}, 7, 'unsupported'],
    ],
    async (user, argv, env, exit, id) => {
      const ended = await user.run(['platform:start', '--json', ...argv], { env });
      expect(expectJsonFailure(ended, exit)).toMatchObject({ id });
      expect(ended.stdout).not.toContain(guessable);
      expectFailure(await user.run(['platform:start', ...argv], { env }), exit);
      if (existsSync(user.dataDir)) expect(tracesOf(user)).toEqual([]);
    },
  );

  scenario('a data folder whose path is too long for a socket', async (user) => {
    const env = { AKA_DATA_DIR: join(user.home, 'x'.repeat(100)) };
    const ended = await user.run(['platform:start', '--json'], { env });
    expect(expectJsonFailure(ended, 2)).toMatchObject({ id: 'socket_path_too_long' });
    expect(expectJsonFailure(await user.run(['platform:logs', '--json'], { env }), 4).id).toBe('not_found');
    expect((await user.run(['platform:stop'], { env })).code).toBe(0);
  });

  scenario('data that is none', async (user) => {
    await settle(user);
    writeFileSync(user.database, 'nothing of the kind');
    for (const log of ['-wal', '-shm']) rmSync(`${user.database}${log}`, { force: true });
    const ended = await user.run(['platform:start', '--json']);
    expect(expectJsonFailure(ended, 6)).toMatchObject({ id: 'not_our_data' });
    expect(tracesOf(user)).toEqual([]);
  });
});

describe('the log of the platform', () => {
  scenario('is not there before it was started', async (user) => {
    expect(expectJsonFailure(await user.run(['platform:logs', '--json']), 4).hint).toContain(
      'platform:start',
    );
  });

  background('is followed while the platform comes and goes', async (user) => {
    await user.does(...OWN_PORTS);
    await start(user);
    const tail = user.start(['platform:logs', '--tail', '-n', '1', '--json']);
    try {
      const lines = createInterface({ input: tail.child.stdout })[Symbol.asyncIterator]();
      const next = async (): Promise<LogEntry> =>
        JSON.parse((await lines.next()).value as string) as LogEntry;
      expect(await next()).toMatchObject({
        app: 'platform',
        stream: 'system',
        line: expect.stringMatching(/serves/),
      });
      await user.does('platform:stop');
      expect([(await next()).line, (await next()).line]).toEqual(['Stopping.', 'Stopped.']);
      const { pid } = await start(user);
      expect((await next()).line).toContain(`process ${pid}`);
    } finally {
      tail.child.kill('SIGINT');
    }
    const { code, stdout } = await tail.ended;
    expect(code).toBe(130);
    // Lines of the log and nothing else.
    for (const line of stdout.trimEnd().split('\n')) expect(JSON.parse(line)).toHaveProperty('line');
  });

  background('keeps what was written, and shows it without harm', async (user) => {
    await user.does(...OWN_PORTS);
    const { pid } = await start(user);
    const mode = statSync(join(user.dataDir, 'logs', 'platform', '00000001.log')).mode & 0o777;
    expect(mode).toBe(0o600);
    await kill(user, pid);
    // As Node itself dies: with a cry on standard error.
    writeFileSync(join(user.dataDir, 'daemon.stderr'), 'FATAL ERROR: \u001b[31mheap\u0007\n', { flag: 'a' });
    await start(user);
    const log = await user.run(['platform:logs']);
    expectClean(log);
    expect(log.stdout).toContain('On standard error: FATAL ERROR: heap\\u0007\n');
    expect(log.stdout.trim().split('\n')).toHaveLength(3);
    expect((await user.does('platform:logs', '-n', '1')).stdout).toMatch(/serves as process/);
  });
});

describe('Ctrl-C while the platform starts', () => {
  background('leaves one that runs or none, and no trace of the start', async (user) => {
    const starting = user.start(['platform:start', '--json']);
    while (!existsSync(join(user.dataDir, 'server.lock'))) await new Promise(setImmediate);
    starting.child.kill('SIGINT');
    const ended: Ended = await starting.ended;
    expect([0, 130]).toContain(ended.code);
    const { pid, already_running } = await start(user);
    expect(already_running).toBe(true);
    expect(await statusOf(user)).toMatchObject({ state: 'running', pid });
    expect(tracesOf(user).sort()).toEqual(['aka.sock', 'server.pid', 'web.sock']);
  });
});
