import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { httpApi } from '../../src/client/http-api.js';
import type { AppsApi } from '../../src/contract/apps-api.js';
import { finallyDo, httpHost, nowhere, WAYS } from './hostile.js';

const LINE = { at: '2026-11-22T10:00:00.000Z', app: 'web-demo', dyno: 'web.1', line: 'é 1' };

function clientOf(url: string): AppsApi {
  const api = httpApi({ url }, { bounds: { body: 500 } });
  finallyDo(() => api.close());
  return api;
}

/** What a client makes of a log: its lines, or the id of the error that comes in their place or after them. */
async function read(api: AppsApi): Promise<unknown[]> {
  const seen: unknown[] = [];
  try {
    for await (const line of await api.logs.ofApp({ app: 'web-demo' })) seen.push(line);
  } catch (error) {
    seen.push((error as { id: string }).id);
  }
  return seen;
}

describe.each(WAYS)('logs over %s', (way) => {
  async function reads(answer: (response: ServerResponse) => void): Promise<unknown[]> {
    const host = await httpHost(way, (_, response) => answer(response));
    return read(clientOf(host.url));
  }

  const text = `${JSON.stringify(LINE)}\n`;

  test('may be cut anywhere on their way, and have empty lines between them', async () => {
    const seen = await reads((response) => {
      for (const byte of Buffer.from(`\n${text}\n\n${text}`)) response.write(Buffer.of(byte));
      response.end();
    });
    expect(seen).toEqual([LINE, LINE]);
  });

  test.each([
    ['a page of HTML', '<html>\n</html>\n', []],
    ['a line of another kind', `${text}{"at": 1}\n`, [LINE]],
    ['a list', '[]\n', []],
  ])('that are none are an error: %s', async (_, body, before) => {
    expect(await reads((response) => response.end(body))).toEqual([...before, 'bad_answer']);
  });

  test('that break off are an error, without what came of the last line', async () => {
    const seen = await reads((response) => {
      response.write(`${text}${text.slice(0, 9)}`, () => setImmediate(() => response.destroy()));
    });
    expect(seen).toEqual([LINE, 'unreachable']);
  });

  test('that have a line without end are an error, before it fills the memory', async () => {
    const seen = await reads((response) => {
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(64 * 1024))) continue;
        response.once('drain', more);
      };
      more();
    });
    expect(seen).toEqual(['bad_answer']);
  });

  test('of which nothing more comes, not even a sign of life, are an error', async () => {
    expect(await reads((response) => response.write(text))).toEqual([LINE, 'timeout']);
  });

  test('that are refused say so', async () => {
    const seen = await reads((response) => {
      response.writeHead(404).end(JSON.stringify({ id: 'not_found', message: 'There is no app web-demo.' }));
    });
    expect(seen).toEqual(['not_found']);
  });

  test('that nobody serves are an error', async () => {
    expect(await read(clientOf(await nowhere(way)))).toEqual(['unreachable']);
  });
});

test.each(WAYS)('a source goes up as it is, once: %s', async (way) => {
  const host = await httpHost(way, (_, response) => response.writeHead(503).end('Not now'));
  const upload = clientOf(host.url).sources.upload(Readable.from([Buffer.from('a'), Buffer.from('b')]));
  await expect(upload).rejects.toMatchObject({ id: 'unavailable', status: 503 });
  expect(host.got).toMatchObject([
    { method: 'PUT', url: '/sources', body: 'ab', headers: { 'content-type': 'application/octet-stream' } },
  ]);
});
