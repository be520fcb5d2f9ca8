import type { IncomingMessage, ServerResponse } from 'node:http';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  exchangeBytes,
  get,
  getPlain,
  HOST,
  holds,
  type Ingress,
  secure,
  session,
  startIngress,
  until,
} from './ingress.js';

let ingress: Ingress;
let handler: (request: IncomingMessage, response: ServerResponse) => void;
beforeAll(async () => {
  ingress = await startIngress();
  ingress.route(HOST, [
    await ingress.dynos.start('web.1', (request, response) => handler(request, response)),
  ]);
});

/** Answers with what was asked. */
function echo(request: IncomingMessage, response: ServerResponse): void {
  let body = '';
  request.on('data', (chunk: Buffer) => (body += chunk.toString()));
  request.on('end', () => {
    response.setHeader('Content-Type', 'application/json');
    response.end(
      JSON.stringify({
        method: request.method,
        url: request.url,
        raw: request.rawHeaders,
        headers: request.headers,
        body,
      }),
    );
  });
}

interface Seen {
  method: string;
  url: string;
  raw: string[];
  headers: Record<string, string | undefined>;
  body: string;
}

/** The bytes of a request without a body. */
const ask = (line: string, more = ''): string => `${line} HTTP/1.1\r\nHost: ${HOST}\r\n${more}\r\n`;

describe('a request over HTTP/1.1', () => {
  test('reaches the dyno as it was asked, and so does its body', async () => {
    handler = echo;
    const { status, body, headers } = await get(ingress, {
      method: 'POST',
      path: '/a/b?c=%20d',
      body: 'hello',
    });
    expect(status).toBe(200);
    const seen = JSON.parse(body) as Seen;
    expect(seen).toMatchObject({ method: 'POST', url: '/a/b?c=%20d', body: 'hello' });
    expect(seen.headers['host']).toBe(`${HOST}:${ingress.port}`);
    expect(seen.headers['x-request-id']).toBe(headers['x-request-id']);
  });

  test('says where it came from, whatever the client says', async () => {
    handler = echo;
    const lies = {
      'X-Forwarded-For': '6.6.6.6',
      X_Forwarded_For: '6.6.6.6',
      'x-forwarded-proto': 'http',
      'X-Forwarded-Host': 'evil.example',
      'X-Forwarded-Port': '1',
      'X-Real-IP': '6.6.6.6',
      Forwarded: 'for=6.6.6.6',
      'X-Request-Id': 'mine-1',
    };
    const seen = JSON.parse((await get(ingress, { headers: lies })).body) as Seen;
    expect(seen.headers).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': `${HOST}:${ingress.port}`,
      'x-forwarded-port': String(ingress.port),
      'x-request-id': 'mine-1',
    });
    expect(JSON.stringify(seen.raw)).not.toMatch(/6\.6\.6\.6|evil/);
    const other = JSON.parse((await get(ingress, { headers: { 'X-Request-Id': 'not sane' } })).body) as Seen;
    expect(other.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('loses what is of its connection only, and the answer too', async () => {
    let seen: string[] = [];
    handler = (request, response) => {
      seen = request.rawHeaders.map((each) => each.toLowerCase());
      response.writeHead(200, {
        Connection: 'X-Inner',
        'X-Inner': '1',
        'Proxy-Authenticate': 'Basic',
        'X-Outer': '2',
      });
      response.end('ok');
    };
    const { headers } = await get(ingress, {
      headers: {
        Connection: 'close, X-Hop',
        'X-Hop': '1',
        TE: 'trailers',
        'Proxy-Authorization': 'x',
        'X-Kept': '1',
      },
    });
    for (const name of ['x-hop', 'te', 'proxy-authorization', 'connection']) expect(seen).not.toContain(name);
    expect(seen).toContain('x-kept');
    expect(headers['x-outer']).toBe('2');
    expect(headers).not.toHaveProperty('x-inner');
    expect(headers).not.toHaveProperty('proxy-authenticate');
  });

  test('streams both ways without waiting for more', async () => {
    handler = (request, response) => {
      response.flushHeaders();
      request.on('data', (chunk: Buffer) => response.write(`got ${chunk.toString()};`));
      request.on('end', () => response.end('done'));
    };
    const socket = await secure(ingress);
    socket.write(`POST /up HTTP/1.1\r\nHost: ${HOST}\r\nTransfer-Encoding: chunked\r\n\r\n`);
    // Nothing of the body is there, and the answer has begun.
    await until(socket, '200 OK');
    for (const word of ['one', 'two']) {
      const came = until(socket, `got ${word};`);
      socket.write(`3\r\n${word}\r\n`);
      await came;
    }
    const end = until(socket, 'done');
    socket.write('0\r\n\r\n');
    await end;
    socket.destroy();
  });

  test('gets server-sent events one by one, and its leaving is told to the dyno', async () => {
    let stream: ServerResponse | undefined;
    let left = false;
    handler = (request, response) => {
      stream = response;
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.flushHeaders();
      request.socket.once('close', () => (left = true));
    };
    const socket = await secure(ingress);
    const begun = until(socket, 'text/event-stream');
    socket.write(`GET /events HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`);
    await begun;
    for (const event of ['first', 'second']) {
      const came = until(socket, `data: ${event}`);
      stream?.write(`data: ${event}\n\n`);
      await came;
    }
    expect(ingress.router.busy('web.1')).toBe(1);
    socket.destroy();
    await holds(() => left);
    expect(ingress.router.busy('web.1')).toBe(0);
    expect(ingress.records.at(-1)).toMatchObject({ path: '/events', status: 499 });
  });

  test('keeps trailers in both directions', async () => {
    let trailers: unknown;
    handler = (request, response) => {
      request.resume().on('end', () => {
        trailers = request.trailers;
        response.writeHead(200, { Trailer: 'X-Sum' });
        response.write('body');
        response.addTrailers({ 'X-Sum': '42' });
        response.end();
      });
    };
    const text = await exchangeBytes(
      ingress,
      `POST / HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-In: 7\r\nX-Forwarded-For: 10.9.9.9\r\nX_Request_Id: mine\r\nHost: other\r\n\r\n`,
    );
    // And nothing that could pass for the router's own word.
    expect(trailers).toEqual({ 'x-in': '7' });
    expect(text).toMatch(/0\r\nx-sum: 42\r\n\r\n$/i);
  });

  test('HEAD, 204 and 304 have no body, and what follows on the connection is right', async () => {
    handler = (request, response) => {
      if (request.url === '/204') response.writeHead(204);
      else if (request.url === '/304') response.writeHead(304, { ETag: '"x"' });
      else response.writeHead(200, { 'Content-Length': 5 });
      response.end(request.method === 'HEAD' || request.url !== '/last' ? undefined : 'hello');
    };
    const text = await exchangeBytes(
      ingress,
      ask('HEAD /') + ask('GET /204') + ask('GET /304') + ask('GET /last', 'Connection: close\r\n'),
    );
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual([
      'HTTP/1.1 200',
      'HTTP/1.1 204',
      'HTTP/1.1 304',
      'HTTP/1.1 200',
    ]);
    expect(text.endsWith('\r\n\r\nhello')).toBe(true);
  });

  test('a large body is whole on its way there and back', async () => {
    handler = (request, response) => request.pipe(response);
    const body = 'abcdefghij'.repeat(400_000);
    const answer = await get(ingress, { method: 'PUT', body });
    expect(answer.body.length).toBe(body.length);
    expect(answer.body === body).toBe(true);
  });

  test('is told to the log of its app without the query', async () => {
    handler = (_, response) => response.end('twelve bytes');
    await get(ingress, { path: '/x?token=secret', headers: { 'X-Request-Id': 'log-1' } });
    await holds(() => ingress.records.some(({ requestId }) => requestId === 'log-1'));
    const record = ingress.records.find(({ requestId }) => requestId === 'log-1');
    expect(record).toMatchObject({
      app: 'web-shop',
      method: 'GET',
      host: HOST,
      path: '/x',
      protocol: 'HTTP/1.1',
      status: 200,
      bytes: 12,
      dyno: 'web.1',
      from: '127.0.0.1',
    });
    expect(record?.ms).toBeGreaterThan(0);
  });
});

describe('a request over HTTP/2', () => {
  test('reaches the dyno as HTTP/1.1, with many at once on one connection', async () => {
    handler = echo;
    const client = session(ingress);
    const all = await Promise.all(
      Array.from({ length: 20 }, async (_, number) => {
        const stream = client.request({ ':path': `/n/${number}`, ':method': 'POST', cookie: 'a=1' });
        stream.end(`body ${number}`);
        let text = '';
        for await (const chunk of stream.setEncoding('utf8')) text += chunk;
        return JSON.parse(text) as Seen;
      }),
    );
    client.close();
    expect(all.map(({ url, body }) => [url, body])).toEqual(all.map((_, n) => [`/n/${n}`, `body ${n}`]));
    expect(all[0]?.headers).toMatchObject({
      host: `${HOST}:${ingress.port}`,
      'x-forwarded-for': '127.0.0.1',
      cookie: 'a=1',
    });
  });

  test('gets an answer in streams, with trailers and several cookies', async () => {
    let stream: ServerResponse | undefined;
    handler = (_, response) => {
      stream = response;
      response.writeHead(200, [
        'Set-Cookie',
        'a=1',
        'Set-Cookie',
        'b=2',
        'Trailer',
        'X-Sum',
        'Connection',
        'close',
      ]);
      response.flushHeaders();
    };
    const client = session(ingress);
    const asked = client.request({ ':path': '/' });
    const headers = await new Promise<Record<string, unknown>>((resolve) => asked.once('response', resolve));
    expect(headers).toMatchObject({ ':status': 200, 'set-cookie': ['a=1', 'b=2'] });
    expect(headers).not.toHaveProperty('connection');
    stream?.write('part');
    await new Promise((resolve) => asked.once('data', resolve));
    const trailers = new Promise((resolve) => asked.once('trailers', resolve));
    stream?.addTrailers({ 'X-Sum': '1' });
    stream?.end();
    asked.resume();
    expect(await trailers).toMatchObject({ 'x-sum': '1' });
    client.close();
  });

  test('with a path that would be two lines in HTTP/1 is refused', async () => {
    let reached = 0;
    handler = (_, response) => {
      reached++;
      response.end();
    };
    for (const headers of [
      { ':path': '/ HTTP/1.1\r\nX-Smuggled: 1' },
      { ':path': '/a b' },
      { ':path': 'https://other.example/' },
      { ':path': '/', ':authority': HOST, host: 'other.local.localhost' },
      { ':path': '/', 'transfer-encoding': 'chunked' },
    ]) {
      const client = session(ingress);
      const outcome = await new Promise<unknown>((resolve) => {
        try {
          const stream = client.request(headers, { endStream: true });
          stream.once('response', (answer) => resolve(answer[':status']));
          stream.once('error', () => resolve('refused'));
        } catch {
          resolve('refused');
        }
      });
      expect([400, 'refused']).toContain(outcome);
      client.destroy();
    }
    expect(reached).toBe(0);
  });
});

describe('plain HTTP', () => {
  test('is sent to https, with the port of the router', async () => {
    const [redirect] = ingress.router.addresses.redirects;
    const { status, headers } = await getPlain(
      redirect?.port ?? 0,
      { Host: `${HOST}:${redirect?.port}` },
      '/a?b=c',
    );
    expect([status, headers.location]).toEqual([308, `https://${HOST}:${ingress.port}/a?b=c`]);
    expect((await getPlain(redirect?.port ?? 0, { Host: 'evil/x' })).status).toBe(400);
  });
});
