import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Served {
  readonly url: string;
  /** Every request that came, method and path. */
  readonly requests: readonly string[];
  /** Settles when the first request is there. */
  readonly asked: Promise<unknown>;
  close(): void;
}

/** An HTTP server on this machine that answers as told; without an answer it keeps whoever asks waiting. */
export async function serve(answer: RequestListener = () => {}): Promise<Served> {
  const requests: string[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    requests.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  const asked = once(server, 'request');
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    asked,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
