import { createHmac } from 'node:crypto';
import { getMaxListeners } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { poster } from '../../../src/platform/hooks/post.js';
import { openAuthority } from '../../../src/platform/router/authority.js';
import { temporaryFolder } from '../store/temporary.js';
import { Receiver } from './receiver.js';
import { SECRET, type World, world } from './world.js';

const HOUR = 3_600_000;
const isOver = (results: { readonly next_at?: string | null | undefined }[]): boolean =>
  results.length > 0 && results.every(({ next_at: next }) => next === null);

/** Something that happens to web-shop. */
let count = 0;
const happen = async ({ api }: World, app = 'web-shop'): Promise<void> => {
  await api.apps.update({ app, description: `of time ${++count}` });
};

describe('a call', () => {
  test('is signed, so that who knows the secret can tell whose it is', async () => {
    const there = await world();
    const receiver = await Receiver.start();
    const hook = await there.hook(receiver.url('/hook?of=web'), ['updated']);
    await there.run();
    await happen(there);
    const [call] = await receiver.calls(1);
    const hmac = (algorithm: string): string =>
      createHmac(algorithm, SECRET)
        .update(call?.body ?? '')
        .digest('hex');
    expect(call?.path).toBe('/hook?of=web');
    expect(call?.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'akkeris-hookshot',
      'x-akkeris-event': 'updated',
      'x-akkeris-signature': `sha1=${hmac('sha1')}`,
      'x-akkeris-signature-256': `sha256=${hmac('sha256')}`,
      'x-appkit-event': 'updated',
      'x-appkit-signature': `sha1=${hmac('sha1')}`,
    });
    const [result] = await there.results(hook, isOver);
    expect(call?.headers['x-akkeris-delivery']).toBe(result?.id);
    expect(result).toMatchObject({
      event: 'updated',
      num_attempts: 1,
      last_attempt: { status: 'succeeded', response: { code: 200 } },
      attempts: [{ code: 200, problem: null }],
    });
    expect(result?.last_attempt.request.body).toEqual(JSON.parse(call?.body ?? ''));
    expect(JSON.stringify(await there.api.hooks.list({ app: 'web-shop' }))).not.toContain(SECRET);
  });

  test('goes over TLS to who has a good certificate only', async () => {
    const authority = await openAuthority({ folder: `${temporaryFolder()}/ca`, bases: ['localhost'] });
    const there = await world();
    const tls = await authority.issue(['localhost', '*.local.localhost']);
    const receiver = await Receiver.start({ tls });
    const unknown = await there.hook(receiver.url(), ['updated']);
    // One below the platform's own domains is of its own authority, wherever that is trusted.
    const own = await there.hook(`https://ci-shop.local.localhost:${receiver.port}/own`, ['updated']);
    await there.run(poster({ timeoutMs: 2000, ca: () => authority.certificate }));
    await happen(there);
    const [refused] = await there.results(unknown, ([first]) => first?.num_attempts === 1);
    expect(refused?.attempts?.[0]).toMatchObject({
      code: null,
      problem: expect.stringMatching(/^Its certificate is not good: /),
    });
    const [taken] = await there.results(own, isOver);
    expect(taken?.last_attempt).toMatchObject({ status: 'succeeded', response: { code: 200 } });
    expect(receiver.received.map(({ path }) => path)).toEqual(['/own']);
  });

  test('that is not taken is tried again as the same, later each time, and given up after a day', async () => {
    const there = await world();
    const receiver = await Receiver.start({ answers: (_, response) => response.writeHead(503).end('busy') });
    const hook = await there.hook(receiver.url(), ['updated']);
    await there.run();
    await happen(there);
    const pauses: number[] = [];
    for (let tries = 1; ; tries++) {
      const [result] = await there.results(hook, ([first]) => first?.num_attempts === tries);
      if (result?.next_at == null) break;
      const pause = Date.parse(result.next_at) - Date.parse(result.last_attempt.updated_at);
      pauses.push(pause);
      there.later(pause - 1);
      await there.results(hook, () => true);
      expect(receiver.received).toHaveLength(tries);
      there.later(1);
    }
    expect(pauses.slice(0, 4)).toEqual([10_000, 30_000, 90_000, 270_000]);
    const total = pauses.reduce((sum, each) => sum + each, 0);
    expect(total).toBeGreaterThan(20 * HOUR);
    expect(total).toBeLessThan(28 * HOUR);
    const ids = receiver.received.map(({ headers }) => headers['x-akkeris-delivery']);
    expect(new Set(ids).size).toBe(1);
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
    const [result] = await there.results(hook, isOver);
    expect(result).toMatchObject({
      num_attempts: 13,
      last_attempt: { status: 'failed', response: { code: 503, body: 'busy' } },
    });
    expect(there.notes.join('\n')).toContain(`Call ${result?.id} of hook ${hook.id} came to nothing.`);
    expect((await there.api.hooks.list({ app: 'web-shop' }))[0]).toMatchObject({
      waiting: 0,
      last_call: { status: 'failed', code: 503 },
    });
  });

  test('is taken in the end by who failed at first', async () => {
    const there = await world();
    let answers = 0;
    const receiver = await Receiver.start({
      answers: (_, response) => response.writeHead(++answers === 1 ? 500 : 204).end(),
    });
    const hook = await there.hook(receiver.url(), ['updated']);
    await there.run();
    await happen(there);
    await there.results(hook, ([first]) => first?.num_attempts === 1);
    there.later(10_000);
    const [result] = await there.results(hook, isOver);
    expect(result).toMatchObject({
      last_attempt: { status: 'succeeded' },
      attempts: [{ code: 500 }, { code: 204 }],
    });
  });

  test.each([
    [404, 'failed', null],
    [401, 'failed', null],
    [302, 'failed', 'It answered with a redirect, which is not followed.'],
    [429, 'pending', null],
    [408, 'pending', null],
  ])('answered with %i is %s', async (code, status, problem) => {
    const there = await world();
    const elsewhere = await Receiver.start();
    const receiver = await Receiver.start({
      answers: (_, response) => response.writeHead(code, { location: elsewhere.url() }).end(),
    });
    const hook = await there.hook(receiver.url(), ['updated']);
    await there.run();
    await happen(there);
    const [result] = await there.results(hook, ([first]) => first?.num_attempts === 1);
    expect(result).toMatchObject({ last_attempt: { status }, attempts: [{ code, problem }] });
    expect(elsewhere.received).toEqual([]);
  });

  test.each<readonly [string, ConstructorParameters<typeof Object>[0], RegExp]>([
    ['says nothing', () => {}, /No answer came within 0\.3 s/],
    [
      'hangs up',
      (request: { socket: { destroy(): void } }) => request.socket.destroy(),
      /closed before an answer/,
    ],
    [
      'does not speak HTTP',
      (request: { socket: { end(text: string): void } }) => request.socket.end('+OK hello\r\n\r\n'),
      /not HTTP/,
    ],
  ])('to who %s is tried again, and says why', async (_, answers, problem) => {
    const there = await world();
    const receiver = await Receiver.start({ answers: answers as never });
    const hook = await there.hook(receiver.url(), ['updated']);
    await there.run(poster({ timeoutMs: 300 }));
    await happen(there);
    const [result] = await there.results(hook, ([first]) => first?.num_attempts === 1);
    expect(result).toMatchObject({
      last_attempt: { status: 'pending', response: { code: null } },
      attempts: [{ code: null, problem: expect.stringMatching(problem) }],
    });
  });

  test('is not held up by an answer without an end, of which the beginning is kept', async () => {
    const there = await world();
    const receiver = await Receiver.start({
      answers(_, response) {
        response.writeHead(200, { 'set-cookie': 'session=1', 'x-long': 'x'.repeat(5000) });
        const more = (): void => {
          while (response.write('y'.repeat(65_536)));
        };
        response.on('drain', more);
        more();
      },
    });
    const hook = await there.hook(receiver.url(), ['updated']);
    // Longer than the test may take.
    await there.run(poster({ timeoutMs: 60_000 }));
    await happen(there);
    const [result] = await there.results(hook, isOver);
    const { status, response } = result?.last_attempt ?? {};
    expect(status).toBe('succeeded');
    expect(String(response?.body).length).toBeLessThanOrEqual(2000);
    expect(String(response?.headers?.['x-long']).length).toBeLessThanOrEqual(300);
    expect(response?.headers?.['set-cookie']).toBeUndefined();
  });

  test('keeps nothing that is secret of what it is answered', async () => {
    const there = await world();
    const receiver = await Receiver.start({
      answers(_, response) {
        response.setHeader('x-said', `it is ${SECRET}`);
        // So that what is kept of it ends within the secret.
        response.setHeader('x-says', `${'x'.repeat(280)} ${SECRET}`);
        response.end(`${SECRET}, hunter22hunter22 and ghp_${'a1b2c3d4e5f6'.repeat(3)}`);
      },
    });
    await there.api.configVars.patch({ app: 'web-shop', vars: { DB_PASSWORD: 'hunter22hunter22' } });
    const hook = await there.hook(receiver.url(), ['updated']);
    await there.run();
    await happen(there);
    const [result] = await there.results(hook, isOver);
    const said = JSON.stringify(result?.last_attempt.response);
    expect(said).toContain('it is [redacted]');
    expect(said).not.toMatch(/what calls|signed|hunter22|a1b2c3/);
  });

  test('that nobody takes does not keep others waiting', async () => {
    const there = await world();
    const silent = await Receiver.start({ answers: () => {} });
    const receiver = await Receiver.start();
    for (let n = 0; n < 6; n++) await there.hook(silent.url(`/${n}`), ['updated']);
    const hook = await there.hook(receiver.url(), ['updated']);
    // Longer than the test may take.
    await there.run(poster({ timeoutMs: 60_000 }));
    for (let n = 0; n < 3; n++) await happen(there);
    const calls = await receiver.payloads(3);
    expect(calls.map(({ app }) => (app as { description: string }).description)).toEqual([
      `of time ${count - 2}`,
      `of time ${count - 1}`,
      `of time ${count}`,
    ]);
    await there.results(hook, isOver);
    // Of one receiver there are four calls at a time, and one of a hook.
    expect(silent.received).toHaveLength(4);
    expect(new Set(silent.received.map(({ path }) => path)).size).toBe(4);
  });

  test('takes as long to find when many wait as when few do', async () => {
    const there = await world();
    const [receiver, silent] = [await Receiver.start(), await Receiver.start({ answers: () => {} })];
    const apps = ['a', 'b', 'c', 'd'];
    for (const name of apps) {
      await there.api.apps.create({ name, space: 'shop' });
      for (let n = 0; n < 10; n++) {
        await there.hook(receiver.url(`/${name}/${n}`), ['updated'], `${name}-shop`);
        await there.hook(silent.url(`/${name}/${n}`), ['updated'], `${name}-shop`);
      }
      await happen(there, `${name}-shop`);
    }
    const { hooks } = there.session.store;
    const open = hooks.secretsOf.bind(hooks);
    let opened = 0;
    hooks.secretsOf = (id) => {
      opened++;
      return open(id);
    };
    await there.run(poster({ timeoutMs: 60_000 }));
    await receiver.calls(40);
    // Each once when its turn comes, and once more where its receiver is busy: not all of them for each call.
    expect(opened).toBeLessThanOrEqual(2 * 80);
  });
});

test('as many calls as are made at once may listen for the end: Node warns of no leak', async () => {
  const there = await world();
  const hook = await there.hook('https://receiver.example', ['updated']);
  const most: number[] = [];
  await there.run(async (_, signal) => {
    most.push(getMaxListeners(signal));
    return { code: 200, problem: null, headers: {}, body: '' };
  });
  await happen(there);
  await there.results(hook, isOver);
  expect(most[0]).toBeGreaterThan(16);
});

describe('what waits', () => {
  test('is called when there is a daemon again, though nobody remembers it', async () => {
    const there = await world();
    const receiver = await Receiver.start();
    await there.hook(receiver.url(), ['updated']);
    await happen(there);
    const first = await there.run(async (_, signal) => {
      // It is killed while it calls: nothing of that is written down.
      await new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('killed')));
      });
      throw new Error('never');
    });
    await first.stop();
    expect(receiver.received).toEqual([]);
    await there.run();
    expect(await receiver.payloads(1)).toMatchObject([{ action: 'updated' }]);
  });

  test('is bounded, and so is what is remembered', async () => {
    const there = await world();
    const receiver = await Receiver.start();
    const hook = await there.hook(receiver.url(), ['updated']);
    for (let n = 0; n < 103; n++) await happen(there);
    const before = await there.api.hooks.results({ app: 'web-shop', hook: hook.id });
    expect(before.filter(({ last_attempt: { status } }) => status === 'failed')).toHaveLength(3);
    expect((await there.api.hooks.list({ app: 'web-shop' }))[0]?.waiting).toBe(100);
    await there.run();
    await receiver.calls(100);
    expect(await there.results(hook, isOver)).toHaveLength(100);
    there.later(31 * 24 * HOUR);
    await there.run();
    expect(await there.results(hook, (results) => results.length === 0)).toEqual([]);
  });

  test('goes with its hook, and is given up where that is made inactive', async () => {
    const there = await world();
    const receiver = await Receiver.start();
    const [gone, still] = [
      await there.hook(receiver.url('/gone'), ['updated']),
      await there.hook(receiver.url('/still'), ['updated']),
    ];
    await happen(there);
    await there.api.hooks.destroy({ app: 'web-shop', hook: gone.id });
    await there.api.hooks.update({ app: 'web-shop', hook: still.id, active: false });
    await happen(there);
    await there.api.hooks.update({ app: 'web-shop', hook: still.id, active: true });
    await happen(there);
    await there.run();
    await there.results(still, isOver);
    expect(receiver.received.map(({ path }) => path)).toEqual(['/still']);
  });

  test('is called with where and what the hook says by then', async () => {
    const there = await world();
    const [before, after] = [await Receiver.start(), await Receiver.start()];
    const hook = await there.hook(before.url(), ['updated']);
    await happen(there);
    await there.api.hooks.update({ app: 'web-shop', hook: hook.id, url: after.url(), secret: 'another' });
    await there.run();
    const [call] = await after.calls(1);
    const sha256 = createHmac('sha256', 'another')
      .update(call?.body ?? '')
      .digest('hex');
    expect(call?.headers['x-akkeris-signature-256']).toBe(`sha256=${sha256}`);
    expect(before.received).toEqual([]);
  });

  test('survives a clock that was a year ahead', async () => {
    const there = await world();
    const receiver = await Receiver.start();
    await there.hook(receiver.url(), ['updated']);
    there.later(365 * 24 * HOUR);
    await happen(there);
    there.later(-365 * 24 * HOUR);
    await there.run();
    await receiver.calls(1);
  });
});

describe('an app that is destroyed', () => {
  test('has that told, and nothing else that waited; then nothing of its hooks is left', async () => {
    const there = await world();
    const receiver = await Receiver.start();
    await there.hook(receiver.url('/destroy'), ['updated', 'destroy']);
    await there.hook(receiver.url('/updated'), ['updated']);
    await happen(there);
    const { id } = await there.api.apps.get({ app: 'web-shop' });
    await there.api.apps.destroy({ app: 'web-shop' });
    await there.api.apps.create({ name: 'web', space: 'shop' });
    expect(await there.api.hooks.list({ app: 'web-shop' })).toEqual([]);
    await there.run();
    expect(await receiver.payloads(1)).toEqual([
      { action: 'destroy', app: { name: 'web', id }, space: { name: 'shop' }, key: 'web-shop' },
    ]);
    const left = (): unknown =>
      there.session.store.db.get(
        'SELECT (SELECT count(*) FROM hooks) AS hooks, (SELECT count(*) FROM hook_deliveries) AS calls',
      );
    while (JSON.stringify(left()) !== '{"hooks":0,"calls":0}')
      await new Promise((next) => setImmediate(next));
    expect(receiver.received).toHaveLength(1);
  });
});

describe('hooks of users who are not administrators', () => {
  test.each([
    'https://127.0.0.1/',
    'https://localhost/',
    'https://localhost./',
    'http://localhost:8001/webhook',
    'https://web.local.localhost:8443/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:a00:1]/',
    'https://10.1.2.3/',
    'https://172.16.0.1/',
    'https://192.168.1.1/',
    'https://169.254.169.254/latest/meta-data',
    'https://100.64.0.1/',
    'https://0.0.0.0/',
    'https://[fd00::1]/',
    'https://[fe80::1]/',
    'https://[64:ff9b::7f00:1]/',
  ])('are never pointed at %s', async (url) => {
    const there = await world();
    const given = { app: 'web-shop', events: ['updated'], secret: SECRET };
    await expect(there.user.hooks.create({ ...given, url })).rejects.toMatchObject({ status: 403 });
    const { id } = await there.user.hooks.create({ ...given, url: 'https://ci.example.com/' });
    const change = there.user.hooks.update({ app: 'web-shop', hook: id, url });
    await expect(change).rejects.toMatchObject({ status: 403, id: 'administrators_only' });
  });

  test('call nothing here by a name that comes to mean it later, either', async () => {
    const there = await world();
    const receiver = await Receiver.start();
    const url = `https://rebound.example.com:${receiver.port}/`;
    const [given, user] = [{ app: 'web-shop', events: ['updated'], secret: SECRET, url }, there.user];
    const hook = await user.hooks.create(given);
    const asked: string[] = [];
    await there.run(
      poster({
        timeoutMs: 2000,
        async addresses(host) {
          asked.push(host);
          return ['127.0.0.1', '10.0.0.1', '::1'];
        },
      }),
    );
    await happen(there);
    const [result] = await there.results(hook, ([first]) => first?.num_attempts === 1);
    expect(result?.attempts?.[0]?.problem).toBe(
      'Its address is one of this machine or of a private network.',
    );
    expect(asked).toEqual(['rebound.example.com']);
    expect(receiver.received).toEqual([]);
    // The same of an administrator gets as far as TLS.
    const own = await there.hook(`${url}?own`, ['updated']);
    await happen(there);
    const [tried] = await there.results(own, ([first]) => first?.num_attempts === 1);
    expect(tried?.attempts?.[0]?.problem).not.toMatch(/private/);
  });

  test('are not told what a receiver of an administrator answered here', async () => {
    const there = await world();
    const receiver = await Receiver.start({ answers: (_, response) => response.end('internal') });
    const hook = await there.hook(receiver.url(), ['updated']);
    await there.run();
    await happen(there);
    const [result] = await there.results(hook, isOver);
    expect(result?.last_attempt.response.body).toBe('internal');
    const [seen] = await there.user.hooks.results({ app: 'web-shop', hook: hook.id });
    expect(seen?.last_attempt.response).toEqual({ code: 200, headers: {}, body: '' });
  });
});
