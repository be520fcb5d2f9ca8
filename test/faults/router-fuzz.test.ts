import { randomInt } from 'node:crypto';
import { type ClientHttp2Session, constants } from 'node:http2';
import { Agent, request } from 'node:https';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { LONG, runsWhole } from '../long-tests.js';
import { HOST, type Ingress, session, startIngress } from '../platform/router/ingress.js';
import { connectionBytes, requestBytes, responseBytes } from './http-bytes.js';

/** Exchanges in all, over the three kinds. */
const EXCHANGES = runsWhole('fuzz') ? 100_000 : 3000;
/** Connections that are open at once. */
const AT_ONCE = 32;
/** The settings of the router and its acknowledgement of a client's are no answer yet. */
const SETTINGS_BYTES = 80;
/** Requests on one connection: what is wrong with one often ends the connection. */
const PIPELINED = 4;

const seed = Number(process.env.AKA_FUZZ_SEED ?? randomInt(2 ** 31));
const outcomes = new Map<string, number>();
afterAll(() => {
  const seen = [...outcomes].toSorted(([a], [b]) => (a < b ? -1 : 1));
  process.stderr.write(
    `router fuzz, AKA_FUZZ_SEED=${seed}: ${seen.map((each) => each.join(' ')).join(', ')}\n`,
  );
});

const closing: Server[] = [];
afterAll(() => {
  for (const server of closing) server.close();
});

function count(outcome: string): void {
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
}

/** Values of an arbitrary, without an end; the same for the same seed. */
function* endless<T>(arbitrary: fc.Arbitrary<T>, from: number): Generator<T> {
  for (let round = 0; ; round++) yield* fc.sample(fc.noBias(arbitrary), { seed: from + round, numRuns: 200 });
}

/** An ingress whose app is served by a dyno that sends what it likes, and one whose dyno works. */
async function start(defects: unknown[]): Promise<Ingress> {
  const ingress = await startIngress({
    limits: { headers: 10_000, answer: 300, idle: 600, keepAlive: 300 },
    onDefect: (error) => defects.push(error),
  });
  const responses = endless(responseBytes, seed);
  const hostile = await ingress.dynos.start(
    'hostile.1',
    () => {},
    (server) => {
      server.removeAllListeners('connection');
      server.on('connection', (socket) => {
        // An HTTP server keeps its half open.
        socket.on('error', () => {}).on('end', () => socket.destroy());
        socket.on('data', () => {
          const bytes = responses.next().value as Buffer;
          const half = bytes.length % 3 === 0 ? bytes.length >> 1 : bytes.length;
          socket.write(bytes.subarray(0, half));
          socket.write(bytes.subarray(half));
          // Some keep the connection open behind what should have been their response, some reset it.
          if (bytes.length % 2 === 0) socket.end();
          else if (bytes.length % 7 === 0) socket.resetAndDestroy();
        });
      });
    },
  );
  ingress.route(HOST, [hostile]);
  const other = await ingress.dynos.start('other.1', (_, response) => response.end('works'));
  ingress.route('other-shop.local.localhost', [other]);
  return ingress;
}

/** Keeps asking the app that works; returns how often it answered. Throws if it ever does not. */
async function keepAsking(ingress: Ingress, isOver: () => boolean): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = (): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const asked = request(
        {
          host: '127.0.0.1',
          port: ingress.port,
          servername: 'other-shop.local.localhost',
          headers: { Host: 'other-shop.local.localhost' },
          ca: ingress.authority.certificate,
          agent,
        },
        (response) => {
          response.resume();
          response.on('end', () => resolve(response.statusCode));
        },
      );
      asked.on('error', (error) => (asked.reusedSocket ? resolve(200) : reject(error)));
      asked.end();
    });
  let answers = 0;
  for (; !isOver(); answers += 1) expect(await ask()).toBe(200);
  agent.destroy();
  return answers;
}

/** Runs so many exchanges, some at once; each says how many it made. */
async function many(wanted: number, act: () => Promise<number>): Promise<void> {
  let made = 0;
  const worker = async (): Promise<void> => {
    while (made < wanted) {
      const done = await act();
      made += done;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Sends bytes over TLS and reads to the end of the connection, which the client begins at once or behind an answer. */
function send(ingress: Ingress, protocol: string, bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    let came = '';
    const isPatient = bytes.length % 4 > 0;
    const socket = connectTls(
      {
        host: '127.0.0.1',
        port: ingress.port,
        servername: HOST,
        ca: ingress.authority.certificate,
        ALPNProtocols: [protocol],
      },
      () => (isPatient ? socket.write(bytes) : socket.end(bytes)),
    );
    socket.on('data', (chunk: Buffer) => {
      came += chunk.toString('latin1');
      if (!isAnswered(protocol, came)) return;
      if (bytes.length % 5 === 0) socket.destroy();
      else socket.end();
    });
    socket.on('error', () => {});
    socket.once('close', () => resolve(came));
  });
}

function isAnswered(protocol: string, came: string): boolean {
  return protocol === 'h2' ? came.length > SETTINGS_BYTES : came.includes('HTTP/1.1 ');
}

/** Sends bytes without TLS, and reads to the end of the connection. */
function sendPlain(port: number, bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    let came = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (chunk: Buffer) => {
      came += chunk.toString('latin1');
      socket.end();
    });
    // What is no whole request has no response.
    socket.on('error', () => {}).setTimeout(200, () => socket.destroy());
    socket.once('close', () => resolve(came));
  });
}

/** Ports of plain TCP: the redirects', that of TLS, and those that dynos reach at their loopback. */
async function plainPorts({ router, port }: Ingress): Promise<number[]> {
  const doors = [80, 443].map((each) =>
    createServer((socket) => router.accept(socket, { space: 'shop', address: '10.64.1.130', port: each })),
  );
  for (const door of doors) await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  closing.push(...doors);
  return [
    ...router.addresses.redirects.map((each) => each.port),
    port,
    ...doors.map((door) => (door.address() as AddressInfo).port),
  ];
}

/** A real client of HTTP/2: the dyno alone is hostile. */
async function askOverHttp2(opened: ClientHttp2Session, method: string): Promise<number> {
  const stream = opened.request({ ':path': '/', ':method': method });
  return new Promise((resolve) => {
    stream.on('response', (headers) => count(`h2 ${headers[':status']}`));
    stream.on('error', () => {});
    stream.resume();
    stream.end();
    stream.once('close', () => {
      if (stream.rstCode !== constants.NGHTTP2_NO_ERROR) count('h2 broken off');
      resolve(1);
    });
  });
}

test(
  'whatever clients and dynos send, no exception leaves its exchange, and other apps keep answering',
  async () => {
    const defects: unknown[] = [];
    const ingress = await start(defects);
    let isOver = false;
    const answers = keepAsking(ingress, () => isOver);

    const requests = endless(requestBytes, seed + 1_000_000);
    const overHttp1 = many(EXCHANGES / 3, async () => {
      const first = requests.next().value as Buffer;
      // Alone it gets its response, also where what would follow is unsound.
      const others = first.length % 4 === 0 ? PIPELINED - 1 : 0;
      const rest = Array.from({ length: others }, () => requests.next().value as Buffer);
      const came = await send(ingress, 'http/1.1', Buffer.concat([first, ...rest]));
      for (const [, status] of came.matchAll(/HTTP\/1\.1 (\d\d\d) /g)) count(`h1 ${status}`);
      return 1 + others;
    });
    const connections = endless(connectionBytes, seed + 2_000_000);
    const frames = many(EXCHANGES / 3, async () => {
      const came = await send(ingress, 'h2', connections.next().value as Buffer);
      count(came === '' ? 'frames without an answer' : 'frames answered');
      return PIPELINED;
    });
    const responses = many(EXCHANGES / 3, async () => {
      const opened = session(ingress);
      const methods = ['GET', 'HEAD', 'GET', 'POST'];
      for (const method of methods) {
        // A session on which nothing moves for too long is closed.
        if (opened.closed || opened.destroyed) count('h2 session closed');
        else await askOverHttp2(opened, method);
      }
      opened.destroy();
      return methods.length;
    });
    const ports = await plainPorts(ingress);
    const plain = many(EXCHANGES / 20, async () => {
      const bytes = requests.next().value as Buffer;
      const came = await sendPlain(ports[bytes.length % ports.length] ?? 0, bytes);
      count(`plain ${/^HTTP\/1\.1 (\d\d\d) /.exec(came)?.[1] ?? 'closed'}`);
      return 1;
    });
    await Promise.all([overHttp1, frames, responses, plain]);
    isOver = true;
    count(`answers of the other app: ${await answers},`);
    expect(await answers).toBeGreaterThan(0);
    expect(defects).toEqual([]);
  },
  LONG,
);
