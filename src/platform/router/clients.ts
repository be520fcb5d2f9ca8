import type { Socket } from 'node:net';
import type { Limits } from './limits.js';

/** Counts the connections of clients, and refuses those that are too many. */
export class Clients {
  readonly #limits: Limits;
  readonly #open = new Set<Socket>();
  readonly #byClient = new Map<string, number>();

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Takes a connection of a client. One too many, of all or of this client, is closed: false. */
  admit(socket: Socket, client: string): boolean {
    // A client that breaks off is none of our business.
    socket.on('error', () => {});
    const count = this.#byClient.get(client) ?? 0;
    if (this.#open.size >= this.#limits.connections || count >= this.#limits.connectionsPerClient) {
      socket.destroy();
      return false;
    }
    this.#open.add(socket);
    this.#byClient.set(client, count + 1);
    socket.once('close', () => {
      this.#open.delete(socket);
      const left = (this.#byClient.get(client) ?? 1) - 1;
      if (left === 0) this.#byClient.delete(client);
      else this.#byClient.set(client, left);
    });
    return true;
  }

  /** Cuts all of them off. */
  destroy(): void {
    for (const socket of this.#open) socket.destroy();
  }
}

/** The address of a client, that of IPv4 also where it came to a socket of IPv6. */
export function clientAddress(socket: Socket): string {
  const address = socket.remoteAddress ?? '';
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}
