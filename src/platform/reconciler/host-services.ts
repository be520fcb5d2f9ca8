import { connect, type Socket } from 'node:net';
import { splice } from '../../contract/splice.js';
import { contain, containNoting } from '../contain.js';
import { type DynoRef, type Engine, EngineError } from '../engine/engine.js';
import type { Store } from '../store/store.js';

/** How long a service of the machine may take to accept, in milliseconds. */
const CONNECT_MS = 5000;
/** Connections of one dyno at a time, to all of them. */
const PER_DYNO = 256;
/** Before a port that could not be opened is tried again, in milliseconds. */
const RETRY = 5000;

interface Connection {
  readonly from: DynoRef;
  readonly port: number;
  readonly socket: Socket;
}

/**
 * Lets dynos reach the services of this machine that their space may reach. `look` makes what is open be what the
 * store says; who may is looked at again for every connection.
 */
export class HostServices {
  readonly #doors = new Map<number, Promise<() => void>>();
  readonly #open = new Set<Connection>();
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(
    private readonly store: Store,
    private readonly engine: Pick<Engine, 'serveGateway'>,
    private readonly note: (text: string) => void,
  ) {}

  /** To be called once, and whenever what is allowed may have changed. */
  look(): void {
    if (this.#closed) return;
    const ports = new Set(this.store.allowedHosts.all().map(({ port }) => port));
    for (const [port, door] of this.#doors) {
      if (ports.has(port)) continue;
      this.#doors.delete(port);
      void door.then((shut) => shut());
    }
    for (const port of ports) if (!this.#doors.has(port)) this.#doors.set(port, this.door(port));
    for (const { from, port, socket } of this.#open) {
      if (!this.may(from.space, port)) socket.resetAndDestroy();
    }
  }

  /** Ends every connection, and takes no more. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    for (const door of this.#doors.values()) void door.then((shut) => shut());
    this.#doors.clear();
    for (const { socket } of this.#open) socket.resetAndDestroy();
  }

  private async door(port: number): Promise<() => void> {
    try {
      return await this.engine.serveGateway(port, (from, socket) =>
        contain(
          () => this.serve(from, port, socket),
          (error) => {
            this.note(`A connection of space ${from.space} to port ${port} failed: ${messageOf(error)}`);
            socket.resetAndDestroy();
          },
        ),
      );
    } catch (error) {
      this.#doors.delete(port);
      const ended = error instanceof EngineError && error.id === 'lost';
      if (!ended && !this.#closed) {
        this.note(`Port ${port} of the machine could not be opened to spaces: ${messageOf(error)}`);
        this.#retry = setTimeout(() => this.lookAgain(), RETRY).unref();
      }
      return () => undefined;
    }
  }

  private lookAgain(): void {
    containNoting('What spaces may reach of the machine could not be read', this.note, () => this.look());
  }

  private may(space: string, port: number): boolean {
    return this.store.allowedHosts.of(space).some((allowed) => allowed.port === port);
  }

  private serve(from: DynoRef, port: number, socket: Socket): void {
    const others = [...this.#open].filter((each) => each.from.id === from.id).length;
    if (this.#closed || others >= PER_DYNO || !this.may(from.space, port)) {
      socket.resetAndDestroy();
      return;
    }
    // A program may be done with sending and still wait for the answer.
    socket.allowHalfOpen = true;
    const connection = { from, port, socket };
    this.#open.add(connection);
    socket.once('close', () => this.#open.delete(connection));
    const service = connect({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen: true });
    service.setTimeout(CONNECT_MS, () => service.destroy());
    service.once('connect', () => service.setTimeout(0));
    // A service that isn't there refuses, and so does this.
    service.once('error', () => socket.resetAndDestroy());
    splice(socket, service);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}
