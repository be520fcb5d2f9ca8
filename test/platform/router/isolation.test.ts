import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from '@jest/globals';
import type { RouterOptions } from '../../../src/platform/router/router.js';
import { exchangeBytes, get, HOST, type Ingress, secure, session, startIngress, until } from './ingress.js';

/** An ingress with an app whose dyno sends these bytes, whatever it is asked, and another that works. */
async function withDyno(bytes: string, options: Partial<RouterOptions> = {}): Promise<Ingress> {
  const ingress = await startIngress(options);
  ingress.route(HOST, [await ingress.dynos.startRaw('web.1', (socket) => socket.end(bytes, 'latin1'))]);
  const other = await ingress.dynos.start('other.1', (_, response) => response.end('works'));
  ingress.route('other-shop.local.localhost', [other]);
  return ingress;
}

async function expectOtherWorks(ingress: Ingress): Promise<void> {
  expect(await get(ingress, { host: 'other-shop.local.localhost' })).toMatchObject({
    status: 200,
    body: 'works',
  });
}

/** The status of a response over HTTP/2, and whether its stream ended in order. */
function overHttp2(ingress: Ingress, headers = {}): Promise<{ status: number; isWhole: boolean }> {
  const opened = session(ingress);
  const stream = opened.request({ ':path': '/', ...headers });
  return new Promise((resolve) => {
    let status = 0;
    stream.on('response', ({ ':status': code }) => (status = Number(code)));
    stream.on('error', () => {});
    stream.resume();
    stream.once('close', () => {
      opened.destroy();
      resolve({ status, isWhole: stream.rstCode === 0 });
    });
  });
}

describe('a request line of another version', () => {
  test.each(['HTTP/2.0', 'HTTP/0.9', 'HTTP/1.2', 'HTTP/3.0'])('%s is refused with 505', async (version) => {
    const ingress = await withDyno('HTTP/1.1 204 No Content\r\n\r\n');
    const answer = await exchangeBytes(ingress, `GET / ${version}\r\nHost: ${HOST}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 505 /);
    await expectOtherWorks(ingress);
  });

  test.each(['HTTP/2.0', 'HTTP/1.2'])('also by the server of plain HTTP, %s', async (version) => {
    const ingress = await startIngress();
    const socket = connect(ingress.router.addresses.redirects[0]?.port ?? 0, '127.0.0.1');
    socket.write(`GET / ${version}\r\nHost: ${HOST}\r\n\r\n`);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 505 /);
  });

  test('also where it asks for an upgrade', async () => {
    const ingress = await withDyno('HTTP/1.1 204 No Content\r\n\r\n');
    const answer = await exchangeBytes(
      ingress,
      `GET / HTTP/2.0\r\nHost: ${HOST}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 505 /);
    await expectOtherWorks(ingress);
  });
});

describe('a dyno that answers a client of HTTP/2', () => {
  test.each([
    ['a single-value header twice', 'ETag: "a"\r\nETag: "b"\r\n', 502],
    ['two dates', 'Date: x\r\nDate: y\r\n', 502],
    ['two content types', 'Content-Type: a/b\r\nContent-Type: c/d\r\n', 502],
    ['headers of its connection', 'HTTP2-Settings: x\r\nProxy-Connection: close\r\n', 200],
  ])('with %s', async (_, headers, status) => {
    const ingress = await withDyno(`HTTP/1.1 200 OK\r\n${headers}Content-Length: 0\r\n\r\n`);
    expect(await overHttp2(ingress)).toEqual({ status, isWhole: true });
    await expectOtherWorks(ingress);
  });

  test('with a trailer twice: the response breaks off', async () => {
    const ingress = await withDyno(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nETag: "a"\r\nETag: "b"\r\n\r\n',
    );
    expect(await overHttp2(ingress)).toEqual({ status: 200, isWhole: false });
    await expectOtherWorks(ingress);
  });

  test.each([600, 999])('with status %d', async (status) => {
    const ingress = await withDyno(`HTTP/1.1 ${status} Odd\r\nContent-Length: 0\r\n\r\n`);
    expect(await overHttp2(ingress)).toEqual({ status: 502, isWhole: true });
    expect((await get(ingress)).status).toBe(502);
    await expectOtherWorks(ingress);
  });

  test.each([204, 205, 304])('with a body in a response that has none, %d', async (status) => {
    const ingress = await withDyno(`HTTP/1.1 ${status} Odd\r\nContent-Length: 5\r\n\r\nhello`);
    expect(await overHttp2(ingress)).toEqual({ status, isWhole: true });
    await expectOtherWorks(ingress);
  });
});

test('205 tells a client of HTTP/1.1 that it has no content, and has none', async () => {
  const ingress = await withDyno('HTTP/1.1 205 Reset Content\r\nContent-Length: 5\r\n\r\nhello');
  const answer = await exchangeBytes(ingress, `GET / HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1\.1 205 /);
  expect(answer).toMatch(/\r\nContent-Length: 0\r\n/);
  expect(answer).toMatch(/\r\n\r\n$/);
});

test('a request with more headers than the router passes on is refused with 431', async () => {
  const ingress = await withDyno('HTTP/1.1 204 No Content\r\n\r\n');
  const ask = (count: number): Promise<string> =>
    exchangeBytes(
      ingress,
      `GET / HTTP/1.1\r\nHost: ${HOST}\r\n${'A: 1\r\n'.repeat(count)}Connection: close\r\n\r\n`,
    );
  expect(await ask(1998)).toMatch(/^HTTP\/1\.1 204 /);
  expect(await ask(1999)).toMatch(/^HTTP\/1\.1 431 /);
});

test('a dyno that drops headers above a number has those of the router, however many the client sends', async () => {
  const ingress = await startIngress();
  const dyno = await ingress.dynos.start('web.1', ({ headers }, response) =>
    response.end(
      [headers['x-forwarded-for'], headers['x-forwarded-proto'], headers['x-request-id']].join(' '),
    ),
  );
  ingress.route(HOST, [dyno]);
  const headers = `${'A: 1\r\n'.repeat(1990)}X-Request-Id: mine\r\nConnection: close\r\n`;
  const answer = await exchangeBytes(ingress, `GET / HTTP/1.1\r\nHost: ${HOST}\r\n${headers}\r\n`);
  expect(answer).toMatch(/\r\n127\.0\.0\.1 https mine$/);
});

test('a client of HTTP/2 has a response to 300 headers', async () => {
  const ingress = await withDyno('HTTP/1.1 204 No Content\r\n\r\n');
  const many = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`a${at}`, '1']));
  expect(await overHttp2(ingress, many)).toEqual({ status: 204, isWhole: true });
});

test.each([
  ['an unknown expectation', `Host: ${HOST}\r\nExpect: a\r\n`, 417],
  ['no host', '', 400],
])('an upgrade behind a request with %s ends its connection, and no other', async (_, headers, status) => {
  const defects: unknown[] = [];
  const ingress = await withDyno('HTTP/1.1 204 No Content\r\n\r\n', {
    onDefect: (error) => defects.push(error),
  });
  const upgrade = `GET /ws HTTP/1.1\r\nHost: ${HOST}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;
  const answer = await exchangeBytes(ingress, `GET / HTTP/1.1\r\n${headers}\r\n`);
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  await exchangeBytes(ingress, `GET / HTTP/1.1\r\n${headers}\r\n${upgrade}`);
  expect(defects).toEqual([]);
  await expectOtherWorks(ingress);
});

test('an upgrade behind a request that waits for its response ends its connection, and no other', async () => {
  const ingress = await startIngress();
  ingress.route(HOST, [await ingress.dynos.startRaw('web.1', () => {})]);
  const other = await ingress.dynos.start('other.1', (_, response) => response.end('works'));
  ingress.route('other-shop.local.localhost', [other]);
  const upgrade = `GET /ws HTTP/1.1\r\nHost: ${HOST}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;
  expect(await exchangeBytes(ingress, `GET / HTTP/1.1\r\nHost: ${HOST}\r\n\r\n${upgrade}`)).toBe('');
  await expectOtherWorks(ingress);
});

describe('a dyno that does not accept connections in time', () => {
  test('is busy: 503 with Retry-After', async () => {
    const ingress = await startIngress({ dial: () => new Promise(() => {}), limits: { dial: 20 } });
    ingress.route(HOST, [{ dyno: 'web.1', port: 1 }]);
    expect(await get(ingress)).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
  });
});

describe('a defect', () => {
  test('in an exchange ends that exchange, is reported, and the connection goes on', async () => {
    const defects: unknown[] = [];
    let isBroken = true;
    const ingress = await startIngress({
      onDefect: (error) => defects.push(error),
      routes: {
        find() {
          if (isBroken) throw new Error('the table of routes is broken');
          return undefined;
        },
      },
    });
    const socket = await secure(ingress);
    socket.write(`GET / HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`);
    await until(socket, '502 ');
    isBroken = false;
    socket.write(`GET / HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`);
    await until(socket, '404 ');
    expect(defects.map(String)).toEqual(['Error: the table of routes is broken']);
    socket.destroy();
  });

  test('in the log of requests is reported, and the client has its response', async () => {
    const defects: unknown[] = [];
    const ingress = await startIngress({
      onDefect: (error) => defects.push(error),
      onRequest: () => {
        throw new Error('the disk is full');
      },
    });
    expect((await get(ingress)).status).toBe(404);
    expect(defects.map(String)).toEqual(['Error: the disk is full']);
  });
});
