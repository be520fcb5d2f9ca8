import type { Socket } from 'node:net';

/** How often is looked whether the tokens of open connections still hold, in milliseconds. */
const LOOK = 250;

/**
 * Connections that tokens opened. When a token holds no more, each of its connections ends, whatever goes over it: a
 * log that is followed, a program that runs, a port that is forwarded.
 */
export class Guests {
  readonly #bearers = new Map<Socket, Set<string>>();
  /** Those that were found to hold no more at the last look. */
  #over: ReadonlySet<string> = new Set();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly holds: (bearer: string) => boolean) {}

  /** Takes note that a connection was opened, or is used, with a token that holds. */
  admit(socket: Socket, bearer: string): void {
    const known = this.#bearers.get(socket);
    if (known !== undefined) {
      known.add(bearer);
      return;
    }
    if (socket.destroyed) return;
    this.#bearers.set(socket, new Set([bearer]));
    socket.once('close', () => this.forget(socket));
    this.#timer ??= setInterval(() => this.look(), LOOK).unref();
  }

  private look(): void {
    const all = new Set([...this.#bearers.values()].flatMap((bearers) => [...bearers]));
    const over = [...all].filter((bearer) => !this.stillHolds(bearer));
    // Only at the second look: who revokes the token that they come with gets an answer.
    const ended = over.filter((bearer) => this.#over.has(bearer));
    this.#over = new Set(over);
    for (const [socket, bearers] of this.#bearers) {
      if (ended.some((bearer) => bearers.has(bearer))) socket.destroy();
    }
  }

  /** What can't be looked up at the moment is looked up again. */
  private stillHolds(bearer: string): boolean {
    try {
      return this.holds(bearer);
    } catch {
      return true;
    }
  }

  private forget(socket: Socket): void {
    this.#bearers.delete(socket);
    if (this.#bearers.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#over = new Set();
  }
}
