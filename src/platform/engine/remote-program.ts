import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { EngineError, type Exit } from './engine.js';
import type { StreamName } from './protocol.js';

/**
 * A program that the agent runs, as the daemon sees it: its streams, which arrive one by one, and its end. It may begin
 * when all streams are here.
 */
export class RemoteProgram {
  readonly complete: Promise<void>;
  readonly exit: Promise<Exit>;
  private readonly streams = new Map<StreamName, Socket>();
  private onComplete: (() => void) | undefined;
  private onExit: ((exit: Exit) => void) | undefined;

  constructor(private readonly wanted: readonly StreamName[]) {
    this.complete = new Promise((resolve) => {
      this.onComplete = resolve;
    });
    this.exit = new Promise((resolve) => {
      this.onExit = resolve;
    });
  }

  /** Without a socket it was closed before anybody could read it: there was nothing in it. */
  take(name: StreamName, socket: Socket | undefined): void {
    const taken = socket ?? (Readable.from([]) as Socket);
    // A pipe that breaks is the program's end, which is told otherwise.
    taken.on('error', () => undefined);
    this.streams.set(name, taken);
    if (this.streams.size === this.wanted.length) this.onComplete?.();
  }

  stream(name: StreamName): Socket {
    const stream = this.streams.get(name);
    if (stream === undefined) throw new EngineError('failed', `The program has no ${name}.`);
    return stream;
  }

  exited(exit: Exit): void {
    this.onExit?.(exit);
  }

  /** Gives up what was taken over of a program that never ran. */
  destroy(): void {
    for (const stream of this.streams.values()) stream.destroy();
  }
}
