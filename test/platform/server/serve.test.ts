import { EventEmitter, once } from 'node:events';
import { chmodSync, existsSync, lstatSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { AppsApiError } from '../../../src/contract/errors.js';
import type { Stack } from '../../../src/contract/wire.js';
import { serve, type Where } from '../../../src/platform/server/serve.js';
import { bearerTokens } from '../../../src/platform/server/tokens.js';
import { temporaryPlatform } from '../../contract/platforms.js';
import { startServer } from './serving.js';
import { dial, exchange, jsonRequest, parseAnswer, request } from './wire.js';

const tidy: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of tidy.splice(0).toReversed()) await each();
});

function platformAndFolder() {
  const temporary = temporaryPlatform();
  tidy.push(() => temporary.remove());
  return temporary;
}

/** Serves until the end of the test. */
async function serving(...[platform, where, options]: Parameters<typeof serve>) {
  const server = await serve(platform, where, options);
  tidy.push(() => server.close());
  return server;
}

async function started(...options: Parameters<typeof startServer>) {
  const server = await startServer(...options);
  tidy.push(() => server.close());
  return server;
}

async function refusalOf(call: Promise<unknown>): Promise<AppsApiError> {
  const error: unknown = await call.catch((reason: unknown) => reason);
  if (error instanceof AppsApiError) return error;
  throw new Error('It was not refused.', { cause: error });
}

const tokens = bearerTokens([]);

describe('the unix socket', () => {
  test.each([[0o000], [0o022], [0o777]])(
    'is for its owner only, in a folder of its own, under umask %o',
    async (umask) => {
      const { platform, folder } = platformAndFolder();
      const path = join(folder, 'run', 'deeper', 'socket');
      const before = process.umask(umask);
      try {
        await serving(platform, { socket: { path, user: 'olga' } });
        expect(process.umask()).toBe(umask);
      } finally {
        process.umask(before);
      }
      expect(lstatSync(path).mode & 0o777).toBe(0o600);
      expect(lstatSync(join(folder, 'run')).mode & 0o777).toBe(0o700);
      expect(lstatSync(join(folder, 'run', 'deeper')).mode & 0o777).toBe(0o700);
    },
  );

  test('makes its user an administrator', async () => {
    const { unix, api } = await started();
    const { body } = await exchange(unix, request('GET /account'));
    expect(JSON.parse(body)).toMatchObject({ elevated_access: true });
    await exchange(unix, jsonRequest('POST /spaces', '{"name":"shop"}'));
    const [event] = await api.audits.list({ size: 1 });
    expect(JSON.parse(event?.info ?? '')).toMatchObject({ origin: 'unix', role: 'admin', username: 'olga' });
  });

  test('is gone when the server is', async () => {
    const { platform, folder } = platformAndFolder();
    const path = join(folder, 'socket');
    const server = await serve(platform, { socket: { path, user: 'olga' } });
    expect(server.addresses).toEqual([`unix:${path}`]);
    await server.close();
    expect(existsSync(path)).toBe(false);
  });

  test('of a dead server is replaced', async () => {
    const { platform, folder } = platformAndFolder();
    const path = join(folder, 'socket');
    await leaveDeadSocket(path);
    await serving(platform, { socket: { path, user: 'olga' } });
    expect((await exchange({ path }, request('GET /account'))).status).toBe(200);
    expect(lstatSync(path).mode & 0o777).toBe(0o600);
    expect(existsSync(`${path}.${process.pid}`)).toBe(false);
  });

  test('of a live server is left alone', async () => {
    const { platform, folder } = platformAndFolder();
    const path = join(folder, 'socket');
    await serving(platform, { socket: { path, user: 'olga' } });
    expect(await refusalOf(serve(platform, { socket: { path, user: 'olga' } }))).toMatchObject({
      id: 'already_running',
      status: 409,
    });
    expect((await exchange({ path }, request('GET /account'))).status).toBe(200);
  });

  test('is taken by one server only, however many find a dead one at once', async () => {
    const { platform, folder } = platformAndFolder();
    const path = join(folder, 'socket');
    await leaveDeadSocket(path);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 4 }, () => serving(platform, { socket: { path, user: 'olga' } })),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ id: 'already_running' });
    }
    expect((await exchange({ path }, request('GET /account'))).status).toBe(200);
  });

  test('never takes the place of a file', async () => {
    const { platform, folder } = platformAndFolder();
    const path = join(folder, 'precious');
    writeFileSync(path, 'data');
    expect(await refusalOf(serve(platform, { socket: { path, user: 'olga' } }))).toMatchObject({
      id: 'socket_path_taken',
      status: 409,
    });
    expect(lstatSync(path).isFile()).toBe(true);
  });

  test('has a path that is not too long', async () => {
    const { platform, folder } = platformAndFolder();
    const path = join(folder, 'x'.repeat(104));
    expect(await refusalOf(serve(platform, { socket: { path, user: 'olga' } }))).toMatchObject({
      id: 'socket_path_too_long',
      status: 422,
    });
  });
});

describe('the TCP address', () => {
  test.each([['0.0.0.0'], ['::'], ['192.168.1.1'], ['example.com'], ['127.0.0.1.example.com'], ['']])(
    'is never %j, where others could listen in',
    async (host) => {
      const { platform } = platformAndFolder();
      const refusal = await refusalOf(serve(platform, { listen: { host, port: 0, tokens } }));
      expect(refusal).toMatchObject({ id: 'needs_tls', status: 422 });
    },
  );

  test('is free, or refused; then nothing listens', async () => {
    const { platform, folder } = platformAndFolder();
    const first = await serving(platform, { listen: { host: 'localhost', port: 0, tokens } });
    const port = Number(new URL(first.addresses[0] ?? '').port);
    const socket = join(folder, 'socket');
    const both: Where = {
      listen: { host: '127.0.0.1', port, tokens },
      socket: { path: socket, user: 'olga' },
    };
    expect(await refusalOf(serve(platform, both))).toMatchObject({ id: 'address_in_use', status: 409 });
    expect(existsSync(socket)).toBe(false);
  });

  test('is given up again if there is no socket to be had', async () => {
    const { platform, folder } = platformAndFolder();
    const probe = await serve(platform, { listen: { host: '127.0.0.1', port: 0, tokens } });
    const port = Number(new URL(probe.addresses[0] ?? '').port);
    await probe.close();
    const socket = join(folder, 'file');
    writeFileSync(socket, '');
    const where = { listen: { host: '127.0.0.1', port, tokens } };
    await refusalOf(serve(platform, { ...where, socket: { path: socket, user: 'olga' } }));
    expect((await serving(platform, where)).addresses).toEqual([`http://127.0.0.1:${port}`]);
  });

  test('or a socket there must be', async () => {
    const { platform } = platformAndFolder();
    expect(await refusalOf(serve(platform, {}))).toMatchObject({ id: 'no_address', status: 422 });
  });
});

/** A platform whose `GET /platform` answers when it is let. */
async function withGate(limits = {}) {
  const [gate, entered] = [signal(), signal()];
  const server = await started(limits, (api) => ({
    platform: {
      ...api.platform,
      async info() {
        entered.give();
        await gate.given;
        return api.platform.info();
      },
    },
  }));
  return { server, open: gate.give, entered: entered.given };
}

describe('closing', () => {
  test('lets what is under way finish, and accepts no more', async () => {
    const { server, open, entered } = await withGate();
    const idle = dial(server.unix);
    await once(idle.socket, 'connect');
    const busy = dial(server.unix);
    busy.write(request('GET /platform').replace('Connection: close\r\n', ''));
    await entered;
    const closed = server.close();
    expect(await idle.ended()).toBe('');
    await expect(exchange(server.tcp, request('GET /platform'))).rejects.toThrow('no answer');
    open();
    expect(parseAnswer(await busy.ended())).toMatchObject({ status: 200, headers: { connection: 'close' } });
    await closed;
  });

  test('ends a connection whose answer was on its way when that is read', async () => {
    const large = Array.from({ length: 20_000 }, () => ({ id: 'x'.repeat(500) }));
    const server = await started({ closing: 60_000, idle: 60_000 }, ({ stacks }) => ({
      stacks: {
        ...stacks,
        list: async () => large as unknown as Stack[],
        get: () => Promise.reject(new Error('not asked')),
      },
    }));
    const slow = dial(server.unix);
    slow.write(request('GET /stacks').replace('Connection: close\r\n', ''));
    await once(slow.socket, 'data');
    slow.socket.pause();
    const closed = server.close();
    slow.socket.resume();
    const answer = parseAnswer(await slow.ended());
    expect(JSON.parse(answer.body)).toEqual(large);
    expect(answer.headers.connection).toBe('keep-alive');
    await closed;
  });

  test('ends after a bounded time what does not finish', async () => {
    const { server, entered } = await withGate({ closing: 50 });
    const busy = dial(server.unix);
    busy.write(request('GET /platform'));
    await entered;
    await server.close();
    expect(await busy.ended()).toBe('');
  });
});

describe('clients that take too long', () => {
  const long = 60_000;

  test.each([
    ['over the first line', 'GET /spa', { headers: 60, request: long }],
    [
      'over the headers',
      'GET /spaces HTTP/1.1\r\nHost: localhost\r\nX-Slow: ',
      { headers: 60, request: long },
    ],
    [
      'over the body',
      jsonRequest('POST /spaces', '{"name":', { 'Content-Length': '100' }),
      { headers: 50, request: 60 },
    ],
  ])('%s are told so', async (_, start, limits) => {
    const { unix, api } = await started(limits);
    const wire = dial(unix);
    wire.write(start);
    const answer = parseAnswer(await wire.ended());
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([408, { id: 'request_timeout' }]);
    expect((await api.spaces.list()).items).toHaveLength(1);
  });

  test('drop by drop are no better off', async () => {
    const { unix } = await started({ headers: 60, request: long });
    const wire = dial(unix);
    wire.write('GET /spaces HTTP/1.1\r\nHost: localhost\r\n');
    const drops = setInterval(() => wire.write('X-A: 1\r\n'), 10);
    expect(parseAnswer(await wire.ended()).status).toBe(408);
    clearInterval(drops);
  });

  test('between two requests are disconnected', async () => {
    const { unix } = await started({ idle: 60 });
    const wire = dial(unix);
    wire.write(request('GET /account').replace('Connection: close\r\n', ''));
    expect(parseAnswer(await wire.ended()).status).toBe(200);
  });

  test('are not let in when there are too many', async () => {
    const { unix } = await started({ connections: 2 });
    const [first, second] = [dial(unix), dial(unix)];
    await Promise.all([once(first.socket, 'connect'), once(second.socket, 'connect')]);
    expect(await dial(unix).ended()).toBe('');
    first.write(request('GET /account'));
    expect(parseAnswer(await first.ended()).status).toBe(200);
    second.socket.destroy();
  });
});

describe('a defect', () => {
  test('is told by its id, and what went wrong goes to the log without what was said', async () => {
    const { unix, log } = await started({}, () => ({
      account: {
        async get() {
          throw new TypeError('hunter2hunter2 is not a function');
        },
      },
    }));
    const { status, headers, body } = await exchange(unix, request('GET /account'));
    const requestId = headers['x-request-id'] ?? '';
    expect([status, JSON.parse(body)]).toEqual([
      500,
      {
        id: 'defect',
        message: 'The platform failed.',
        hint: `Its log says more about request ${requestId}.`,
      },
    ]);
    expect(log).toHaveLength(1);
    expect(log[0]).toContain(requestId);
    expect(log[0]).toMatch(/TypeError\n +at .*get/);
    expect(log[0]).not.toContain('hunter2');
    expect((await exchange(unix, request('GET /spaces'))).status).toBe(200);
  });

  test('is also what is thrown that is no error, or an error without a status to send', async () => {
    const { unix, log } = await started({}, ({ stacks }) => ({
      account: {
        get() {
          throw 'hunter2hunter2';
        },
      },
      stacks: {
        ...stacks,
        async list() {
          throw new AppsApiError({ id: 'unreachable', status: 0, message: 'elsewhere' });
        },
        async get() {
          throw new AppsApiError({
            id: 'busy',
            status: 503,
            message: 'Busy.',
            hint: 'Later.',
            details: { a: 1 },
          });
        },
      },
    }));
    expect((await exchange(unix, request('GET /account'))).status).toBe(500);
    expect((await exchange(unix, request('GET /stacks'))).status).toBe(500);
    expect(log).toHaveLength(2);
    expect(log.join()).not.toContain('hunter2');
    const { status, body } = await exchange(unix, request('GET /stacks/local'));
    expect([status, JSON.parse(body)]).toEqual([
      503,
      { id: 'busy', message: 'Busy.', hint: 'Later.', details: { a: 1 } },
    ]);
    expect(log).toHaveLength(2);
  });
});

/** Something that can be waited for until it is given. */
function signal(): { give: () => void; given: Promise<unknown> } {
  const event = new EventEmitter();
  return { give: () => event.emit('given'), given: once(event, 'given') };
}

/** What a server that was killed leaves behind. */
async function leaveDeadSocket(path: string): Promise<void> {
  const parent = join(path, '..');
  mkdirSync(parent, { recursive: true });
  const hidden = `${path}.live`;
  const dead = createServer();
  dead.listen(hidden);
  await once(dead, 'listening');
  // Closing removes the path it listened on; under its new name the socket stays.
  renameSync(hidden, path);
  dead.close();
  await once(dead, 'close');
  chmodSync(path, 0o666);
}
