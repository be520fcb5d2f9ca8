import type { IncomingMessage, ServerResponse } from 'node:http';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { exchangeBytes, get, HOST, type Ingress, session, startIngress } from './ingress.js';

let ingress: Ingress;
const reached: string[] = [];

beforeAll(async () => {
  ingress = await startIngress();
  const upstream = await ingress.dynos.start(
    'web.1',
    (request: IncomingMessage, response: ServerResponse) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const { upgrade = 'no upgrade', host = '' } = request.headers;
        reached.push(`${request.method} ${request.url} ${host} ${upgrade} ${body.length}`);
        response.end('ok');
      });
    },
  );
  ingress.route(HOST, [upstream]);
});

/** Asks a dyno that answers with these bytes. */
async function routeRaw(name: string, bytes: string | Buffer): Promise<string> {
  const host = `${name}-shop.local.localhost`;
  ingress.route(host, [
    await ingress.dynos.startRaw(`${name}.1`, (socket) => {
      if (Buffer.isBuffer(bytes)) socket.write(bytes);
      else socket.end(bytes);
    }),
  ]);
  return host;
}

describe('a target in absolute form', () => {
  test.each([
    ['a path', `GET https://${HOST}/a?b HTTP/1.1\r\nHost: ${HOST}`, `GET /a?b ${HOST} no upgrade 0`],
    ['no path', `GET http://${HOST.toUpperCase()} HTTP/1.1\r\nHost: ${HOST}`, `GET / ${HOST} no upgrade 0`],
    ['a query alone', `GET http://${HOST}:443?b HTTP/1.1\r\nHost: ${HOST}`, `GET /?b ${HOST} no upgrade 0`],
    [
      'no path for OPTIONS',
      `OPTIONS http://${HOST} HTTP/1.1\r\nHost: ${HOST}`,
      `OPTIONS * ${HOST} no upgrade 0`,
    ],
    ['the only host', `GET http://${HOST}/old HTTP/1.0`, `GET /old ${HOST} no upgrade 0`],
  ])('with %s reaches the dyno in origin form', async (_, head, seen) => {
    reached.length = 0;
    const text = await exchangeBytes(ingress, `${head}\r\nConnection: close\r\n\r\n`);
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
    expect(reached).toEqual([seen]);
  });

  test.each([`https://other.local.localhost/`, `https://u@${HOST}/`, `ftp://${HOST}/`, 'https:///a'])(
    'that is %s is refused',
    async (target) => {
      reached.length = 0;
      const bytes = `GET ${target} HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`;
      expect(await exchangeBytes(ingress, bytes)).toMatch(/^HTTP\/1\.1 400 /);
      expect(reached).toEqual([]);
    },
  );
});

describe('a wish to switch to a protocol that the router does not know', () => {
  test.each(['h2c', 'TLS/1.2', 'HTTP/2.0, IRC/6.9'])('is ignored: %s', async (upgrade) => {
    reached.length = 0;
    const wish = `Connection: Upgrade, HTTP2-Settings\r\nUpgrade: ${upgrade}\r\nHTTP2-Settings: AAMAAABk`;
    const body = 'hello'.repeat(10_000);
    const bytes =
      `POST /a HTTP/1.1\r\nHost: ${HOST}\r\n${wish}\r\nContent-Length: ${body.length}\r\n\r\n${body}` +
      `GET /c HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`;
    const text = await exchangeBytes(ingress, bytes);
    expect(text.match(/HTTP\/1\.1 200 /g)).toHaveLength(2);
    // Each goes to the dyno on a connection of its own.
    expect(reached.toSorted()).toEqual([
      `GET /c ${HOST} no upgrade 0`,
      `POST /a ${HOST} no upgrade ${body.length}`,
    ]);
  });
});

describe('the answer of a dyno', () => {
  test('loses blanks before the colon of a header', async () => {
    const host = await routeRaw('blank', 'HTTP/1.1 200 OK\r\nX-One : 1\r\nContent-Length\t: 2\r\n\r\nok');
    const { status, headers, body } = await get(ingress, { host });
    expect([status, headers['x-one'], body]).toEqual([200, '1', 'ok']);
  });

  const hints =
    'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload, </b.js>; rel=preload\r\nX: 1\r\n\r\n';
  const answer = `${hints}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok`;

  test('may have early hints, which come first', async () => {
    const host = await routeRaw('early', answer);
    const ask = (version: string) =>
      exchangeBytes(ingress, `GET / HTTP/${version}\r\nHost: ${host}\r\nConnection: close\r\n\r\n`, host);
    const text = await ask('1.1');
    expect(text).toMatch(
      /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a\.css>; rel=preload, <\/b\.js>; rel=preload\r\n\r\nHTTP\/1\.1 200 OK\r\n/,
    );
    expect(text).toMatch(/\r\n\r\nok$/);
    expect(await ask('1.0')).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });

  test('may have early hints over HTTP/2', async () => {
    const host = await routeRaw('early2', answer);
    const client = session(ingress);
    const stream = client.request({ ':path': '/', ':authority': host });
    const seen: unknown[] = [];
    stream.on('headers', (headers) => seen.push([headers[':status'], headers['link']]));
    stream.on('response', (headers) => seen.push(headers[':status']));
    stream.resume();
    await new Promise((resolve) => stream.once('close', resolve));
    client.close();
    expect(seen).toEqual([[103, '</a.css>; rel=preload, </b.js>; rel=preload'], 200]);
  });

  test('in another protocol is named as that, at once', async () => {
    // The settings of HTTP/2, as a gRPC server sends them.
    const host = await routeRaw('grpc', Buffer.from([0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 100]));
    const { status, body } = await get(ingress, { host, headers: { Accept: 'application/json' } });
    expect(status).toBe(502);
    expect(JSON.parse(body)).toEqual({
      id: 'bad_answer',
      message:
        'The app does not answer in HTTP/1.1. The router speaks nothing else to apps: no HTTP/2, and so no gRPC.',
    });
  });
});
