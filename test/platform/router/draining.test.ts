import type { Server, ServerResponse } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import type { Upstream } from '../../../src/platform/router/routes.js';
import { get, HOST, holds, type Ingress, secure, session, startIngress, until } from './ingress.js';

const hello = (_: unknown, response: ServerResponse): void => void response.end('hello');

describe('of several dynos', () => {
  test('each gets its turn, and the one with the least to do comes first', async () => {
    const ingress = await startIngress();
    const waiting: ServerResponse[] = [];
    const count = new Map<string, number>();
    const named = (name: string) =>
      ingress.dynos.start(name, (request, response) => {
        count.set(name, (count.get(name) ?? 0) + 1);
        if (request.url === '/wait') waiting.push(response);
        else response.end(name);
      });
    ingress.route(HOST, [await named('web.1'), await named('web.2'), await named('web.3')]);
    for (let time = 0; time < 9; time++) await get(ingress);
    expect([...count.values()]).toEqual([3, 3, 3]);
    const slow = get(ingress, { path: '/wait' });
    await holds(() => waiting.length === 1);
    const busy = ['web.1', 'web.2', 'web.3'].find((dyno) => ingress.router.busy(dyno) === 1);
    for (let time = 0; time < 6; time++) expect((await get(ingress)).body).not.toBe(busy);
    waiting[0]?.end('at last');
    expect((await slow).body).toBe('at last');
  });

  test('one that refuses connections is passed over, for requests with a body too', async () => {
    const ingress = await startIngress();
    const echo = await ingress.dynos.start('web.2', (request, response) => request.pipe(response));
    ingress.route(HOST, [{ dyno: 'web.1', port: 1 }, echo, { dyno: 'web.3', port: 1 }]);
    for (let time = 0; time < 6; time++) {
      expect(await get(ingress, { method: 'POST', body: 'whole' })).toMatchObject({
        status: 200,
        body: 'whole',
      });
    }
    expect([ingress.router.busy('web.1'), ingress.router.busy('web.2')]).toEqual([0, 0]);
  });
});

async function keeping(handler = hello): Promise<{ ingress: Ingress; sockets: Socket[]; web: Upstream }> {
  const ingress = await startIngress();
  const sockets: Socket[] = [];
  const web = await ingress.dynos.start('web.1', handler, (server: Server) =>
    server.on('connection', (socket: Socket) => sockets.push(socket)),
  );
  ingress.route(HOST, [web]);
  return { ingress, sockets, web };
}

describe('a connection that is kept', () => {
  test('carries many requests', async () => {
    const { ingress, sockets } = await keeping();
    for (let time = 0; time < 10; time++) await get(ingress);
    expect(sockets.length).toBe(1);
  });

  test('and was just closed costs no request', async () => {
    const { ingress, sockets } = await keeping();
    for (let time = 0; time < 50; time++) {
      // At the same moment, so that some requests are written before the end is noticed.
      const asked = get(ingress);
      for (const socket of sockets) socket.destroy();
      const answer = await asked.catch((error: unknown) => ({ status: 0, body: String(error) }));
      // A request that had reached the dyno when it broke off is the only one that may fail.
      if (answer.status !== 502) expect(answer).toMatchObject({ status: 200, body: 'hello' });
    }
    await get(ingress);
    const asked = secure(ingress);
    const socket = await asked;
    for (const each of sockets) each.end();
    const came = until(socket, 'hello');
    socket.write(`GET / HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`);
    expect(await came).toMatch(/^HTTP\/1\.1 200 /);
    socket.destroy();
  });

  test('never carries what must not be sent twice', async () => {
    const { ingress, sockets } = await keeping();
    for (let time = 0; time < 3; time++) await get(ingress, { method: 'POST', body: 'x' });
    expect(sockets.length).toBe(3);
  });

  test('that breaks off in the middle of an answer is seen by the client', async () => {
    const { ingress } = await keeping((_, response) => {
      response.writeHead(200, { 'Content-Length': 10 });
      response.write('half', () => response.socket?.destroy());
    });
    await expect(get(ingress)).rejects.toThrow();
    const client = session(ingress);
    const stream = client.request({ ':path': '/' });
    await expect(
      new Promise((resolve, reject) => stream.on('error', reject).on('end', resolve).resume()),
    ).rejects.toThrow(/INTERNAL_ERROR/);
    client.destroy();
  });
});

test('a dyno that left finishes what it has, gets nothing new, and its kept connections are closed', async () => {
  const ingress = await startIngress();
  const waiting: ServerResponse[] = [];
  const sockets = new Set<Socket>();
  const old = await ingress.dynos.start(
    'web.1',
    (request, response) => {
      if (request.url === '/wait') waiting.push(response);
      else response.end('old');
    },
    (server) =>
      server.on('connection', (socket: Socket) => {
        sockets.add(socket);
        socket.once('close', () => sockets.delete(socket));
      }),
  );
  ingress.route(HOST, [old]);
  await Promise.all([get(ingress), get(ingress), get(ingress)]);
  const slow = get(ingress, { path: '/wait' });
  await holds(() => waiting.length === 1);
  ingress.route(HOST, [await ingress.dynos.start('web.2', (_, response) => response.end('new'))]);
  expect((await get(ingress)).body).toBe('new');
  expect(await ingress.router.idle('web.1', 20)).toBe(false);
  const idle = ingress.router.idle('web.1', 5000);
  waiting[0]?.end('finished');
  expect(await idle).toBe(true);
  expect((await slow).body).toBe('finished');
  await holds(() => sockets.size === 0);
  expect(await ingress.router.idle('nobody', 1)).toBe(true);
});

test('a release of four dynos under 200 requests a second loses none', async () => {
  const ingress = await startIngress();
  const start = (release: number) =>
    Promise.all(
      [1, 2, 3, 4].map((number) =>
        ingress.dynos.start(`v${release}.${number}`, (_, response) => {
          setTimeout(() => response.end(`v${release}`), 5);
        }),
      ),
    );
  let current = await start(1);
  ingress.route(HOST, current);
  const agent = new Agent({
    keepAlive: true,
    maxSockets: 32,
    ca: ingress.authority.certificate,
    servername: HOST,
  });
  const ask = (method: string): Promise<string> =>
    new Promise((resolve) => {
      const options = { host: '127.0.0.1', port: ingress.port, agent, method, headers: { Host: HOST } };
      const request = httpsRequest(options, (response) => {
        response.resume().on('end', () => resolve(String(response.statusCode)));
      });
      request.on('error', (error) => resolve(error.message));
      request.end(method === 'POST' ? 'body' : undefined);
    });
  const outcomes: Promise<string>[] = [];
  const ticking = setInterval(() => {
    for (let each = 0; each < 2; each++) outcomes.push(ask(outcomes.length % 5 === 0 ? 'POST' : 'GET'));
  }, 10);
  // Three releases, one after the other, as the reconciler does them.
  for (let release = 2; release <= 4; release++) {
    await holds(() => outcomes.length >= (release - 1) * 150);
    const next = await start(release);
    ingress.route(HOST, next);
    for (const { dyno } of current) {
      expect(await ingress.router.idle(dyno, 5000)).toBe(true);
      await ingress.dynos.stop(dyno);
    }
    current = next;
  }
  await holds(() => outcomes.length >= 600);
  clearInterval(ticking);
  const all = await Promise.all(outcomes);
  agent.destroy();
  expect(all.filter((outcome) => outcome !== '200')).toEqual([]);
});

describe('closing', () => {
  test('finishes what is under way over both versions of HTTP, and takes nothing new', async () => {
    const ingress = await startIngress();
    const waiting: ServerResponse[] = [];
    ingress.route(HOST, [await ingress.dynos.start('web.1', (_, response) => waiting.push(response))]);
    const client = session(ingress);
    let goaway = false;
    client.on('goaway', () => (goaway = true));
    const stream = client.request({ ':path': '/' });
    let text = '';
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    const ended = new Promise((resolve) => stream.once('end', resolve));
    const slow = get(ingress);
    const idle = await secure(ingress);
    const idleClosed = new Promise((resolve) => idle.once('close', resolve).resume());
    await holds(() => waiting.length === 2);
    const closed = ingress.router.close();
    await idleClosed;
    await holds(() => goaway);
    await expect(get(ingress)).rejects.toThrow(/ECONNREFUSED/);
    for (const response of waiting) response.end('to the end');
    expect((await slow).body).toBe('to the end');
    await ended;
    expect(text).toBe('to the end');
    await closed;
  });

  test('cuts off what takes longer than it may', async () => {
    const ingress = await startIngress({ limits: { closing: 50 } });
    let asked = false;
    ingress.route(HOST, [await ingress.dynos.start('web.1', () => (asked = true))]);
    const never = get(ingress).then(
      () => 'answered',
      () => 'cut off',
    );
    await holds(() => asked);
    await ingress.router.close();
    expect(await never).toBe('cut off');
    expect(ingress.router.busy('web.1')).toBe(0);
  });
});
