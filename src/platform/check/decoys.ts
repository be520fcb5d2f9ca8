import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { GATEWAY_HOST } from '../engine/engine.js';
import { listening } from '../server/listening.js';
import type { Attempt } from './probe/task.js';

/** Machines may have very many addresses; these are as good as all. */
const ADDRESSES_MOST = 8;

/** Services of this machine that nobody may reach from a dyno. */
export interface Decoys {
  /** Every way a dyno could take to them. */
  readonly attempts: readonly Extract<Attempt, { try: 'tcp' }>[];
  close(): void;
}

/** Listens on loopback and on every address of this machine, for the moment, and closes what connects. */
export async function openDecoys(): Promise<Decoys> {
  const servers: Server[] = [];
  const close = (): void => {
    for (const server of servers) server.close();
  };
  const open = async (host: string): Promise<number> => {
    const server = createServer((socket) => socket.on('error', () => undefined).end());
    await listening(server, () => server.listen(0, host));
    servers.push(server);
    return (server.address() as AddressInfo).port;
  };
  try {
    const [loopback, everywhere] = [await open('127.0.0.1'), await open('0.0.0.0')];
    const own = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter(({ family, internal }) => family === 'IPv4' && !internal)
      .map(({ address }) => address);
    const ways = [
      ['127.0.0.1', loopback],
      [GATEWAY_HOST, loopback],
      ...['127.0.0.1', GATEWAY_HOST, ...own.slice(0, ADDRESSES_MOST)].map(
        (host) => [host, everywhere] as const,
      ),
    ] as const;
    return { attempts: ways.map(([host, port]) => ({ try: 'tcp', host, port })), close };
  } catch (error) {
    close();
    throw error;
  }
}
