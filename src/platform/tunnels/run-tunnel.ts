import { once } from 'node:events';
import type { Socket } from 'node:net';
import {
  FRAME_MAX,
  type Frame,
  FrameError,
  FrameReader,
  type FrameType,
  frame,
  jsonFrame,
  STDIN_WINDOW,
  valueIn,
} from '../../contract/frames.js';
import { RunOrder, TerminalSize } from '../../contract/tunnels.js';
import type { RunningProgram, TerminalSize as Size } from '../engine/engine.js';
import type { Tunnel } from '../server/tunnels.js';
import { parseOrder } from './order.js';
import type { OneOff, Runs } from './runs.js';

/** What a client may send a program. */
const SIGNALS = [
  'SIGINT',
  'SIGTERM',
  'SIGHUP',
  'SIGQUIT',
  'SIGUSR1',
  'SIGUSR2',
  'SIGCONT',
  'SIGTSTP',
] as const;

/** Runs a one-off dyno for as long as the connection lasts, unless it is detached. */
export function runTunnel(runs: Pick<Runs, 'start'>): Tunnel {
  return async ({ caller, app, order, socket }) => {
    const wanted = parseOrder(RunOrder, order);
    const oneOff = await runs.start(caller, app, wanted);
    if (wanted.detached === true) {
      socket.end(jsonFrame('opened', { dyno: oneOff.name }));
      // The client closes it; one that doesn't has had it.
      socket.setTimeout(LINGER_MS, () => socket.destroy());
      return;
    }
    if (socket.destroyed) {
      await oneOff.stop();
      return;
    }
    socket.write(jsonFrame('opened', { dyno: oneOff.name }));
    await new Joined(socket, oneOff).over;
  };
}

/** A program and the connection that its streams go over. */
class Joined {
  readonly over: Promise<void>;
  readonly #running: RunningProgram;
  readonly #reader = new FrameReader();
  /** So many bytes of stdin may still come. */
  #window = STDIN_WINDOW;
  #size: Size | undefined;
  #isResizing = false;
  #exited = false;
  /** An exception while a frame was taken, which ends this tunnel. */
  #defect: Error | undefined;

  constructor(
    private readonly socket: Socket,
    private readonly oneOff: OneOff,
  ) {
    this.#running = oneOff.running;
    // A program need not read what it is given.
    this.#running.stdin.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => this.hear(chunk));
    // Nobody is there any more: also if only the half of it was closed that the client sends on.
    for (const lost of ['end', 'close'] as const) socket.once(lost, () => this.lost());
    socket.resume();
    this.over = this.pass();
  }

  private async pass(): Promise<void> {
    const { socket } = this;
    const { exit, stdout, stderr } = this.#running;
    await Promise.all([this.send('stdout', stdout), this.send('stderr', stderr)]);
    const { code, signal, overMemory } = await exit;
    this.#exited = true;
    if (this.#defect !== undefined) throw this.#defect;
    if (!socket.writable) return;
    socket.end(jsonFrame('exit', { code, signal, ...(overMemory === true && { over_memory: true }) }));
    // The client closes it; one that doesn't has had it.
    socket.setTimeout(LINGER_MS, () => socket.destroy());
  }

  /** Passes on what the program prints as fast as the client takes it. */
  private async send(from: 'stdout' | 'stderr', stream: AsyncIterable<unknown>): Promise<void> {
    try {
      for await (const chunk of stream) await this.write(from, chunk as Buffer);
    } catch {
      // The pipe broke with the program.
    }
  }

  private async write(type: FrameType, bytes: Buffer): Promise<void> {
    const { socket } = this;
    for (let at = 0; at < bytes.length; at += FRAME_MAX) {
      if (!socket.writable) return;
      if (socket.write(frame(type, bytes.subarray(at, at + FRAME_MAX)))) continue;
      const gone = new AbortController();
      const settled = { signal: gone.signal };
      await Promise.race([once(socket, 'drain', settled), once(socket, 'close', settled)])
        .catch(() => undefined)
        .finally(() => gone.abort());
    }
  }

  private hear(chunk: Buffer): void {
    try {
      this.#reader.push(chunk);
      for (let next = this.#reader.next(); next !== undefined; next = this.#reader.next()) this.take(next);
    } catch (error) {
      if (!(error instanceof FrameError)) {
        this.#defect =
          error instanceof Error ? error : new TypeError('Something was thrown that is no error.');
      } else if (this.socket.writable) {
        this.socket.end(jsonFrame('error', { status: 400, id: 'bad_frame', message: error.message }));
      }
      this.socket.destroySoon();
      this.lost();
    }
  }

  private take(received: Frame): void {
    const { stdin } = this.#running;
    switch (received.type) {
      case 'stdin': {
        const { length } = received.payload;
        this.#window -= length;
        if (this.#window < 0) throw new FrameError('More was sent than can be taken.');
        const taken = (): void => {
          this.#window += length;
          if (this.socket.writable) this.socket.write(jsonFrame('taken', { bytes: length }));
        };
        // What nobody reads any more is taken all the same.
        if (stdin.writable) stdin.write(received.payload, taken);
        else taken();
        return;
      }
      case 'stdin_end':
        stdin.end();
        return;
      case 'resize':
        this.resize(parseFrame(TerminalSize, received));
        return;
      case 'signal':
        this.signal(received.payload.toString('latin1'));
        return;
      default:
        throw new FrameError(`A client sends no ${received.type}.`);
    }
  }

  private signal(name: string): void {
    const signal = SIGNALS.find((each) => each === name);
    if (signal === undefined) throw new FrameError('That is no signal for a program.');
    this.#running.signal(signal).catch(() => undefined);
  }

  /** One at a time, and of those that come meanwhile the last: each takes a process. */
  private resize(size: Size): void {
    this.#size = size;
    if (this.#isResizing) return;
    this.#isResizing = true;
    void this.#running
      .resize(size)
      .catch(() => undefined)
      .then(() => {
        this.#isResizing = false;
        if (this.#size !== undefined && this.#size !== size && !this.#exited) this.resize(this.#size);
      });
  }

  private lost(): void {
    if (!this.#exited) {
      // What an interactive shell ends by: it pays no heed to SIGTERM.
      this.#running.signal('SIGHUP').catch(() => undefined);
      void this.oneOff.stop().catch(() => undefined);
    }
    this.socket.destroySoon();
  }
}

const LINGER_MS = 2000;

function parseFrame<T>(
  schema: { safeParse(value: unknown): { success: true; data: T } | { success: false } },
  received: Frame,
): T {
  const parsed = schema.safeParse(valueIn(received));
  if (!parsed.success) throw new FrameError(`A ${received.type} is not of the right form.`);
  return parsed.data;
}
