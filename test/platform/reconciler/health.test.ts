import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { look } from '../../../src/platform/reconciler/health.js';

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

test.each<[string, (socket: Socket) => void]>([
  ['says nothing', () => undefined],
  [
    'says a little at a time',
    (socket) => {
      const trickle = setInterval(() => socket.write('H'), 20);
      socket.write('HTTP/1.1 200 OK\r\n');
      cleanUps.push(() => clearInterval(trickle));
    },
  ],
])('a dyno that takes connections but %s is not well', async (_, serve) => {
  const server = createServer((socket) => {
    cleanUps.push(() => socket.destroy());
    serve(socket.on('error', () => undefined));
  }).listen(0, '127.0.0.1');
  cleanUps.push(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const dial = async (): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  };
  expect(await look({ dial, path: '/health' }, 100)).toBe('/health is not answered');
});
