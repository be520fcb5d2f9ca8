import { afterEach, expect, test } from '@jest/globals';
import { api } from '../../src/console/api/client.js';
import { startServer, type TestServer } from '../platform/server/serving.js';

const { fetch } = globalThis;
let server: TestServer | undefined;

afterEach(async () => {
  globalThis.fetch = fetch;
  await server?.close();
});

/** What a page has of a platform: its own paths, here with a token in place of the cookie. */
async function fromPage(change?: Parameters<typeof startServer>[1]): Promise<void> {
  const { secret } = await (server = await startServer({}, change)).api.tokens.create({
    name: 'root',
    role: 'admin',
  });
  const { port } = server.tcp;
  globalThis.fetch = ((path: string, options: RequestInit) => {
    const headers = new Headers(options.headers);
    headers.set('Authorization', `Bearer ${secret}`);
    return fetch(`http://127.0.0.1:${port}${path}`, { ...options, headers });
  }) as typeof fetch;
}

test('pages have dynos by the names that commands have', async () => {
  const at = '2026-01-01T00:00:00.000Z';
  const app = { id: 'b5f8c1e2-0000-4000-8000-000000000001', name: 'web-shop' };
  const dyno = {
    id: app.id,
    app,
    name: 'web.1',
    type: 'web',
    size: 'gp1',
    port: 5000,
    state: 'up',
    created_at: at,
    updated_at: at,
  };
  await fromPage((real) => ({ dynos: { ...real.dynos, list: async () => [dyno] as never } }));
  expect(await api.dynos.list({ app: 'web-shop' })).toMatchObject([{ name: 'web.1' }]);
});
