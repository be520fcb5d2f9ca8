import { describe, expect, test } from '@jest/globals';
import { httpApi } from '../../src/client/http-api.js';
import { RETRIES, retryAfter, sendRepeatedly } from '../../src/client/retries.js';
import { type Incoming, TransportError } from '../../src/client/transport.js';
import type { AppsApi } from '../../src/contract/apps-api.js';
import { finallyDo, httpHost, rawHost, WAYS } from './hostile.js';

const METHODS = ['GET', 'POST', 'PATCH', 'DELETE'] as const;
type Method = (typeof METHODS)[number];

const answer = (status: number, headers: Record<string, string> = {}): Incoming => ({
  status,
  headers,
  body: '',
});
const lost = (sent: boolean, passing = true): TransportError =>
  new TransportError('unreachable', 'lost', sent, passing);

/** How often a request is sent whose attempts end in these ways, the last one again and again. */
async function attempts(
  method: Method,
  outcomes: (Incoming | TransportError)[],
  honoursKeys = false,
  retries = {},
): Promise<number> {
  let count = 0;
  const send = async (): Promise<Incoming> => {
    const outcome = outcomes[Math.min(count++, outcomes.length - 1)];
    if (outcome instanceof TransportError || outcome === undefined) throw outcome;
    return outcome;
  };
  const request = { method, path: '/', headers: {} };
  const policy = { ...RETRIES, pause: 0, ...retries };
  const end = sendRepeatedly(send, request, policy, AbortSignal.timeout(5000), () => honoursKeys);
  const ended: unknown = await end.catch((error: unknown) => error);
  expect(ended).toBe(outcomes[Math.min(count, outcomes.length) - 1]);
  return count;
}

describe('a request is sent again', () => {
  test.each(METHODS)('whatever it is, if nothing of it was sent: %s', async (method) => {
    expect(await attempts(method, [lost(false)])).toBe(3);
    expect(await attempts(method, [lost(false), answer(200)])).toBe(2);
  });

  test.each(METHODS)('whatever it is, if the server had no time to look at it (429): %s', async (method) => {
    expect(await attempts(method, [answer(429), answer(200)])).toBe(2);
    expect(await attempts(method, [answer(429)])).toBe(3);
  });

  test.each<[Method, boolean, number]>([
    ['GET', false, 3],
    ['POST', true, 3],
    ['POST', false, 1],
    ['PATCH', true, 1],
    ['DELETE', true, 1],
  ])(
    'after it may have had an effect, if that does no harm: %s, keys honoured %j: %d times',
    async (method, honoursKeys, count) => {
      for (const outcome of [lost(true), answer(502), answer(503), answer(504)]) {
        expect(await attempts(method, [outcome], honoursKeys)).toBe(count);
      }
    },
  );

  test.each([200, 201, 301, 400, 401, 404, 409, 422, 500, 501])(
    'never after an answer with %d',
    async (status) => {
      for (const method of METHODS) expect(await attempts(method, [answer(status)], true)).toBe(1);
    },
  );

  test('never if the reason will last', async () => {
    for (const method of METHODS) expect(await attempts(method, [lost(false, false)], true)).toBe(1);
  });

  test('not so often that it never ends', async () => {
    expect(await attempts('GET', [answer(503)], false, { attempts: 5 })).toBe(5);
    expect(await attempts('GET', [answer(503)], false, { attempts: 1 })).toBe(1);
  });

  test('after as long as the server asks, unless that is too long', async () => {
    expect(await attempts('DELETE', [answer(429, { 'retry-after': '0' }), answer(200)])).toBe(2);
    expect(await attempts('DELETE', [answer(429, { 'retry-after': '21' })])).toBe(1);
    const long = { 'retry-after': '1' };
    const start = performance.now();
    expect(await attempts('GET', [answer(503, long), answer(200)])).toBe(2);
    expect(performance.now() - start).toBeGreaterThan(990);
  });

  test('but not when the time for the call is over', async () => {
    const request = { method: 'GET', path: '/', headers: {} } as const;
    const end = sendRepeatedly(
      async () => answer(503),
      request,
      { ...RETRIES, pause: 60_000 },
      AbortSignal.timeout(20),
      () => true,
    );
    expect((await end).status).toBe(503);
  });
});

test('Retry-After is seconds or a date', () => {
  expect(retryAfter(answer(429, { 'retry-after': '7' }))).toBe(7000);
  expect(
    retryAfter(answer(429, { 'retry-after': new Date(Date.now() + 60_000).toUTCString() })),
  ).toBeGreaterThan(50_000);
  expect(retryAfter(answer(429, { 'retry-after': new Date(0).toUTCString() }))).toBe(0);
  for (const value of ['', 'soon', '-1', '1.5', '2030-01-01']) {
    expect(retryAfter(answer(429, { 'retry-after': value }))).toBeUndefined();
  }
  expect(retryAfter(answer(429))).toBeUndefined();
});

const space = JSON.stringify({
  id: '1',
  name: 'shop',
  region: { id: '2', name: 'r' },
  stack: { id: '3', name: 's' },
  state: 'allocated',
  created_at: '',
  updated_at: '',
});

function dial(url: string): AppsApi {
  const api = httpApi({ url }, { retries: { pause: 1 } });
  finallyDo(() => api.close());
  return api;
}

describe.each(WAYS)('over %s', (way) => {
  test('a POST is repeated with the same key, to a server that says it is ours', async () => {
    const host = await httpHost(way, (_, response, count) => {
      response.writeHead(count < 3 ? 503 : 201, { 'Aka-Version': '0.1.0' }).end(space);
    });
    await dial(host.url).spaces.create({ name: 'shop' });
    const keys = host.got.map(({ headers }) => headers['idempotency-key']);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    expect(host.got.every(({ body }) => body === '{"name":"shop"}')).toBe(true);
  });

  test('a POST is not repeated to a server that may not know about keys', async () => {
    const host = await httpHost(way, (_, response) => response.writeHead(503).end());
    await expect(dial(host.url).spaces.create({ name: 'shop' })).rejects.toMatchObject({ status: 503 });
    expect(host.got).toHaveLength(1);
  });

  test('a GET is repeated after a lost connection', async () => {
    const { url, connections } = await rawHost(way, (socket) => {
      if (connections() < 3) socket.destroy();
      else socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${space.length}\r\n\r\n${space}`);
    });
    expect((await dial(url).spaces.get({ space: 'shop' })).name).toBe('shop');
    expect(connections()).toBe(3);
  });

  test('a wait that is too long is left to the user', async () => {
    const host = await httpHost(way, (_, response) =>
      response.writeHead(429, { 'Retry-After': '3600' }).end(),
    );
    await expect(dial(host.url).spaces.list()).rejects.toMatchObject({
      id: 'too_many_requests',
      status: 429,
      hint: 'Try again in 3600 s.',
    });
    expect(host.got).toHaveLength(1);
  });
});
