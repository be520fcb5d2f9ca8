import { createHash } from 'node:crypto';
import type { Server } from 'node:http';
import { connect as connectHttp2, type OutgoingHttpHeaders } from 'node:http2';
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from 'node:net';
import { text as streamText } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { HOST, type Ingress, startIngress } from './ingress.js';

const INTERNAL = 'vault-shop.internal.local.localhost';
/** As long as the internal one, so that answers about either are the same but for the name. */
const UNKNOWN = 'nobdy-shop.internal.local.localhost';
const HERE = '127.0.0.1';
const UPGRADE =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';

/** Greets whoever gets through, by whichever way. */
const greet = (server: Server): void => {
  server.on('upgrade', ({ headers }, socket: Socket) => {
    const key = `${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash('sha1').update(key).digest('base64');
    socket.on('error', () => {});
    socket.end(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\n\r\nhello from ${String(headers.host)}`,
    );
  });
};

async function start(allow: string[]): Promise<Ingress> {
  const ingress = await startIngress({
    listeners: {
      public: { host: HERE, port: 0, redirectPort: 0 },
      internal: { host: HERE, port: 0, allow },
    },
  });
  const dyno = (name: string) =>
    ingress.dynos.start(
      name,
      (request, response) => response.end(`hello from ${request.headers.host}`),
      greet,
    );
  ingress.route(HOST, [await dyno('web.1')]);
  ingress.route(INTERNAL, [await dyno('vault.1')], { internal: true });
  return ingress;
}

/** The status line and location of a response to plain HTTP that a dyno asks for at a port of its loopback. */
function plainInside({ router }: Ingress, port: number, name: string): Promise<(string | undefined)[]> {
  return new Promise((resolve) => {
    const door = createServer((socket) => {
      door.close();
      router.accept(socket, { space: 'safe', address: '10.64.1.130', port });
    });
    door.listen(0, HERE, () => {
      const socket = connectTcp((door.address() as AddressInfo).port, HERE);
      socket.write(`GET /a?b HTTP/1.1\r\nHost: ${name}\r\n\r\n`);
      resolve(
        streamText(socket).then((answer) => [
          answer.split('\r\n')[0],
          /\r\nLocation: (\S+)/.exec(answer)?.[1],
        ]),
      );
    });
  });
}

test('plain HTTP from a dyno is sent to https as that from outside is, at port 80 and the redirect port', async () => {
  const ingress = await start(['127.0.0.0/8']);
  const redirect = ingress.router.addresses.redirects[0]?.port ?? 0;
  for (const port of [80, redirect]) {
    expect(await plainInside(ingress, port, `${HOST}:${port}`)).toEqual([
      'HTTP/1.1 308 Permanent Redirect',
      `https://${HOST}:${ingress.port}/a?b`,
    ]);
  }
});

/** Whom a client says it wants: in the handshake, and in the request. */
interface Said {
  readonly port: number;
  /** null: nobody is named in the handshake, as by who connects to an address. */
  readonly servername: string | null;
  readonly host: string;
}

/** All that comes to who sends this over TLS, or what became of the handshake. */
function bytes({ port, servername }: Said, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connectTls({
      host: HERE,
      port,
      ...(servername !== null && { servername }),
      ALPNProtocols: ['http/1.1'],
      // What is tried is who answers, whatever the certificate says.
      rejectUnauthorized: false,
    });
    let came = '';
    socket.on('data', (chunk: Buffer) => (came += chunk.toString('latin1')));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(`${came}${error.code ?? 'failed'}`));
    socket.once('close', () => resolve(came));
    socket.once('secureConnect', () => socket.write(text, 'latin1'));
  });
}

function http2({ port, servername }: Said, headers: OutgoingHttpHeaders): Promise<string> {
  return new Promise((resolve) => {
    const session = connectHttp2(`https://${HERE}:${port}`, {
      createConnection: () =>
        connectTls({
          host: HERE,
          port,
          ...(servername !== null && { servername }),
          ALPNProtocols: ['h2'],
          rejectUnauthorized: false,
        }),
    });
    const over = (text: string): void => {
      session.destroy();
      resolve(text);
    };
    session.on('error', (error: NodeJS.ErrnoException) => over(error.code ?? 'failed'));
    session.once('remoteSettings', () => {
      const stream = session.request(headers, { endStream: false });
      let came = '';
      stream.on('response', (answer) => (came += `${JSON.stringify(answer)}\n`));
      stream.on('data', (chunk: Buffer) => (came += chunk.toString()));
      stream.on('error', (error: NodeJS.ErrnoException) => over(`${came}${error.code ?? 'failed'}`));
      stream.on('end', () => over(came));
      if (headers[':protocol'] === undefined) stream.end();
    });
  });
}

const PROTOCOLS = {
  'HTTP/1.1': (said: Said) =>
    bytes(said, `GET / HTTP/1.1\r\nHost: ${said.host}\r\nConnection: close\r\n\r\n`),
  'HTTP/1.1 in absolute form': (said: Said) =>
    bytes(said, `GET https://${said.host}/ HTTP/1.1\r\nHost: ${said.host}\r\nConnection: close\r\n\r\n`),
  'HTTP/1.0': (said: Said) => bytes(said, `GET / HTTP/1.0\r\nHost: ${said.host}\r\n\r\n`),
  'a POST with a body': (said: Said) =>
    bytes(said, `POST / HTTP/1.1\r\nHost: ${said.host}\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc`),
  'a WebSocket over HTTP/1.1': (said: Said) =>
    bytes(said, `GET / HTTP/1.1\r\nHost: ${said.host}\r\n${UPGRADE}\r\n`),
  'HTTP/2': (said: Said) => http2(said, { ':path': '/', ':authority': said.host }),
  'HTTP/2 with a Host as well': (said: Said) =>
    http2(said, { ':path': '/', ':authority': said.host, host: said.host }),
  'a WebSocket over HTTP/2': (said: Said) =>
    http2(said, {
      ':method': 'CONNECT',
      ':protocol': 'websocket',
      ':path': '/',
      ':authority': said.host,
      'sec-websocket-version': '13',
    }),
} as const;
type Protocol = keyof typeof PROTOCOLS;
const NAMES = Object.keys(PROTOCOLS) as Protocol[];

/** Ways to name an app, by what is said in the handshake and in the request. */
const WAYS: Readonly<Record<string, (name: string) => Pick<Said, 'servername' | 'host'>>> = {
  'by its name': (name) => ({ servername: name, host: name }),
  'by its name and port': (name) => ({ servername: name, host: `${name}:443` }),
  'in capitals': (name) => ({ servername: name, host: name.toUpperCase() }),
  'with a dot behind': (name) => ({ servername: name, host: `${name}.` }),
  'by the request alone, the handshake naming a public app': (name) => ({ servername: HOST, host: name }),
  'by the request alone, at the address': (name) => ({ servername: null, host: name }),
};
/** Ways that name it nowhere but in the handshake. */
const HANDSHAKES: Readonly<Record<string, (name: string) => Pick<Said, 'servername' | 'host'>>> = {
  'by the handshake alone, the request naming a public app': (name) => ({ servername: name, host: HOST }),
  'by the handshake alone, the request naming the address': (name) => ({ servername: name, host: HERE }),
};

const every = NAMES.flatMap((protocol) =>
  Object.keys({ ...WAYS, ...HANDSHAKES }).map((way) => [protocol, way] as const),
);

/** What is answered to a name, without what differs from one request to the next, and without the name. */
async function answered(port: number, protocol: Protocol, way: string, name: string): Promise<string> {
  const said = { ...WAYS, ...HANDSHAKES }[way]?.(name);
  if (said === undefined) throw new TypeError(`There is no such way: ${way}`);
  const text = await PROTOCOLS[protocol]({ port, ...said });
  return text
    .replaceAll(new RegExp(name, 'gi'), 'NAME')
    .replaceAll(name.slice(0, name.indexOf('.')), 'NAME')
    .replaceAll(/[0-9a-f-]{36}/g, 'ID')
    .replaceAll(/date"?: ?"?[^"\r\n]+/gi, 'DATE');
}

describe('an app of an internal space', () => {
  let ingress: Ingress;
  beforeAll(async () => {
    ingress = await start(['127.0.0.1/32']);
  });

  test.each(every)('is nobody to the public listener: %s, %s', async (protocol, way) => {
    const internal = await answered(ingress.port, protocol, way, INTERNAL);
    expect(internal).toBe(await answered(ingress.port, protocol, way, UNKNOWN));
    expect(internal).not.toBe('');
    expect(internal).not.toContain('hello from NAME');
    expect(ingress.dynos.dials.get('vault.1')).toBeUndefined();
  });

  test('is nobody to the listener of plain http', async () => {
    const redirect = ingress.router.addresses.redirects[0]?.port ?? 0;
    const plain = (host: string): Promise<string> =>
      new Promise((resolve, reject) => {
        const socket = connectTcp(redirect, HERE, () =>
          socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`),
        );
        let came = '';
        socket.on('data', (chunk: Buffer) => (came += chunk.toString()));
        socket.once('error', reject);
        socket.once('close', () =>
          resolve(
            came
              .replaceAll(host, 'NAME')
              .replaceAll(/[0-9a-f-]{36}/g, 'ID')
              .replaceAll(/Date: .+/g, 'DATE'),
          ),
        );
      });
    const answer = await plain(INTERNAL);
    expect(answer).toMatch(/^HTTP\/1\.1 [34]\d\d /);
    expect(answer).toBe(await plain(UNKNOWN));
  });

  test.each(NAMES)('answers on the internal listener: %s', async (protocol) => {
    for (const way of ['by its name', 'by the request alone, at the address'] as const) {
      expect(await answered(ingress.internalPort, protocol, way, INTERNAL)).toContain('hello from NAME');
    }
  });

  test.each(NAMES)('is alone there: public ones are unknown (%s)', async (protocol) => {
    const answer = await answered(ingress.internalPort, protocol, 'by its name', HOST);
    expect(answer).toContain('404');
    expect(answer).not.toContain('hello');
  });
});

describe('an app of an internal space, to clients of networks that are not allowed', () => {
  let ingress: Ingress;
  beforeAll(async () => {
    ingress = await start(['10.0.0.0/8', 'fd00::/8']);
  });

  test.each(every)('is nobody to the internal listener either: %s, %s', async (protocol, way) => {
    const internal = await answered(ingress.internalPort, protocol, way, INTERNAL);
    expect(internal).toBe(await answered(ingress.internalPort, protocol, way, UNKNOWN));
    expect(internal).not.toContain('hello');
    expect(ingress.dynos.dials.get('vault.1')).toBeUndefined();
  });
});
