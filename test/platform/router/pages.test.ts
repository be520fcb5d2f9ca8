import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { exchangeBytes, get, HOST, holds, type Ingress, startIngress } from './ingress.js';

const SECRET = 'vault-shop.internal.local.localhost';
const UNKNOWN = 'nobdy-shop.internal.local.localhost';

let ingress: Ingress;
beforeAll(async () => {
  ingress = await startIngress({ limits: { answer: 150 } });
  const ok = await ingress.dynos.start('web.1', (request, response) =>
    response.end(`hi ${String(request.headers['x-forwarded-for'])}`),
  );
  ingress.route(HOST, [ok]);
  ingress.route(SECRET, [ok], { internal: true, space: 'shop' });
  ingress.route('none-shop.local.localhost', []);
  ingress.route('maint-shop.local.localhost', [ok], { maintenance: true });
  ingress.route('dead-shop.local.localhost', [{ dyno: 'dead.1', port: 1 }]);
  const silent = await ingress.dynos.start('silent.1', () => {});
  ingress.route('slow-shop.local.localhost', [silent]);
  const raw = (name: string, answer: string) =>
    ingress.dynos.startRaw(name, (socket) => socket.end(answer, 'latin1'));
  ingress.route('junk-shop.local.localhost', [await raw('junk.1', 'SSH-2.0-OpenSSH 10.1.2.3\r\n\r\n')]);
  ingress.route('mute-shop.local.localhost', [await raw('mute.1', '')]);
});

describe('the router answers itself', () => {
  test.each([
    ['nope.local.localhost', 404, 'unknown_host', undefined],
    ['none-shop.local.localhost', 503, 'no_dyno', '5'],
    ['maint-shop.local.localhost', 503, 'maintenance', '60'],
    ['dead-shop.local.localhost', 502, 'no_connection', '5'],
    ['junk-shop.local.localhost', 502, 'bad_answer', undefined],
    ['mute-shop.local.localhost', 502, 'bad_answer', undefined],
    ['slow-shop.local.localhost', 504, 'timeout', undefined],
  ])('for %s with %d %s', async (host, status, id, retryAfter) => {
    const page = await get(ingress, {
      host,
      headers: { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' },
    });
    expect([page.status, page.headers['content-type']]).toEqual([status, 'text/html; charset=utf-8']);
    expect(page.headers['retry-after']).toBe(retryAfter);
    expect(page.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(page.body).toContain('color-scheme: light dark');
    expect(page.body).not.toMatch(/\d+\.\d+\.\d+\.\d+|dead\.1|ECONN/);
    const json = await get(ingress, { host, headers: { Accept: 'application/json' } });
    expect(json.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(JSON.parse(json.body)).toEqual({ id, message: expect.any(String) });
    const head = await get(ingress, { host, method: 'HEAD' });
    expect([head.status, head.body, head.headers['content-length']]).toEqual([
      status,
      '',
      page.headers['content-length'],
    ]);
  });
});

/** All that a client sees of a name: the certificate it is shown, and every byte of the answer but id and date. */
async function seen(host: string, port: number, method = 'GET'): Promise<string> {
  const text = await exchangeBytes(
    ingress,
    `${method} /x HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    host,
    port,
  );
  const certificate = await new Promise<string>((resolve, reject) => {
    const socket = connectTls(
      { host: '127.0.0.1', port, servername: host, ca: ingress.authority.certificate },
      () => {
        resolve(
          `${socket.getPeerCertificate().fingerprint256} ${socket.alpnProtocol} ${socket.getCipher().name}`,
        );
        socket.destroy();
      },
    );
    socket.once('error', reject);
  });
  return `${certificate}\n${text.replace(/X-Request-Id: \S+|Date: [^\r]+/g, '')}`;
}

/** What a dyno of a space gets. */
const inside = async (space: string, host: string): Promise<string> => {
  const door = createServer((socket) => ingress.router.accept(socket, { space, address: '10.64.1.130' }));
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  try {
    const { status, body } = await get(ingress, { host, port: (door.address() as AddressInfo).port });
    return `${status} ${status === 200 ? body : ''}`;
  } finally {
    door.close();
  }
};

describe('an app of an internal space', () => {
  test.each(['GET', 'HEAD', 'POST', 'OPTIONS'])(
    'is as unknown to the public listener as a name nobody has (%s)',
    async (method) => {
      const internal = await seen(SECRET, ingress.port, method);
      expect(internal).toContain('404 Not Found');
      expect(internal).toBe(await seen(UNKNOWN, ingress.port, method));
    },
  );

  test('is there on the internal listener, where public ones are not', async () => {
    expect(await get(ingress, { host: SECRET, port: ingress.internalPort })).toMatchObject({
      status: 200,
      body: 'hi 127.0.0.1',
    });
    expect((await get(ingress, { host: HOST, port: ingress.internalPort })).status).toBe(404);
  });

  test('is unknown there, too, to clients from other networks', async () => {
    const other = await startIngress({
      listeners: {
        public: { host: '127.0.0.1', port: 0 },
        internal: { host: '127.0.0.1', port: 0, allow: ['10.0.0.0/8', 'fd00::/8'] },
      },
    });
    other.route(SECRET, [await other.dynos.start('web.1', (_, response) => response.end())], {
      internal: true,
    });
    expect((await get(other, { host: SECRET, port: other.internalPort })).status).toBe(404);
  });

  test('is found by dynos of its own space only, who find public ones of every space', async () => {
    expect(await inside('shop', SECRET)).toBe('200 hi 10.64.1.130');
    expect(await inside('other', SECRET)).toBe('404 ');
    expect(await inside('other', HOST)).toBe('200 hi 10.64.1.130');
  });
});

describe('a request that could be read in two ways', () => {
  const reached: string[] = [];
  beforeAll(async () => {
    ingress.route('smuggle-shop.local.localhost', [
      await ingress.dynos.start('smuggle.1', (request, response) => {
        reached.push(request.url ?? '');
        request.resume().on('end', () => response.end());
      }),
    ]);
  });

  const host = 'smuggle-shop.local.localhost';
  test.each([
    [
      'two lengths',
      `POST /a HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 4\r\nContent-Length: 40\r\n\r\nabcd`,
    ],
    [
      'length and chunks',
      `POST /a HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    ],
    [
      'an unknown coding',
      `POST /a HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
    ],
    [
      'a coding twice',
      `POST /a HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    [
      'a space before the colon',
      `POST /a HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n`,
    ],
    ['a folded header', `GET /a HTTP/1.1\r\nHost: ${host}\r\nX: 1\r\n Transfer-Encoding: chunked\r\n\r\n`],
    ['a bare line feed', `GET /a HTTP/1.1\nHost: ${host}\n\n`],
    ['two hosts', `GET /a HTTP/1.1\r\nHost: ${host}\r\nHost: other.local.localhost\r\n\r\n`],
    ['no host', 'GET /a HTTP/1.1\r\n\r\n'],
    ['a host that is none', 'GET /a HTTP/1.1\r\nHost: a b/c\r\n\r\n'],
    ['another host in its target', `GET http://other.local.localhost/a HTTP/1.1\r\nHost: ${host}\r\n\r\n`],
    [
      'a size that is no number',
      `POST /broken HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n`,
    ],
    [
      'an upgrade with a body',
      `GET /a HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 3\r\n\r\nabc`,
    ],
    ['a tunnel', `CONNECT ${host}:443 HTTP/1.1\r\nHost: ${host}\r\n\r\n`],
    ['no HTTP', '\x16\x03\x01\x00\x00'],
  ])('(%s) ends its connection, and nothing gets through', async (_, bytes) => {
    reached.length = 0;
    const text = await exchangeBytes(ingress, bytes, host);
    expect(text === '' || /^HTTP\/1\.1 (400|501|505) /.test(text)).toBe(true);
    expect(text.match(/HTTP\/1\.1 /g)?.length ?? 0).toBeLessThanOrEqual(1);
    // A chunk that turns out to be broken may have begun to reach the dyno, which never sees its end.
    expect(reached.filter((url) => url !== '/broken')).toEqual([]);
  });

  test('is not made of an answer either', async () => {
    const answers: [string, string][] = [
      ['two lengths', 'Content-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
      ['length and chunks', 'Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
      ['an unknown coding', 'Transfer-Encoding: gzip\r\n\r\nabc'],
      ['a folded header', 'X: 1\r\n Y: 2\r\nContent-Length: 0\r\n\r\n'],
      ['a negative length', 'Content-Length: -1\r\n\r\n'],
      ['a bare line feed', 'X: 1\nSet-Cookie: a\r\nContent-Length: 0\r\n\r\n'],
      ['endless headers', `X: ${'x'.repeat(40_000)}\r\n\r\n`],
    ];
    for (const [name, rest] of answers) {
      const at = `bad${answers.findIndex(([each]) => each === name)}`;
      ingress.route(`${at}-shop.local.localhost`, [
        await ingress.dynos.startRaw(at, (socket) => socket.end(`HTTP/1.1 200 OK\r\n${rest}`)),
      ]);
      const { status, body } = await get(ingress, {
        host: `${at}-shop.local.localhost`,
        headers: { Accept: 'application/json' },
      });
      expect([name, status, (JSON.parse(body) as { id: string }).id]).toEqual([name, 502, 'bad_answer']);
    }
  });

  test('what a dyno says unasked never becomes an answer to somebody else', async () => {
    const raw: Socket[] = [];
    ingress.route('extra-shop.local.localhost', [
      await ingress.dynos.startRaw('extra.1', (socket) => {
        raw.push(socket);
        socket.write(
          'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil',
        );
      }),
    ]);
    const bodies = [1, 2, 3].map(
      async () => (await get(ingress, { host: 'extra-shop.local.localhost' })).body,
    );
    expect(await Promise.all(bodies)).toEqual(['ok', 'ok', 'ok']);
    expect((await get(ingress, { host: 'extra-shop.local.localhost' })).body).toBe('ok');
    expect(raw.length).toBe(4);
  });

  test('what a dyno says later, on a connection that is kept, ends that connection', async () => {
    let kept: Socket | undefined;
    ingress.route('later-shop.local.localhost', [
      await ingress.dynos.startRaw('later.1', (socket) => {
        kept = socket;
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      }),
    ]);
    expect((await get(ingress, { host: 'later-shop.local.localhost' })).body).toBe('ok');
    const ended = new Promise((resolve) => kept?.once('end', resolve).resume());
    kept?.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil');
    await ended;
    expect((await get(ingress, { host: 'later-shop.local.localhost' })).body).toBe('ok');
  });
});

const at = (port: number, host = '127.0.0.1') => startIngress({ listeners: { public: { host, port } } });

describe('bounds', () => {
  test('headers that are too large, and those that come too slowly, end their connection', async () => {
    const slow = await startIngress({ limits: { headers: 100, handshake: 100, headerBytes: 4096 } });
    slow.route(HOST, [await slow.dynos.start('web.1', (_, response) => response.end())]);
    expect(
      await exchangeBytes(slow, `GET / HTTP/1.1\r\nHost: ${HOST}\r\nX: ${'x'.repeat(5000)}\r\n\r\n`),
    ).toMatch(/^HTTP\/1\.1 431 /);
    expect(await exchangeBytes(slow, `GET / HTTP/1.1\r\nHost: ${HOST}\r\nX: `)).toMatch(/^HTTP\/1\.1 408 /);
    // Not a word of TLS.
    const mute = connect(slow.port, '127.0.0.1');
    await new Promise((resolve) => mute.on('error', resolve).once('close', resolve).resume());
  });

  test('an answer, an upload and a WebSocket on which nothing happens any more are ended', async () => {
    const idle = await startIngress({ limits: { idle: 100, answer: 100 } });
    const ended: string[] = [];
    const dyno = await idle.dynos.start(
      'web.1',
      (request, response) => {
        request.on('error', () => ended.push('upload'));
        if (request.url === '/stalls') response.write('part');
      },
      (server) =>
        server.on('upgrade', (_, socket: Socket) => {
          socket.write(
            'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
          );
          socket.on('error', () => {}).on('end', () => socket.end(() => ended.push('websocket')));
          socket.resume();
        }),
    );
    idle.route(HOST, [dyno]);
    const ask = (line: string, more: string): Promise<string> =>
      exchangeBytes(idle, `${line} HTTP/1.1\r\nHost: ${HOST}\r\n${more}\r\n`);
    expect(await ask('GET /stalls', '')).toMatch(/^HTTP\/1\.1 200 .*\r\npart\r\n$/s);
    expect(await ask('POST /', 'Content-Length: 10\r\n')).toMatch(/^(HTTP\/1\.1 504 .*)?$/s);
    expect(await ask('GET /', 'Connection: Upgrade\r\nUpgrade: websocket\r\n')).toMatch(/^HTTP\/1\.1 101 /);
    await holds(() => ended.includes('upload') && ended.includes('websocket'));
    await holds(() => idle.router.busy('web.1') === 0);
  });

  test('connections of one client are counted, and one too many is closed', async () => {
    const few = await startIngress({ limits: { connectionsPerClient: 3 } });
    const open = Array.from({ length: 3 }, () => connect(few.port, '127.0.0.1'));
    await Promise.all(open.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
    await expect(get(few)).rejects.toThrow();
    for (const socket of open) socket.destroy();
    few.route(HOST, [await few.dynos.start('web.1', (_, response) => response.end('ok'))]);
    let body = '';
    while (body !== 'ok')
      body = await get(few).then(
        (answer) => answer.body,
        () => '',
      );
  });

  test('an address in use, or that is none, and a network that is none are named', async () => {
    await expect(at(ingress.port)).rejects.toMatchObject({ id: 'address_in_use', status: 409 });
    await expect(at(0, '192.0.2.1')).rejects.toMatchObject({ id: 'no_such_address', status: 422 });
    const internal = { host: '127.0.0.1', port: 0, allow: ['10.0.0.0'] };
    await expect(startIngress({ listeners: { public: internal, internal } })).rejects.toMatchObject({
      id: 'invalid_network',
    });
  });
});
