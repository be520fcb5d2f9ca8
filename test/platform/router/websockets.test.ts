import { createHash } from 'node:crypto';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { exchangeBytes, HOST, holds, type Ingress, secure, session, startIngress, until } from './ingress.js';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const accept = (key: string): string =>
  createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
const upgrade = (path = '/'): string =>
  `GET ${path} HTTP/1.1\r\nHost: ${HOST}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${KEY}\r\n\r\n`;

let ingress: Ingress;
let dynoSide: Socket | undefined;
/** Has a dyno speak something like WebSocket: it says hello, and echoes. */
const speak = (server: Server): void => {
  server.on('upgrade', (request, socket: Socket, head: Buffer) => {
    if (request.url === '/no')
      return void socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno');
    dynoSide = socket;
    socket.on('error', () => {}).on('end', () => socket.end());
    const { 'sec-websocket-key': key = '', 'x-forwarded-for': from } = request.headers;
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-From: ${String(from)}\r\n` +
        `Sec-WebSocket-Accept: ${request.url === '/wrong' ? 'x' : accept(key)}\r\n\r\nhello;`,
    );
    const echo = (chunk: Buffer): void => void socket.write(`echo ${chunk.toString()};`);
    if (head.length > 0) echo(head);
    socket.on('data', echo);
  });
};

beforeAll(async () => {
  ingress = await startIngress();
  ingress.route(HOST, [await ingress.dynos.start('web.1', (_, response) => response.end('plain'), speak)]);
});

describe('a WebSocket over HTTP/1.1', () => {
  test('joins client and dyno, what was sent early included, until either leaves', async () => {
    const socket = await secure(ingress);
    const came = until(socket, 'echo early;');
    socket.write(`${upgrade()}early`);
    const text = await came;
    expect(text).toMatch(/^HTTP\/1\.1 101 /);
    expect(text).toContain(`Sec-WebSocket-Accept: ${accept(KEY)}`);
    expect(text).toContain('X-From: 127.0.0.1');
    expect(text).toContain('hello;');
    const late = until(socket, 'echo late;');
    socket.write('late');
    await late;
    expect(ingress.router.busy('web.1')).toBe(1);
    const gone = new Promise((resolve) => dynoSide?.once('close', resolve));
    socket.destroy();
    await gone;
    await holds(() => ingress.router.busy('web.1') === 0);
    expect(ingress.records.at(-1)).toMatchObject({ status: 101, app: 'web-shop', dyno: 'web.1' });
  });

  test('that the dyno refuses gets its answer', async () => {
    expect(await exchangeBytes(ingress, upgrade('/no'))).toMatch(
      /^HTTP\/1\.1 403 Forbidden\r\n.*\r\n\r\nno$/s,
    );
  });

  test('ends when the dyno leaves', async () => {
    const socket = await secure(ingress);
    const came = until(socket, 'hello;');
    socket.write(upgrade());
    await came;
    const gone = new Promise((resolve) => socket.once('close', resolve));
    dynoSide?.destroy();
    await gone;
  });
});

describe('a WebSocket over HTTP/2', () => {
  test('is a stream of its connection', async () => {
    const client = session(ingress);
    await new Promise((resolve) => client.once('remoteSettings', resolve));
    expect(client.remoteSettings.enableConnectProtocol).toBe(true);
    const headers = {
      ':method': 'CONNECT',
      ':protocol': 'websocket',
      ':path': '/',
      'sec-websocket-version': '13',
    };
    const stream = client.request(headers);
    const answer = await new Promise<Record<string, unknown>>((resolve) => stream.once('response', resolve));
    expect(answer).toMatchObject({ ':status': 200, 'x-from': '127.0.0.1' });
    expect(answer).not.toHaveProperty('sec-websocket-accept');
    let text = '';
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    stream.write('there');
    await holds(() => text.includes('hello;') && text.includes('echo there;'));
    const gone = new Promise((resolve) => dynoSide?.once('close', resolve));
    stream.close();
    await gone;
    client.destroy();
  });

  test('whose dyno does not prove that it speaks WebSocket is refused', async () => {
    const client = session(ingress);
    await new Promise((resolve) => client.once('remoteSettings', resolve));
    const statusOf = (headers: Record<string, string>): Promise<unknown> =>
      new Promise((resolve) =>
        client.request(headers).once('response', (answer) => resolve(answer[':status'])),
      );
    expect(await statusOf({ ':method': 'CONNECT', ':protocol': 'websocket', ':path': '/wrong' })).toBe(502);
    expect(await statusOf({ ':method': 'CONNECT', ':protocol': 'other', ':path': '/' })).toBe(400);
    client.destroy();
  });
});
