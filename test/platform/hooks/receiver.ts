import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach } from '@jest/globals';

/** What somebody was called with. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface ReceiverOptions {
  /** Answers a call; with 200 and nothing unless told. It may be sent nothing at all. */
  readonly answers?: (...given: Parameters<RequestListener>) => void;
  /** A certificate, for https. */
  readonly tls?: { readonly chain: string; readonly key: string };
}

const open: Receiver[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

/** Somebody who is called, on a port of this machine, until the test is over. */
export class Receiver {
  readonly received: Received[] = [];
  #waiting: (() => void)[] = [];

  private constructor(
    private readonly server: Server,
    private readonly scheme: 'http' | 'https',
  ) {}

  static async start({
    answers = (_, response) => response.end(),
    tls,
  }: ReceiverOptions = {}): Promise<Receiver> {
    const listen: RequestListener = (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.once('end', () => {
        const { url: path = '', headers } = request;
        receiver.received.push({ path, headers, body: Buffer.concat(chunks).toString() });
        for (const tell of receiver.#waiting.splice(0)) tell();
        answers(request, response);
      });
    };
    const server =
      tls === undefined
        ? createServer(listen)
        : createSecureServer({ cert: tls.chain, key: tls.key }, listen);
    const receiver: Receiver = new Receiver(server, tls === undefined ? 'http' : 'https');
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    open.push(receiver);
    return receiver;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The URL of a path of it. */
  url(path = '/hook'): string {
    return `${this.scheme}://localhost:${this.port}${path}`;
  }

  /** All that came, when there are so many. */
  async calls(count: number): Promise<Received[]> {
    while (this.received.length < count) {
      await new Promise<void>((told) => {
        this.#waiting.push(told);
      });
    }
    return this.received;
  }

  /** What the calls say, when there are so many. */
  async payloads(count: number): Promise<Record<string, unknown>[]> {
    return (await this.calls(count)).map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
