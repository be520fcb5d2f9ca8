import { once } from 'node:events';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { afterEach, expect, test } from '@jest/globals';
import { Credentials } from '../../../src/client/credentials.js';
import { httpApi } from '../../../src/client/http-api.js';
import type { LogLines } from '../../../src/contract/apps-api.js';
import { AppsApiError } from '../../../src/contract/errors.js';
import { openLogs } from '../../../src/platform/logs/logs.js';
import { logsFolder } from '../../../src/platform/logs/segments.js';
import { startServer, type TestServer, TOKEN } from './serving.js';

const app = 'web-default';
let server: TestServer | undefined;
afterEach(() => server?.close());

async function start(...given: Parameters<typeof startServer>): Promise<TestServer> {
  server = await startServer(...given);
  await server.api.apps.create({ name: 'web', space: 'default' });
  return server;
}

async function says(to: TestServer, text: string): Promise<void> {
  const { id } = await to.api.apps.get({ app });
  const logs = openLogs({ dir: logsFolder(`${to.folder}/data`) });
  await logs.write({ app: id, dyno: 'web.1', stream: 'stdout' }, text);
  await logs.close();
}

async function next(lines: AsyncIterator<{ line: string }>): Promise<string | undefined> {
  const result = await lines.next();
  return result.done === true ? undefined : result.value.line;
}

const iterator = (lines: LogLines) => lines[Symbol.asyncIterator]();

// Undici's clock has seconds only.
test.each([
  ['unix', 1500],
  ['tcp', 2500],
] as const)(
  'a log is followed for longer than any call may take, or an answer say nothing: %s',
  async (way, quiet) => {
    const here = await start({ signOfLife: 100 });
    const url = way === 'unix' ? `unix:${here.unix.path}` : `http://127.0.0.1:${here.tcp.port}`;
    const client = httpApi(
      { url, credentials: Credentials.bearer(TOKEN) },
      { bounds: { call: 900, headers: 800, body: 1000 } },
    );
    try {
      const lines = iterator(await client.logs.ofApp({ app, follow: true }));
      const first = next(lines);
      await once(AbortSignal.timeout(quiet), 'abort');
      await says(here, 'late\n');
      expect(await first).toBe('late');
      await lines.return?.();
    } finally {
      await client.close();
    }
  },
);

test('logs that are followed end when the server does, and do not hold it up', async () => {
  const here = await start();
  const client = httpApi({ url: `unix:${here.unix.path}` });
  try {
    await says(here, 'one\n');
    const lines = iterator(await client.logs.ofApp({ app, follow: true }));
    expect(await next(lines)).toBe('one');
    const [end] = await Promise.all([next(lines), here.close()]);
    expect(end).toBeUndefined();
  } finally {
    await client.close();
  }
});

test('whoever follows a log and is gone is not read for any longer', async () => {
  let ended: (() => void) | undefined;
  const end = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const here = await start({}, (api) => ({
    logs: {
      ...api.logs,
      async ofApp(filter, signal) {
        signal?.addEventListener('abort', () => ended?.());
        return api.logs.ofApp(filter, signal);
      },
    },
  }));
  const asking = request({ socketPath: here.unix.path, path: `/apps/${app}/logs?follow=true` });
  asking.end();
  const [answer] = await once(asking, 'response');
  expect(answer.headers['content-type']).toBe('application/x-ndjson');
  asking.on('error', () => {}).destroy();
  await end;
});

test('a body that stops coming is given up; one of a source may take as long as it comes', async () => {
  const here = await start({ request: 200 });
  const put = request({ socketPath: here.unix.path, path: '/sources', method: 'PUT' });
  let sent = 0;
  const timer = setInterval(() => {
    if (sent++ < 6) put.write('x');
  }, 100);
  const [answer] = await once(put, 'response');
  clearInterval(timer);
  expect([answer.statusCode, sent > 6]).toEqual([408, true]);
  put.on('error', () => {}).destroy();
});

test.each(['unix', 'tcp'] as const)(
  'a source that is refused is answered before it is all there, and the next one is taken: %s',
  async (way) => {
    const tooMuch = new AppsApiError({ id: 'source_too_large', status: 413, message: 'It is too large.' });
    let taken = 0;
    const here = await start({}, (api) => ({
      sources: {
        async upload(content, ...rest) {
          taken += 1;
          if (taken > 1) return api.sources.upload(content, ...rest);
          for await (const chunk of content) if (chunk.length > 0) throw tooMuch;
          throw new Error('Nothing came.');
        },
      },
    }));
    const url = way === 'unix' ? `unix:${here.unix.path}` : `http://127.0.0.1:${here.tcp.port}`;
    const client = httpApi({ url, credentials: Credentials.bearer(TOKEN) });
    try {
      const parts = Array.from({ length: 100 }, () => Buffer.alloc(256 * 1024, 'x'));
      await expect(client.sources.upload(Readable.from(parts))).rejects.toMatchObject({
        id: 'source_too_large',
        status: 413,
      });
      expect(await client.sources.upload(Readable.from([Buffer.from('x')]))).toMatchObject({ bytes: 1 });
    } finally {
      await client.close();
    }
  },
);

test('a source that is compressed for its way is refused', async () => {
  const here = await start();
  const headers = { 'content-encoding': 'gzip' };
  const put = request({ socketPath: here.unix.path, path: '/sources', method: 'PUT', headers });
  put.end('x');
  const [answer] = await once(put, 'response');
  answer.resume();
  expect(answer.statusCode).toBe(415);
});
