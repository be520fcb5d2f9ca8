import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createNetServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';

/** The two ways a client has to a server, each with code of its own. */
export type Way = 'unix' | 'tcp';
export const WAYS: readonly Way[] = ['unix', 'tcp'];

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** Runs at the end of the test, last first. */
export function finallyDo(close: () => unknown): void {
  closing.push(close);
}

/** A request that a server got. */
export interface Got {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A server that answers as it likes, and remembers what it got. */
export async function httpHost(
  way: Way,
  answer: (got: Got, response: ServerResponse, count: number) => void,
): Promise<{ url: string; got: Got[]; connections: () => number }> {
  const got: Got[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      got.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
      answer(got.at(-1) as Got, response, got.length);
    });
  });
  server.on('connection', () => connections++);
  finallyDo(() => server.closeAllConnections());
  return { url: await listen(way, server), got, connections: () => connections };
}

/** A server that speaks whatever it likes as soon as something comes. */
export async function rawHost(
  way: Way,
  speak: (socket: Socket) => void,
): Promise<{ url: string; connections: () => number }> {
  const sockets = new Set<Socket>();
  const server = createNetServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', () => speak(socket));
  });
  finallyDo(() => {
    for (const socket of sockets) socket.destroy();
  });
  return { url: await listen(way, server), connections: () => sockets.size };
}

async function listen(way: Way, server: Server): Promise<string> {
  if (way === 'tcp') server.listen(0, '127.0.0.1');
  else server.listen(join(newFolder(), 'socket'));
  finallyDo(() => server.close());
  await once(server, 'listening');
  const address = server.address() as AddressInfo | string;
  return typeof address === 'string' ? `unix:${address}` : `http://127.0.0.1:${address.port}`;
}

/** An address where nobody is. */
export async function nowhere(way: Way): Promise<string> {
  if (way === 'unix') return `unix:${join(newFolder(), 'socket')}`;
  const server = createNetServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}`;
}

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'aka-'));
  finallyDo(() => rmSync(folder, { recursive: true }));
  return folder;
}
