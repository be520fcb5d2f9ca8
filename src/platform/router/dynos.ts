import type { Socket } from 'node:net';
import { DynoConnection } from './dyno-connection.js';
import type { Limits } from './limits.js';
import type { Dial, Upstream } from './routes.js';

/** A dyno did not accept a connection in time. */
export class DialTimeout extends Error {
  override readonly name = 'DialTimeout';
}

/** The right to use a dyno for one request; it counts as busy until it is given back. */
export interface Lease {
  readonly upstream: Upstream;
  /** A connection that was used before and may have been closed by now; undefined if none is kept. */
  kept(): DynoConnection | undefined;
  /** A new connection. Rejects when it is refused, and with a {@link DialTimeout} when it is not accepted in time. */
  fresh(): Promise<DynoConnection>;
  release(): void;
}

interface Dyno {
  readonly port: number;
  readonly kept: DynoConnection[];
  readonly open: Set<DynoConnection>;
  busy: number;
  /** What waits for it to have nothing to do. */
  waiting: (() => void)[];
}

/** The router's connections to dynos, and how much each of them has to do. */
export class Dynos {
  readonly #dial: Dial;
  readonly #limits: Limits;
  readonly #dynos = new Map<string, Dyno>();
  #turn = 0;

  constructor(dial: Dial, limits: Limits) {
    this.#dial = dial;
    this.#limits = limits;
  }

  /** Requests that a dyno works on, WebSockets included. */
  busy(dyno: string): number {
    return this.#dynos.get(dyno)?.busy ?? 0;
  }

  /**
   * Takes the one with the least to do of those whose dynos were not tried yet, by turns where several have; undefined
   * if none is left, or all have as much as they may.
   */
  lease(upstreams: readonly Upstream[], tried: readonly string[]): Lease | undefined {
    let best: Upstream | undefined;
    let least = this.#limits.connectionsPerDyno;
    const first = this.#turn++;
    for (let at = 0; at < upstreams.length; at++) {
      const each = upstreams[(first + at) % upstreams.length];
      if (each === undefined || tried.includes(each.dyno)) continue;
      const busy = this.busy(each.dyno);
      if (busy < least) {
        best = each;
        least = busy;
      }
    }
    return best === undefined ? undefined : this.#leaseOf(best);
  }

  /** Waits until a dyno has no request any more, at most so many milliseconds, and says whether it came to that. */
  async idle(name: string, withinMs: number): Promise<boolean> {
    const dyno = this.#dynos.get(name);
    if (dyno === undefined) return true;
    if (dyno.busy > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, withinMs);
        dyno.waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    if (dyno.busy > 0) return false;
    this.#forget(name, dyno);
    return true;
  }

  close(): void {
    for (const [name, dyno] of this.#dynos) this.#forget(name, dyno);
  }

  #leaseOf(upstream: Upstream): Lease {
    const { dyno: name, port } = upstream;
    const dyno = this.#dynoFor(name, port);
    dyno.busy++;
    let isHeld = true;
    return {
      upstream,
      kept: () => this.#kept(dyno),
      fresh: () => this.#connect(name, dyno),
      release: () => {
        if (!isHeld) return;
        isHeld = false;
        dyno.busy--;
        if (dyno.busy > 0) return;
        for (const each of dyno.waiting.splice(0)) each();
        this.#clear(name, dyno);
      },
    };
  }

  #dynoFor(name: string, port: number): Dyno {
    const there = this.#dynos.get(name);
    if (there?.port === port) return there;
    // A dyno that moved to another port: what is under way on the old one ends on its own.
    if (there !== undefined) this.#forget(name, there);
    const dyno: Dyno = { port, kept: [], open: new Set(), busy: 0, waiting: [] };
    this.#dynos.set(name, dyno);
    return dyno;
  }

  #kept(dyno: Dyno): DynoConnection | undefined {
    const now = performance.now();
    // The one that was used last is the likeliest to be open still.
    for (let connection = dyno.kept.pop(); connection !== undefined; connection = dyno.kept.pop()) {
      if (connection.isUsable(now)) return connection;
      connection.destroy();
    }
    return undefined;
  }

  async #connect(name: string, dyno: Dyno): Promise<DynoConnection> {
    const socket = await inTime(this.#dial(name, dyno.port), this.#limits.dial);
    const connection = new DynoConnection(socket, this.#limits, {
      free: (each) => dyno.kept.push(each),
      gone: (each) => {
        dyno.open.delete(each);
        const at = dyno.kept.indexOf(each);
        if (at >= 0) dyno.kept.splice(at, 1);
        this.#clear(name, dyno);
      },
    });
    dyno.open.add(connection);
    return connection;
  }

  /** Drops what is known of a dyno that is neither used nor connected. */
  #clear(name: string, dyno: Dyno): void {
    if (dyno.busy === 0 && dyno.open.size === 0 && this.#dynos.get(name) === dyno) this.#dynos.delete(name);
  }

  #forget(name: string, dyno: Dyno): void {
    for (const connection of dyno.kept.splice(0)) connection.destroy();
    if (this.#dynos.get(name) === dyno && dyno.busy === 0) this.#dynos.delete(name);
  }
}

/** A socket that comes too late is closed. */
function inTime(dialled: Promise<Socket>, ms: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new DialTimeout('The dyno did not accept the connection in time.'));
      dialled.then(
        (socket) => socket.on('error', () => {}).destroy(),
        () => {},
      );
    }, ms);
    dialled.then(
      (socket) => {
        clearTimeout(timer);
        resolve(socket);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error instanceof Error ? error : new Error('It was refused.'));
      },
    );
  });
}
