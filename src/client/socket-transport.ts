import { once } from 'node:events';
import { Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import {
  type Answering,
  type Bounds,
  connectionFailure,
  type Outgoing,
  singleHeaders,
  type Transport,
  TransportError,
} from './transport.js';

/**
 * The way to a server on a unix socket, over node:http: it is there already when Node starts, while loading undici
 * takes several times as long as a command on this machine.
 */
export function socketTransport(socketPath: string, bounds: Bounds): Transport {
  const agent = new Agent({ keepAlive: true });
  return {
    open: (outgoing, signal) => new Exchange({ socketPath, agent }, outgoing, bounds, signal).answer(),
    close: async () => agent.destroy(),
  };
}

/** One request and its answer, each step of which has its time. */
class Exchange {
  readonly #request: ClientRequest;
  readonly #outgoing: Outgoing;
  readonly #bounds: Bounds;
  readonly #signal: AbortSignal;
  #sent = false;
  #late: TransportError | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    where: { readonly socketPath: string; readonly agent: Agent },
    outgoing: Outgoing,
    bounds: Bounds,
    signal: AbortSignal,
  ) {
    const { method, path, headers, body } = outgoing;
    const length = typeof body === 'string' ? { 'content-length': Buffer.byteLength(body) } : {};
    this.#request = httpRequest({ ...where, method, path, headers: { ...headers, ...length } });
    this.#outgoing = outgoing;
    this.#bounds = bounds;
    this.#signal = signal;
  }

  async answer(): Promise<Answering> {
    const connected = (): void => {
      this.#sent = true;
      this.#within(this.#bounds.headers, 'answer');
    };
    this.#signal.addEventListener('abort', this.#overdue);
    if (this.#signal.aborted) this.#overdue();
    this.#within(this.#bounds.connect, 'connection');
    // What goes wrong after the answer began is found by reading it.
    this.#request.on('error', () => {});
    this.#request.once('socket', (socket) => {
      if (socket.connecting) socket.once('connect', connected);
      else connected();
    });
    try {
      const answered = once(this.#request, 'response');
      const sending = this.#send();
      // A body may be refused before all of it is sent.
      const [response] = (await Promise.race([answered, sending.then(() => answered)])) as [IncomingMessage];
      clearTimeout(this.#timer);
      return {
        status: response.statusCode ?? 0,
        headers: singleHeaders(response.headers),
        body: this.#bytes(response),
      };
    } catch (error) {
      this.#over();
      throw this.#failure(error);
    }
  }

  async #send(): Promise<void> {
    const { body } = this.#outgoing;
    if (typeof body === 'object') await pipeline(this.#inTime(body), this.#request);
    else this.#request.end(body);
  }

  async *#inTime(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      this.#within(this.#bounds.headers, 'answer');
      yield chunk;
    }
  }

  async *#bytes(response: IncomingMessage): AsyncGenerator<Uint8Array> {
    try {
      this.#within(this.#bounds.body, 'more of the answer');
      for await (const chunk of response as AsyncIterable<Buffer>) {
        // However long it takes to be used.
        clearTimeout(this.#timer);
        yield chunk;
        this.#within(this.#bounds.body, 'more of the answer');
      }
    } catch (error) {
      throw this.#failure(error);
    } finally {
      this.#over();
      // What nobody wants is not sent to its end.
      if (!this.#request.writableFinished) this.#request.destroy();
    }
  }

  readonly #overdue = (): void => this.#giveUp('the time for the call is over', false);

  #giveUp(why: string, passing: boolean): void {
    this.#late ??= new TransportError('timeout', why, this.#sent, passing);
    this.#request.destroy();
  }

  #within(ms: number, what: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#giveUp(`no ${what} in ${ms / 1000} s`, true), ms);
  }

  #failure(error: unknown): TransportError {
    return this.#late ?? (error instanceof TransportError ? error : connectionFailure(error, this.#sent));
  }

  #over(): void {
    clearTimeout(this.#timer);
    this.#signal.removeEventListener('abort', this.#overdue);
  }
}
