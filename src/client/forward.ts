import { createServer, type Server, type Socket } from 'node:net';
import { AppsApiError, conflict } from '../contract/errors.js';
import { splice } from '../contract/splice.js';
import type { ForwardOrder } from '../contract/tunnels.js';
import { errorCode } from '../model/error-code.js';
import { openTunnel, type TunnelTarget } from './tunnel.js';

export interface ForwardOptions {
  readonly target: TunnelTarget;
  readonly app: string;
  readonly order: ForwardOrder;
  /** Where to listen: a loopback address. Without a port, the one of the dyno if it is free, or any. */
  readonly local: { readonly host: string; readonly port?: number };
  /** Hears why a connection could not be passed on. */
  readonly onFailure: (message: string) => void;
}

export interface Forwarding {
  readonly dyno: string;
  readonly host: string;
  readonly port: number;
}

const CONNECTIONS_MOST = 512;

/**
 * Listens on this machine, and passes every connection on to a port of a dyno, for as long as this process lives.
 * Throws an AppsApiError if nothing listens there, or if it can't listen here.
 */
export async function forward({ target, app, order, local, onFailure }: ForwardOptions): Promise<Forwarding> {
  const open = () => openTunnel(target, { name: 'aka-forward', app, order });
  // Whether it can be reached at all is better known now than when it is used.
  const probe = await open();
  probe.socket.destroy();
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    open().then(
      (tunnel) => pass(socket, tunnel.socket),
      (error: unknown) => {
        socket.resetAndDestroy();
        onFailure(error instanceof Error ? error.message : 'A connection could not be passed on.');
      },
    );
  });
  server.maxConnections = CONNECTIONS_MOST;
  const { host } = local;
  const port = await listenOn(server, host, local.port ?? order.port)
    .catch((error: unknown) => {
      const code = errorCode(error);
      if (local.port === undefined && (code === 'EADDRINUSE' || code === 'EACCES')) {
        return listenOn(server, host, 0);
      }
      throw error;
    })
    .catch((error: unknown) => {
      throw cannotListen(error, host, local.port);
    });
  return { dyno: probe.dyno, host, port };
}

function pass(socket: Socket, tunnel: Socket): void {
  if (socket.destroyed) {
    tunnel.destroy();
    return;
  }
  splice(socket, tunnel);
}

function listenOn(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function cannotListen(error: unknown, host: string, port: number | undefined): unknown {
  const code = errorCode(error);
  if (code === 'EADDRINUSE') {
    return conflict(
      'address_in_use',
      `Another program listens on ${host}:${port}.`,
      'Choose another port: --local PORT',
    );
  }
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'EINVAL') {
    return new AppsApiError({
      id: 'address_not_allowed',
      status: 422,
      message: `This user can't listen on ${host}${port === undefined ? '' : `:${port}`}.`,
      hint: 'Choose another one: --local [HOST:]PORT',
    });
  }
  return error;
}
