import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { getRequestListener } from '@hono/node-server';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Hono } from 'hono';
import { ConsolePages } from '../../../src/platform/server/console-pages.js';
import { consoleRoutes } from '../../../src/platform/server/console-routes.js';
import type { Door } from '../../../src/platform/server/doors.js';
import type { Env } from '../../../src/platform/server/routing.js';
import { temporaryFolder } from '../store/temporary.js';

const folder = temporaryFolder();
const SCRIPT = 'export const answer = 42;\n'.repeat(100);
let built: string | undefined;

/** A door that lets every browser in; that doors do not is tested with them. */
const door = {
  console: { check: () => {}, isConsoleHost: ({ headers }: IncomingMessage) => headers.host === 'console' },
} as unknown as Door;
const app = new Hono<Env>();
consoleRoutes(app, new ConsolePages(() => built));
const listener = getRequestListener((asked, env) => app.fetch(asked, { ...env, door }), {
  overrideGlobalObjects: false,
});
const server = createServer((incoming, outgoing) => void listener(incoming, outgoing));

beforeAll(async () => {
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>aka</title>');
  writeFileSync(join(folder, 'assets', 'index-1a2b.js'), SCRIPT);
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterAll(() => void server.close());

async function get(path: string, headers: Record<string, string> = {}) {
  const { port } = server.address() as AddressInfo;
  const asking = request({ host: '127.0.0.1', port, path, headers, agent: false }).end();
  const [answer] = await once(asking, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return { status: answer.statusCode as number, headers: answer.headers, body: Buffer.concat(chunks) };
}

test('pages that were not built are missed in so many words', async () => {
  const answer = await get('/console/');
  expect([answer.status, answer.body.toString()]).toEqual([404, expect.stringContaining('npm run build')]);
  built = folder;
});

test('the pages are one file at all their paths, asked for again each time', async () => {
  for (const path of ['/console/', '/console/spaces/shop', '/console/?x']) {
    const { status, headers, body } = await get(path);
    expect([status, body.toString()]).toEqual([200, '<!doctype html><title>aka</title>']);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
    });
    expect((await get(path, { 'If-None-Match': String(headers.etag) })).status).toBe(304);
  }
});

test('assets are kept for ever, and compressed for who takes that', async () => {
  const path = '/console/assets/index-1a2b.js';
  const plain = await get(path);
  expect(plain.body.toString()).toBe(SCRIPT);
  expect(plain.headers['content-encoding']).toBeUndefined();
  expect(plain.headers).toMatchObject({
    'cache-control': 'public, max-age=31536000, immutable',
    vary: 'Accept-Encoding',
    'content-security-policy': expect.stringContaining("default-src 'none'"),
  });
  const small = await get(path, { 'Accept-Encoding': 'br, gzip;q=0.5' });
  expect(small.headers['content-encoding']).toBe('gzip');
  expect(gunzipSync(small.body).toString()).toBe(SCRIPT);
  expect((await get(path, { 'Accept-Encoding': 'gzip;q=0' })).headers['content-encoding']).toBeUndefined();
});

test('nothing but the pages is served, and the host of the console leads to them', async () => {
  for (const path of ['/console/assets/none.js', '/console/../package.json', '/console/%2e%2e/package.json'])
    expect((await get(path)).status).toBe(404);
  const slash = await get('/console');
  expect([slash.status, slash.headers.location]).toEqual([308, '/console/']);
  const root = await get('/', { Host: 'console' });
  expect([root.status, root.headers.location]).toEqual([302, '/console/']);
  expect((await get('/', { Host: 'localhost' })).status).toBe(404);
});
