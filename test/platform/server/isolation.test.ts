import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { httpServer, LIMITS } from '../../../src/platform/server/http-server.js';
import { exchange, request } from './wire.js';

test.each([
  [
    'throws',
    () => {
      throw new Error('a defect');
    },
  ],
  ['rejects', () => Promise.reject(new Error('a defect'))],
  ['answers what is no response', () => undefined as unknown as Response],
])('what a request meets that %s ends that request alone', async (_, fail) => {
  const defects: unknown[] = [];
  let isBroken = true;
  const http = httpServer({
    fetch: () => (isBroken ? fail() : new Response('works')),
    headers: () => ({}),
    limits: LIMITS,
    onDefect: (error) => defects.push(error),
  });
  await new Promise<void>((resolve) => http.server.listen(0, '127.0.0.1', resolve));
  const { port } = http.server.address() as AddressInfo;
  const ask = () => exchange({ host: '127.0.0.1', port }, request('GET /'));
  expect((await ask().catch(() => ({ status: 500 }))).status).toBe(500);
  isBroken = false;
  expect(await ask()).toMatchObject({ status: 200, body: 'works' });
  expect(defects).toHaveLength(1);
  await http.close();
});
