import type { Socket } from 'node:net';

/** How often is looked whether what opened connections still holds, in milliseconds. */
const LOOK = 250;

/** Says whether a token, or a session of a browser, still holds. */
type Holds = () => boolean;

/**
 * Connections that tokens and sessions opened, each of them by its key. When one holds no more, each of its connections
 * ends, whatever goes over it: a log that is followed, a program that runs, a port that is forwarded.
 */
export class Guests {
  readonly #keys = new Map<Socket, Map<string, Holds>>();
  /** Those that were found to hold no more at the last look. */
  #over: ReadonlySet<string> = new Set();
  #timer: NodeJS.Timeout | undefined;

  /** Takes note that a connection was opened, or is used, with what holds now. */
  admit(socket: Socket, key: string, holds: Holds): void {
    const known = this.#keys.get(socket);
    if (known !== undefined) {
      known.set(key, holds);
      return;
    }
    if (socket.destroyed) return;
    this.#keys.set(socket, new Map([[key, holds]]));
    socket.once('close', () => this.forget(socket));
    this.#timer ??= setInterval(() => this.look(), LOOK).unref();
  }

  private look(): void {
    const all = new Map([...this.#keys.values()].flatMap((keys) => [...keys]));
    const over = [...all].filter(([, holds]) => !stillHolds(holds)).map(([key]) => key);
    // Only at the second look: who revokes the token that they come with gets an answer.
    const ended = over.filter((key) => this.#over.has(key));
    this.#over = new Set(over);
    for (const [socket, keys] of this.#keys) {
      if (ended.some((key) => keys.has(key))) socket.destroy();
    }
  }

  private forget(socket: Socket): void {
    this.#keys.delete(socket);
    if (this.#keys.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#over = new Set();
  }
}

/** What can't be looked up at the moment is looked up again. */
function stillHolds(holds: Holds): boolean {
  try {
    return holds();
  } catch {
    return true;
  }
}
