import { connect, createServer, type Server, type Socket } from 'node:net';
import { splice } from '../../contract/splice.js';
import type { Admission } from './admission.js';
import { EngineError } from './engine.js';
import type { ServiceOrder } from './protocol.js';

type Target = ServiceOrder['targets'][number];

/** Connections that a listener may hold before they are accepted. */
const BACKLOG = 1024;
const CONNECT_MS = 3000;

/**
 * An app's address inside its space. It takes connections and joins each to one of the app's dynos, in turn; one that
 * refuses is skipped. Without targets nothing listens, so that connections are refused by the kernel.
 */
export class StableAddress {
  private server: Server | undefined;
  private targets: readonly Target[] = [];
  private next = 0;
  /** Settles when what was last asked for holds: listening takes a moment, and another wish may come meanwhile. */
  private settled: Promise<void> = Promise.resolve();
  private readonly sockets = new Set<Socket>();

  constructor(
    private readonly host: string,
    private readonly port: number,
    /** Of the connections to all stable addresses. */
    private readonly admission: Admission,
  ) {}

  setTargets(targets: readonly Target[]): Promise<void> {
    this.targets = targets;
    const done = this.settled.then(() => this.listenOrNot());
    this.settled = done.catch(() => undefined);
    return done;
  }

  /** Ends its connections too. */
  async close(): Promise<void> {
    const closed = this.setTargets([]);
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private async listenOrNot(): Promise<void> {
    if (this.targets.length === 0) this.stopListening();
    else this.server ??= await this.listen();
  }

  private stopListening(): void {
    this.server?.close();
    this.server = undefined;
  }

  private listen(): Promise<Server> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (client) => {
      if (!this.admission.admit(client, client.remoteAddress ?? '')) return;
      this.track(client);
      void this.join(client);
    });
    return new Promise((resolve, reject) => {
      // Stays: what the system fails to accept later is that client's loss alone.
      server.on('error', (error) =>
        reject(new EngineError('failed', `Can't listen on ${this.host}:${this.port}: ${error.message}.`)),
      );
      server.listen({ host: this.host, port: this.port, backlog: BACKLOG }, () => resolve(server));
    });
  }

  private async join(client: Socket): Promise<void> {
    const first = this.next++;
    const { targets } = this;
    for (let tried = 0; tried < targets.length && !client.destroyed; tried++) {
      const target = targets[(first + tried) % targets.length];
      const dyno = target === undefined ? undefined : await reach(target);
      if (dyno !== undefined) {
        this.track(dyno);
        splice(client, dyno);
        return;
      }
    }
    // None took it: to the client this looks as if nothing listened.
    client.resetAndDestroy();
  }

  private track(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => undefined);
  }
}

function reach({ ip, port }: Target): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: ip, port, allowHalfOpen: true, noDelay: true });
    const giveUp = (): void => {
      socket.destroy();
      resolve(undefined);
    };
    socket.setTimeout(CONNECT_MS, giveUp);
    socket.once('error', giveUp);
    socket.once('connect', () => {
      socket.setTimeout(0);
      socket.removeListener('error', giveUp);
      resolve(socket);
    });
  });
}
