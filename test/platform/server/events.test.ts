import { EventEmitter, once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import type { PlatformEvents } from '../../../src/contract/apps-api.js';
import { STREAMS_MAX } from '../../../src/platform/services/events.js';
import { startServer, type TestServer, TOKEN } from './serving.js';
import { dial } from './wire.js';

let server: TestServer | undefined;
afterEach(() => server?.close());

async function start(...given: Parameters<typeof startServer>): Promise<TestServer> {
  server = await startServer(...given);
  return server;
}

/** A stream of events, and what came of it when it has what is waited for. */
async function follow(here: TestServer, path = '/events', headers: Record<string, string> = {}) {
  const asking = request({
    ...here.tcp,
    path,
    headers: { authorization: `Bearer ${TOKEN}`, ...headers },
  });
  asking.on('error', () => {}).end();
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  let text = '';
  answer.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  return {
    answer,
    /** Waits for what is expected; fails with the test's own bound if it doesn't come. */
    async until(wanted: string): Promise<string> {
      while (!text.includes(wanted)) await once(answer, 'data');
      return text;
    },
    ended: new Promise<void>((resolve) => answer.once('close', resolve)),
    leave: () => asking.destroy(),
  };
}

test('events are sent as browsers read them, with the number of the change as their id', async () => {
  const here = await start({ eventComment: 50 });
  const { length } = await here.api.audits.list({ size: 10_000 });
  const stream = await follow(here);
  expect(stream.answer.headers).toMatchObject({
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
  });
  await stream.until('\n:\n\n');
  await here.api.spaces.create({ name: 'shop' });
  const text = (await stream.until('space.create')).replaceAll(':\n\n', '');
  const [hello = '', change = ''] = text.split('\n\n');
  expect(hello).toBe(`id: ${length}\nevent: hello\ndata: {"seq":${length}}`);
  const [id, event, data = ''] = change.split('\n');
  expect([id, event]).toEqual([`id: ${length + 1}`, 'event: change']);
  expect(JSON.parse(data.replace('data: ', ''))).toEqual({
    seq: length + 1,
    action: 'space.create',
    space: 'shop',
    app: null,
    at: expect.any(String),
  });
  stream.leave();
});

test('a client that was cut off goes on after the last event that it had', async () => {
  const here = await start();
  await here.api.spaces.create({ name: 'one' });
  const [last] = await here.api.audits.list({ size: 1 });
  await here.api.spaces.create({ name: 'two' });
  const stream = await follow(here, '/events?since=0', { 'last-event-id': String(last?.seq) });
  const text = await stream.until('"two"');
  expect(text).toContain(`event: hello\ndata: {"seq":${last?.seq}}`);
  expect(text).not.toContain('"one"');
  stream.leave();
});

test('a token may follow so many streams at once, and no more', async () => {
  const here = await start();
  const streams = [];
  for (let n = 0; n < STREAMS_MAX; n++) {
    const stream = await follow(here);
    await stream.until('hello');
    streams.push(stream);
  }
  expect((await follow(here)).answer.statusCode).toBe(429);
  // The HEAD of a stream is none that stays open.
  streams.pop()?.leave();
  let next = await follow(here);
  while (next.answer.statusCode === 429) next = await follow(here);
  await next.until('hello');
  for (const stream of [...streams, next]) stream.leave();
});

test('who is too slow to read is cut off, and nothing is kept for them', async () => {
  let read = 0;
  const over = new EventEmitter();
  const cutOff = once(over, 'cut off');
  const many = async function* (): PlatformEvents & AsyncGenerator {
    try {
      for (let seq = 1; ; seq++) {
        read = seq;
        yield { event: 'change' as const, seq, action: 'x'.repeat(1000), space: null, app: null, at: '' };
      }
    } finally {
      over.emit('cut off');
    }
  };
  const here = await start({ slowest: 300 }, () => ({ events: { read: async () => many() } }));
  const wire = dial(here.unix);
  const { socket } = wire;
  await once(socket, 'connect');
  socket.pause();
  wire.write('GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await cutOff;
  // What the system keeps for a connection, and not more.
  expect(read).toBeLessThan(10_000);
  socket.destroy();
});

test('streams end when the server does, and do not hold it up', async () => {
  const here = await start();
  const stream = await follow(here);
  await stream.until('hello');
  await Promise.all([stream.ended, here.close()]);
});
