import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import {
  type Bounds,
  connectionFailure,
  type Incoming,
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
    send: (outgoing, signal) => exchange({ socketPath, agent }, outgoing, bounds, signal),
    close: async () => agent.destroy(),
  };
}

async function exchange(
  where: { readonly socketPath: string; readonly agent: Agent },
  { method, path, headers, body }: Outgoing,
  bounds: Bounds,
  signal: AbortSignal,
): Promise<Incoming> {
  let sent = false;
  let late: TransportError | undefined;
  let timer: NodeJS.Timeout | undefined;
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
  const request = httpRequest({ ...where, method, path, headers: { ...headers, ...length } });
  const giveUp = (why: string, passing: boolean): void => {
    late ??= new TransportError('timeout', why, sent, passing);
    request.destroy();
  };
  const within = (ms: number, what: string): void => {
    clearTimeout(timer);
    timer = setTimeout(() => giveUp(`no ${what} in ${ms / 1000} s`, true), ms);
  };
  const overdue = (): void => giveUp('the time for the call is over', false);
  const connected = (): void => {
    sent = true;
    within(bounds.headers, 'answer');
  };

  signal.addEventListener('abort', overdue);
  if (signal.aborted) overdue();
  within(bounds.connect, 'connection');
  // What goes wrong after the answer began is found by reading it.
  request.on('error', () => {});
  request.once('socket', (socket) => {
    if (socket.connecting) socket.once('connect', connected);
    else connected();
  });
  try {
    const answered = once(request, 'response');
    request.end(body);
    const [response] = (await answered) as [IncomingMessage];
    const progress = (): void => within(bounds.body, 'more of the answer');
    const text = await collect(response, bounds.answerBytes, progress);
    return { status: response.statusCode ?? 0, headers: singleHeaders(response.headers), body: text };
  } catch (error) {
    throw late ?? (error instanceof TransportError ? error : connectionFailure(error, sent));
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', overdue);
  }
}

async function collect(response: IncomingMessage, max: number, progress: () => void): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  progress();
  for await (const chunk of response as AsyncIterable<Buffer>) {
    progress();
    size += chunk.length;
    if (size > max) throw new TransportError('too_large', `It is larger than ${max} bytes.`, true, false);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
