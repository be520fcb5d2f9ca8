import type { Socket } from 'node:net';
import { Readable, Writable } from 'node:stream';
import type { AppsApiError } from '../contract/errors.js';
import {
  type Frame,
  FrameError,
  FrameReader,
  frame,
  jsonFrame,
  STDIN_WINDOW,
  valueIn,
} from '../contract/frames.js';
import { ProgramExit, type RunOrder, Taken, type TerminalSize } from '../contract/tunnels.js';
import { brokenOff, errorIn, type OpenTunnel, openTunnel, type TunnelTarget } from './tunnel.js';

const STDIN_PART = 32 * 1024;

/** A program that runs in a one-off dyno: its streams, with back-pressure both ways, and its end. */
export class RemoteRun {
  readonly dyno: string;
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Nothing comes here from a program at a terminal. */
  readonly stderr: Readable;
  /** Rejects with an AppsApiError if the connection was lost before. */
  readonly exit: Promise<ProgramExit>;
  readonly #socket: Socket;
  readonly #reader = new FrameReader();
  /** Streams that nobody reads at the moment. */
  readonly #full = new Set<Readable>();
  #window = STDIN_WINDOW;
  #onRoom: (() => void) | undefined;
  #isOver = false;
  #settle: (outcome: ProgramExit | AppsApiError) => void = () => undefined;

  private constructor({ dyno, socket }: OpenTunnel) {
    this.dyno = dyno;
    this.#socket = socket;
    this.exit = new Promise((resolve, reject) => {
      this.#settle = (outcome) => (outcome instanceof Error ? reject(outcome) : resolve(outcome));
    });
    // Whoever awaits it hears of it; it must not end the process before.
    this.exit.catch(() => undefined);
    this.stdout = this.output();
    this.stderr = this.output();
    this.stdin = this.input();
    // What is written when the program has ended already is for nobody.
    this.stdin.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => this.hear(chunk));
    for (const lost of ['end', 'close'] as const)
      socket.once(lost, () => this.end(brokenOff('the dyno', 'it was closed.')));
    socket.resume();
  }

  /** Starts a program in a one-off dyno of an app. Throws an AppsApiError. */
  static async start(target: TunnelTarget, app: string, order: RunOrder): Promise<RemoteRun> {
    return new RemoteRun(await openTunnel(target, { name: 'aka-run', app, order }));
  }

  signal(name: NodeJS.Signals): void {
    this.write(frame('signal', Buffer.from(name)));
  }

  resize(size: TerminalSize): void {
    this.write(jsonFrame('resize', size));
  }

  /** Closes the connection; a program that still runs is ended. */
  close(): void {
    this.#socket.destroy();
  }

  private write(bytes: Buffer): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  private output(): Readable {
    const stream: Readable = new Readable({
      read: () => {
        if (this.#full.delete(stream) && this.#full.size === 0) this.#socket.resume();
      },
    });
    return stream;
  }

  private print(stream: Readable, bytes: Buffer): void {
    if (bytes.length === 0 || stream.push(bytes)) return;
    this.#full.add(stream);
    this.#socket.pause();
  }

  private input(): Writable {
    return new Writable({
      highWaterMark: STDIN_PART,
      write: (chunk: Buffer, _, done) => this.send(chunk, done),
      final: (done) => {
        this.write(frame('stdin_end'));
        done();
      },
    });
  }

  /** Sends as much as the other end takes, and the rest when it takes more. */
  private send(chunk: Buffer, done: () => void): void {
    const part = chunk.subarray(0, Math.min(this.#window, STDIN_PART));
    if (part.length > 0) {
      this.#window -= part.length;
      this.write(frame('stdin', part));
    }
    const rest = chunk.subarray(part.length);
    if (rest.length === 0) done();
    else if (this.#window > 0) this.send(rest, done);
    else this.#onRoom = () => this.send(rest, done);
  }

  private hear(chunk: Buffer): void {
    try {
      this.#reader.push(chunk);
      for (let next = this.#reader.next(); next !== undefined; next = this.#reader.next()) this.take(next);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.end(brokenOff('the dyno', error.message));
    }
  }

  private take(received: Frame): void {
    switch (received.type) {
      case 'stdout':
        this.print(this.stdout, received.payload);
        return;
      case 'stderr':
        this.print(this.stderr, received.payload);
        return;
      case 'taken': {
        const taken = Taken.safeParse(valueIn(received));
        this.#window += taken.success ? taken.data.bytes : 0;
        const onRoom = this.#onRoom;
        this.#onRoom = undefined;
        onRoom?.();
        return;
      }
      case 'exit': {
        const exit = ProgramExit.safeParse(valueIn(received));
        if (!exit.success) throw new FrameError('How the program ended is not known.');
        this.end(exit.data);
        return;
      }
      case 'error':
        this.end(errorIn(received));
        return;
      default:
        throw new FrameError(`A server sends no ${received.type}.`);
    }
  }

  private end(outcome: ProgramExit | AppsApiError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#settle(outcome);
    for (const stream of [this.stdout, this.stderr]) stream.push(null);
    this.stdin.destroy();
    this.#socket.destroy();
  }
}
