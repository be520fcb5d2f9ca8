import { once } from 'node:events';
import { createServer as createHttpServer, type RequestOptions, request } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { isRegistry } from '../../../src/platform/builds/build-network.js';
import { type EgressOptions, EgressProxy } from '../../../src/platform/engine/egress.js';
import { upstreamOf } from '../../../src/platform/engine/upstream-proxy.js';
import { isInside, isThisMachineOrLink } from '../../../src/platform/machine/inside.js';
import { requestBytes, responseBytes } from '../../faults/http-bytes.js';

const RUNS = 300;

describe('what is inside', () => {
  test.each([
    [
      '127.0.0.1',
      '127.8.9.1',
      '0.0.0.0',
      '10.1.2.3',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
      '169.254.169.254',
    ],
    ['100.64.0.1', '224.0.0.1', '255.255.255.255', '198.18.0.1', '192.0.2.1', '240.0.0.1'],
    [
      '::',
      '::1',
      '::ffff:127.0.0.1',

      '::7f00:1',
      'fe80::1',
      'fe80::1%eth0',
      'fc00::1',
      'fd12::1',
    ],
    ['64:ff9b::7f00:1', '2002:7f00:1::', '2001:0:1::', 'ff02::1', 'not an address', ''],
    ['::ffff:0:127.0.0.1', '::ffff:0:10.0.0.1', '::127.0.0.1', '0:0:0:0:ffff:0:7f00:1'],
    ['64:ff9b::10.0.0.1', '64:ff9b::169.254.169.254', '64:ff9b::', '64:ff9b:1::1', '64:ff9b:1:7f00:0:100::'],
    ['2002:a00:1::', '2002:808:808::', '2001:0:4136:e378:8000:63bf:3fff:fdd2', '2001:db8::1', '2001:20::1'],
    ['3fff::1', '3fff:fff:ffff::1', '5f00::1', '5f00:ffff::', '100::1', 'fec0::1', '4000::1'],
  ])('%s and so on', (...addresses) => {
    expect(addresses.filter((address) => !isInside(address))).toEqual([]);
  });

  test('is every address of this machine, private or not', () => {
    const own = Object.values(networkInterfaces()).flatMap((list) =>
      (list ?? []).map(({ address }) => address),
    );
    expect(own.filter((address) => !isInside(address))).toEqual([]);
  });

  test('is not the internet', () => {
    const outside = ['1.1.1.1', '8.8.8.8', '172.15.0.1', '172.32.0.1', '2606:4700::1111', '64:ff9b::8.8.8.8'];
    expect([...outside, '3ffe::1', '2a00:1450::1'].filter(isInside)).toEqual([]);
  });

  test('does not depend on how an IPv4 address is written in IPv6', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(isInside(`::ffff:${address}`)).toBe(isInside(address));
      }),
    );
  });
});

describe('what is this machine', () => {
  test.each([
    ['127.0.0.1', '0.0.0.0', '169.254.169.254', '::', '::1', 'fe80::1%eth0', '', 'x'],
    ['::ffff:127.0.0.1', '::ffff:0:127.0.0.1', '64:ff9b::127.0.0.1', '64:ff9b:1::7f00:1', '2002:7f00:1::'],
  ])('is %s and so on', (...addresses) => {
    expect(addresses.filter((address) => !isThisMachineOrLink(address))).toEqual([]);
  });

  test('is no other machine of a private network', () => {
    expect(
      ['10.255.254.253', 'fd12:3456::1', '192.168.254.253', '1.1.1.1'].filter(isThisMachineOrLink),
    ).toEqual([]);
  });
});

describe('the proxy', () => {
  const cleanUps: (() => unknown)[] = [];
  afterEach(() => {
    for (const cleanUp of cleanUps.splice(0)) cleanUp();
  });

  test('joins a program to a host by CONNECT, both ways', async () => {
    const echo = await listen((socket) => socket.pipe(socket));
    const proxy = await start({ refuses: () => false });
    const { status, socket } = await tunnel(proxy, `127.0.0.1:${echo}`);
    expect(status).toBe(200);
    socket.end('there and back');
    expect(await text(socket)).toBe('there and back');
  });

  test.each([
    ['an address of this machine', '127.0.0.1'],
    ['an IPv6 one', '[::1]'],
    ['cloud metadata', '169.254.169.254'],
    ['a private network', '10.64.0.2'],
    ['a name that resolves to one', 'localhost'],
  ])('refuses %s', async (_title, host) => {
    const proxy = await start({});
    expect(await answer(proxy, `${host}:80`)).toMatchObject({ status: 403 });
  });

  test('goes to the address it looked at, so a name that changes its mind gains nothing', async () => {
    const secret = await listen((socket) => socket.end('secret'));
    let asked = 0;
    const lookup = async (): Promise<string[]> => (++asked === 1 ? ['127.0.0.9'] : ['127.0.0.1']);
    const proxy = await start({ lookup, refuses: (address) => address !== '127.0.0.9' });
    expect(await answer(proxy, `rebind.example:${secret}`)).toMatchObject({ status: 504 });
    expect(asked).toBe(1);
  });

  test('lets through a host on one port that it is told to allow, and no other of it', async () => {
    const [registry, other] = [
      await listen((socket) => socket.end('package')),
      await listen(() => undefined),
    ];
    const proxy = await start({
      allows: isRegistry({ NPM_CONFIG_REGISTRY: `http://LocalHost:${registry}/npm/` }),
    });
    const { status, socket } = await tunnel(proxy, `localhost:${registry}`);
    expect(status).toBe(200);
    expect(await text(socket)).toBe('package');
    for (const target of [`localhost:${other}`, `127.0.0.1:${registry}`])
      expect(await answer(proxy, target)).toMatchObject({ status: 403 });
  });

  test('goes through the proxy of the machine, with its password, but to no private network', async () => {
    const heads: string[] = [];
    const machine = await listen((socket) =>
      socket.once('data', (data) => {
        heads.push(String(data));
        socket.end('HTTP/1.1 200 OK\r\n\r\nfar away');
      }),
    );
    const proxy = await start({
      upstream: upstreamOf({
        https_proxy: `http://me:p%40ss@127.0.0.1:${machine}`,
        no_proxy: 'near.example',
      }),
      lookup: async (host) =>
        host === 'near.example' ? ['127.0.0.1'] : Promise.reject(new Error('ENOTFOUND')),
    });
    const { status, socket } = await tunnel(proxy, 'far.example:443');
    expect(status).toBe(200);
    expect(await text(socket)).toBe('far away');
    expect(heads).toEqual([expect.stringMatching(/^CONNECT far\.example:443 HTTP\/1\.1\r\n/)]);
    expect(heads[0]).toContain(`roxy-authorization: Basic ${Buffer.from('me:p@ss').toString('base64')}`);
    for (const target of ['10.0.0.1:443', '127.0.0.1:80', 'near.example:80'])
      expect(await answer(proxy, target)).toMatchObject({ status: 403 });
    expect(heads).toHaveLength(1);
  });

  test('takes of several addresses only those outside', async () => {
    const echo = await listen((socket) => socket.end('outside'));
    const proxy = await start({
      lookup: async () => ['10.0.0.1', '127.0.0.1'],
      refuses: (address) => address === '10.0.0.1',
    });
    const { status, socket } = await tunnel(proxy, `mixed.example:${echo}`);
    expect(status).toBe(200);
    expect(await text(socket)).toBe('outside');
  });

  test.each([
    ['no port', 'example.com'],
    ['port 0', 'example.com:0'],
    ['port 65536', 'example.com:65536'],
    ['a path', 'example.com:80/x'],
    ['credentials', 'a@example.com:80'],
  ])('refuses what is not HOST:PORT: %s', async (_title, target) => {
    expect(await answer(await start({}), target)).toMatchObject({ status: 400 });
  });

  test('says so when there is no such host and when nobody answers', async () => {
    expect(
      await answer(
        await start({ lookup: () => Promise.reject(new Error('ENOTFOUND')) }),
        'nowhere.example:443',
      ),
    ).toMatchObject({ status: 502 });
    const closed = await listen(() => undefined);
    for (const cleanUp of cleanUps.splice(0)) cleanUp();
    expect(await answer(await start({ refuses: () => false }), `127.0.0.1:${closed}`)).toMatchObject({
      status: 504,
    });
  });

  test('passes on a request for an http URL, its body and its answer', async () => {
    const server = createHttpServer((asked, answered) => {
      const { method, url, headers } = asked;
      answered.writeHead(201, {
        'x-seen': JSON.stringify({ method, url, host: headers.host, via: headers['x-own'] }),
      });
      asked.pipe(answered);
    }).listen(0, '127.0.0.1');
    cleanUps.push(() => server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const proxy = await start({ refuses: () => false, lookup: async () => ['127.0.0.1'] });
    const body = 'x'.repeat(300_000);
    for (const framing of [{ 'content-length': String(body.length) }, { 'transfer-encoding': 'chunked' }]) {
      const path = `http://far.example:${port}/a?b=c`;
      const headers = { ...framing, 'x-own': 'mine', 'x-hop': 'not', connection: 'x-hop' };
      const got = await ask({ port: proxy, path, method: 'PUT', headers }, body);
      expect({ ...got, seen: JSON.parse(got.seen) as unknown }).toEqual({
        status: 201,
        seen: { method: 'PUT', url: '/a?b=c', host: `far.example:${port}`, via: 'mine' },
        text: body,
      });
    }
  });

  test.each([
    ['http://127.0.0.1:1/', 403],
    ['http://[::ffff:127.0.0.1]/', 403],
    ['http://a@example.com/', 405],
    ['https://example.com/', 405],
    ['/', 405],
    ['ftp://example.com/', 405],
  ])('refuses a request for %s', async (path, status) => {
    expect(await ask({ port: await start({}), path })).toMatchObject({ status });
  });

  test('lives when a host breaks off, before its answer and in it', async () => {
    const proxy = await start({ refuses: () => false });
    const mute = await listen((socket) => socket.once('data', () => socket.resetAndDestroy()));
    expect(await ask({ port: proxy, path: `http://127.0.0.1:${mute}/` })).toMatchObject({ status: 502 });
    const half = await listen((socket) =>
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf', () => socket.resetAndDestroy());
      }),
    );
    await expect(ask({ port: proxy, path: `http://127.0.0.1:${half}/` })).rejects.toThrow();
    expect(await ask({ port: proxy, path: '/' })).toMatchObject({ status: 405 });
  });

  test('lives through whatever a host answers and a program asks', async () => {
    const responses = fc.sample(responseBytes, RUNS);
    const host = await listen((socket) => socket.once('data', () => socket.end(responses.pop() ?? '')));
    const proxy = await start({ refuses: () => false });
    const send = async (bytes: string | Buffer): Promise<void> => {
      const socket = connect(proxy, '127.0.0.1');
      // What is no whole request has no response.
      socket.on('error', () => undefined).setTimeout(100, () => socket.destroy());
      socket.once('data', () => socket.destroy()).write(bytes);
      await new Promise((resolve) => {
        socket.on('close', resolve);
      });
    };
    const target = `http://127.0.0.1:${host}`;
    for (const status of ['099', '000', '101', '600']) {
      responses.push(Buffer.from(`HTTP/1.1 ${status} Odd\r\nContent-Length: 0\r\n\r\n`));
      await send(`GET ${target}/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    }
    const requests = fc.sample(requestBytes, RUNS);
    await Promise.all(
      requests.map((bytes) => send(bytes.toString('latin1').replace(/ \S* HTTP/, ` ${target}/\u00e9 HTTP`))),
    );
    expect(await ask({ port: proxy, path: '/' })).toMatchObject({ status: 405 });
  });

  test('bounds the connections of a dyno, and counts those that ended no more', async () => {
    const echo = await listen((socket) => socket.pipe(socket));
    const proxy = await start({ refuses: () => false, perDyno: 2 });
    const first = await tunnel(proxy, `127.0.0.1:${echo}`);
    await tunnel(proxy, `127.0.0.1:${echo}`);
    expect(await answer(proxy, `127.0.0.1:${echo}`)).toMatchObject({ status: 429 });
    first.socket.destroy();
    for (;;) {
      const { status, socket } = await tunnel(proxy, `127.0.0.1:${echo}`);
      if (status === 200) break;
      socket.destroy();
    }
  });

  test('one too many is closed, whatever the program does', async () => {
    const taken: Socket[] = [];
    const proxy = new EgressProxy({ perDyno: 0 });
    const port = await listen((socket) => {
      taken.push(socket);
      proxy.serve({ id: 'web.1', space: 'a' }, socket);
    });
    const program = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    program.on('error', () => undefined).resume();
    await once(program, 'end');
    const [refused] = taken;
    if (refused !== undefined && !refused.destroyed) await once(refused, 'close');
    expect(refused?.destroyed).toBe(true);
    program.destroy();
  });

  test('lives through rubbish and connections that break', async () => {
    const proxy = await start({ refuses: () => false });
    for (const rubbish of [
      '\0\0\0\0',
      'GET',
      'CONNECT\r\n\r\n',
      `CONNECT ${'x'.repeat(100_000)} HTTP/1.1\r\n\r\n`,
    ]) {
      const socket = connect(proxy, '127.0.0.1');
      socket.on('error', () => undefined).write(rubbish);
      socket.resume();
      socket.end();
      await new Promise((resolve) => {
        socket.on('close', resolve);
      });
    }
    const broken = await listen((socket) => socket.once('data', () => socket.resetAndDestroy()));
    const { socket } = await tunnel(proxy, `127.0.0.1:${broken}`);
    socket.write('anything');
    await new Promise((resolve) => {
      socket.on('close', resolve).resume();
    });
    const echo = await listen((one) => one.pipe(one));
    expect((await tunnel(proxy, `127.0.0.1:${echo}`)).status).toBe(200);
  });

  async function listen(serve: (socket: Socket) => void): Promise<number> {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      serve(socket);
    }).listen(0, '127.0.0.1');
    cleanUps.push(() => server.close());
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  function start(options: EgressOptions): Promise<number> {
    const proxy = new EgressProxy(options);
    return listen((socket) => proxy.serve({ id: 'web.1', space: 'a' }, socket));
  }

  async function tunnel(proxy: number, target: string): Promise<{ status: number; socket: Socket }> {
    const socket = connect(proxy, '127.0.0.1');
    cleanUps.push(() => socket.destroy());
    socket.on('error', () => undefined);
    socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`);
    let head = '';
    while (!head.includes('\r\n\r\n')) {
      const [chunk] = (await once(socket, 'data')) as [Buffer];
      head += String(chunk);
    }
    socket.pause();
    const rest = head.slice(head.indexOf('\r\n\r\n') + 4);
    if (rest !== '') socket.unshift(Buffer.from(rest));
    return { status: Number(head.split(' ')[1]), socket };
  }

  async function answer(proxy: number, target: string): Promise<{ status: number }> {
    const { status, socket } = await tunnel(proxy, target);
    socket.destroy();
    return { status };
  }
});

async function text(socket: Socket): Promise<string> {
  let all = '';
  for await (const chunk of socket) all += String(chunk);
  return all;
}

function ask(
  options: RequestOptions,
  body?: string,
): Promise<{ status: number | undefined; seen: string; text: string }> {
  return new Promise((resolve, reject) => {
    const asking = request({ host: '127.0.0.1', agent: false, ...options }, (got) => {
      let heard = '';
      got.setEncoding('utf8').on('data', (chunk: string) => {
        heard += chunk;
      });
      got.on('error', reject);
      got.on('end', () =>
        resolve({ status: got.statusCode, seen: String(got.headers['x-seen']), text: heard }),
      );
    });
    asking.on('error', reject);
    asking.end(body);
  });
}
