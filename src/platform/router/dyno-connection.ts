import type { Socket } from 'node:net';
import { AnswerParser, type AnswerParts, type Asked, BadAnswer, OtherProtocol } from './answer-parser.js';
import type { Limits } from './limits.js';

/** Why no whole answer came: the connection was closed, nothing happened for too long, or it was no
 * HTTP, or no HTTP/1. */
export type Failure = 'closed' | 'timeout' | 'invalid' | 'other protocol';

/** Takes the answer to a request. The last call is one of `end`, `upgraded`, `failed` and
 * `defect`, after which none comes. */
export interface AnswerSink extends AnswerParts {
  /** All that came at once has been handed over. */
  settle(): void;
  /** After `head` with 101: the connection is the sink's from now on, with what came already. */
  upgraded(socket: Socket, surplus: Buffer): void;
  /** `begun` says whether a byte of an answer came. */
  failed(failure: Failure, begun: boolean): void;
  /** Taking the answer threw an exception, after which the connection is gone. */
  defect(error: unknown): void;
}

/** Told when it can carry another request, and when it never will again. */
interface ConnectionEvents {
  free(connection: DynoConnection): void;
  gone(connection: DynoConnection): void;
}

interface UnderWay {
  readonly parser: AnswerParser;
  readonly sink: AnswerSink;
  begun: boolean;
  /** Whether the request was sent to its end. */
  sent: boolean;
  isOver: boolean;
}

/** One connection to a dyno, that carries one request after the other (HTTP/1.1, without pipelining). */
export class DynoConnection {
  readonly #socket: Socket;
  readonly #limits: Limits;
  readonly #events: ConnectionEvents;
  readonly #listeners = {
    data: this.#step((chunk: Buffer) => this.#take(chunk)),
    drain: this.#step(() => this.#onDrain?.()),
    timeout: this.#step(() => this.#fail(this.#underWay === undefined ? 'closed' : 'timeout')),
    error: this.#step(() => this.#fail('closed')),
    end: this.#step(() => this.#ended()),
    close: this.#step(() => this.#fail('closed')),
  };
  #underWay: UnderWay | undefined;
  #onDrain: (() => void) | undefined;
  #isGone = false;
  /** When it was last used, in the milliseconds of `performance.now`. */
  #freeSince = 0;

  constructor(socket: Socket, limits: Limits, events: ConnectionEvents) {
    this.#socket = socket;
    this.#limits = limits;
    this.#events = events;
    socket.setNoDelay(true);
    socket.setTimeout(limits.answer);
    // A socket that was handed over, or is closed, can still have an error to report.
    socket.on('error', () => {});
    for (const [event, listener] of Object.entries(this.#listeners)) socket.on(event, listener);
  }

  /** Whether it can carry another request. It may be closed at the other end already, which only using it shows. */
  isUsable(now: number): boolean {
    return !this.#isGone && this.#socket.readyState === 'open' && now - this.#freeSince < this.#limits.kept;
  }

  /** Sends the head of a request; its answer goes to a sink. `whole` says that there is no body. */
  send(head: string, asked: Asked, sink: AnswerSink, whole: boolean): void {
    const parser = new AnswerParser(asked, this.#limits.headerBytes, sink);
    this.#underWay = { parser, sink, begun: false, sent: whole, isOver: false };
    this.#socket.write(head, 'latin1');
  }

  /** Sends a piece of the body; false asks to wait for `onDrain`. */
  write(piece: string | Uint8Array): boolean {
    return (
      this.#isGone ||
      (typeof piece === 'string' ? this.#socket.write(piece, 'latin1') : this.#socket.write(piece))
    );
  }

  onDrain(call: () => void): void {
    this.#onDrain = call;
  }

  /** The request is sent to its end. */
  sent(): void {
    if (this.#underWay === undefined) return;
    this.#underWay.sent = true;
    if (this.#underWay.isOver) this.#release(this.#underWay);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Gives up, also in the middle of an answer. */
  destroy(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#underWay = undefined;
    this.#socket.destroy();
    this.#events.gone(this);
  }

  /** A listener of the socket: an exception of a sink ends its exchange, and with it the connection. */
  #step<Given extends unknown[]>(work: (...given: Given) => void): (...given: Given) => void {
    return (...given) => {
      const sink = this.#underWay?.sink;
      try {
        work(...given);
      } catch (error) {
        this.destroy();
        sink?.defect(error);
      }
    };
  }

  #take(chunk: Buffer): void {
    const current = this.#underWay;
    // Nothing was asked: what comes now would pass for the answer to the next request.
    if (current === undefined || current.isOver) return this.destroy();
    if (!current.begun) current.begun = true;
    let surplus: Buffer;
    try {
      surplus = current.parser.feed(chunk);
    } catch (error) {
      if (!(error instanceof BadAnswer)) throw error;
      return this.#fail(error instanceof OtherProtocol ? 'other protocol' : 'invalid');
    }
    if (current.parser.isUpgraded) return this.#handOver(current.sink, surplus);
    if (!current.parser.isWhole) {
      current.sink.settle();
      if (this.#socket.timeout !== this.#limits.idle && !this.#isGone)
        this.#socket.setTimeout(this.#limits.idle);
      return;
    }
    current.isOver = true;
    if (surplus.length > 0) this.destroy();
    else if (current.sent) this.#release(current);
  }

  #handOver(sink: AnswerSink, surplus: Buffer): void {
    this.#isGone = true;
    this.#underWay = undefined;
    for (const [event, listener] of Object.entries(this.#listeners)) this.#socket.off(event, listener);
    this.#events.gone(this);
    sink.upgraded(this.#socket, surplus);
  }

  #release(current: UnderWay): void {
    this.#underWay = undefined;
    this.#onDrain = undefined;
    if (this.#isGone) return;
    if (!current.parser.keepAlive || !this.#socket.writable) return this.destroy();
    if (this.#socket.timeout !== this.#limits.answer) this.#socket.setTimeout(this.#limits.answer);
    if (this.#socket.isPaused()) this.#socket.resume();
    this.#freeSince = performance.now();
    this.#events.free(this);
  }

  #ended(): void {
    const current = this.#underWay;
    if (current !== undefined && !current.isOver) {
      try {
        current.parser.ended();
        current.isOver = true;
      } catch (error) {
        if (!(error instanceof BadAnswer)) throw error;
        return this.#fail('closed');
      }
    }
    this.destroy();
  }

  #fail(failure: Failure): void {
    if (this.#isGone) return;
    const current = this.#underWay;
    this.destroy();
    if (current !== undefined && !current.isOver) current.sink.failed(failure, current.begun);
  }
}
