import { createHash } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import { get, HOST, holds, secure, session, startIngress } from './ingress.js';

const TIMES = 40;

/** A dyno that breaks off at one moment or another, or never. */
function moody(request: IncomingMessage, response: ServerResponse): void {
  const { socket } = request;
  request.on('error', () => {});
  switch (Number(request.url?.slice(1)) % 5) {
    case 0:
      return void socket.destroy();
    case 1:
      response.writeHead(200, { 'Content-Length': 1_000_000 });
      return void response.write('x'.repeat(500_000), () => socket.destroy());
    case 2:
      return void request
        .once('data', () => socket.resetAndDestroy())
        .once('end', () => response.end('late'));
    case 3:
      // An answer before the request is over.
      return void response.end('early');
    default:
      request.pipe(response);
  }
}

function upgrading(server: Server): void {
  server.on('upgrade', ({ headers }, socket: Socket) => {
    const key = `${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash('sha1').update(key).digest('base64');
    socket.on('error', () => {}).on('end', () => socket.end());
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\n\r\nhi`,
    );
    setImmediate(() => socket.resetAndDestroy());
  });
}

test('clients and dynos that break off at any moment leave nothing behind', async () => {
  const ingress = await startIngress();
  ingress.route(HOST, [await ingress.dynos.start('web.1', moody, upgrading)]);
  const ended: Promise<unknown>[] = [];
  const closed = (socket: { once(event: 'close', listener: () => void): unknown }): void =>
    void ended.push(new Promise<void>((resolve) => socket.once('close', resolve)));

  for (let time = 0; time < TIMES; time++) {
    const patience = (time * 7) % 25;
    const plain = await secure(ingress);
    closed(plain);
    plain.resume();
    plain.write(
      `POST /${time} HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: 300000\r\n\r\n${'x'.repeat(100_000)}`,
    );
    setTimeout(() => (time % 2 === 0 ? plain.destroy() : plain.end()), patience);

    const socket = await secure(ingress);
    closed(socket);
    socket.resume();
    socket.write(`GET / HTTP/1.1\r\nHost: ${HOST}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nearly`);
    setTimeout(() => socket.destroy(), patience);

    const client = session(ingress);
    closed(client);
    for (let each = 0; each < 5; each++) {
      const stream = client.request({ ':path': `/${time + each}`, ':method': 'POST' });
      stream.on('error', () => {}).resume();
      stream.write('y'.repeat(20_000));
      if (each % 2 === 0) setTimeout(() => stream.close(8), patience / 2);
    }
    client.once('remoteSettings', () => {
      if (client.destroyed) return;
      const tunnel = client.request({ ':method': 'CONNECT', ':protocol': 'websocket', ':path': '/' });
      tunnel.on('error', () => {}).on('data', () => tunnel.close(time % 9));
      tunnel.write('early');
    });
    setTimeout(() => client.destroy(), patience);

    // Half a handshake.
    const raw = connect(ingress.port, '127.0.0.1', () => raw.write('\x16\x03\x01\x02\x00\x01'));
    closed(raw.on('error', () => {}));
    setTimeout(() => raw.resetAndDestroy(), patience);
  }
  await Promise.all(ended);
  await holds(() => ingress.router.busy('web.1') === 0);
  const answer = await get(ingress, { path: '/4', method: 'PUT', body: 'still here' });
  expect(answer).toMatchObject({ status: 200, body: 'still here' });
  expect(await ingress.router.idle('web.1', 1000)).toBe(true);
});

test('an answer that comes before the end of the request reaches the client, over both versions of HTTP', async () => {
  const ingress = await startIngress();
  ingress.route(HOST, [
    await ingress.dynos.start('web.1', (_, response) => {
      response.writeHead(413);
      response.end('too large');
    }),
  ]);
  expect(await get(ingress, { method: 'POST', body: 'x'.repeat(200_000) })).toMatchObject({
    status: 413,
    body: 'too large',
  });
  const client = session(ingress);
  const stream = client.request({ ':path': '/', ':method': 'POST' });
  stream.write('x'.repeat(10_000));
  const status = await new Promise((resolve) =>
    stream.once('response', (headers) => resolve(headers[':status'])),
  );
  expect(status).toBe(413);
  client.destroy();
});

test('a reader that stops reading holds the dyno back, and fills no memory', async () => {
  const ingress = await startIngress();
  let written = 0;
  const piece = Buffer.alloc(65_536);
  ingress.route(HOST, [
    await ingress.dynos.start('web.1', (_, response) => {
      const more = (): void => {
        while (response.write(piece)) written += piece.length;
        written += piece.length;
      };
      response.on('drain', more);
      more();
    }),
  ]);
  const socket = await secure(ingress);
  socket.pause();
  socket.write(`GET / HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`);
  // Until nothing more was written for a while: what is on the way fills the buffers of four sockets.
  const soFar = (): number => written;
  for (let before = -1; before !== soFar() || before === 0; ) {
    before = soFar();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  expect(written).toBeLessThan(50_000_000);
  socket.destroy();
  await holds(() => ingress.router.busy('web.1') === 0);
});
