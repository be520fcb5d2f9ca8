import { Duplex } from 'node:stream';
import { callbackify } from 'node:util';
import { type KubernetesClient, queryOf } from './client.js';
import { KubernetesError } from './errors.js';
import type { PodRef } from './program.js';
import { objectPath } from './resources.js';
import { WebSocketConnection } from './websocket.js';

const [DATA, ERROR] = [0, 1];
const MESSAGE = 32 * 1024;

/**
 * Connects to a port of a pod through the API server. A refused connection shows as an error of the stream, since the
 * kubelet connects only then. The protocol has no half-close: the pod hears of the end when both ends have ended.
 */
export async function forwardPort(client: KubernetesClient, pod: PodRef, port: number): Promise<Duplex> {
  const query = queryOf({ ports: String(port) });
  const path = `${objectPath({ apiVersion: 'v1', kind: 'Pod', ...pod })}/portforward${query}`;
  const { socket } = await client.upgrade(path, ['v4.channel.k8s.io']);
  const connection = new WebSocketConnection(socket);
  const incoming = dataOf(connection.messages(), pod, port);
  return new Duplex({
    allowHalfOpen: true,
    read() {
      incoming.next().then(
        ({ value, done }) => this.push(done === true ? null : value),
        (error: Error) => this.destroy(error),
      );
    },
    write(chunk: Buffer, _encoding, done) {
      callbackify(() => sendAll(connection, chunk))(done);
    },
    destroy(error, done) {
      connection.close();
      done(error);
    },
  });
}

async function* dataOf(messages: AsyncIterable<Buffer>, pod: PodRef, port: number): AsyncGenerator<Buffer> {
  const begun = new Set<number | undefined>();
  for await (const bytes of messages) {
    const [channel] = bytes;
    // The first message of each channel is the port.
    const isFirst = !begun.has(channel);
    begun.add(channel);
    const data = bytes.subarray(isFirst ? 3 : 1);
    if (data.length === 0) continue;
    if (channel === ERROR) {
      throw new KubernetesError(
        'unreachable',
        `Port ${port} of pod ${pod.name}: ${data.toString('utf8').trim()}`,
      );
    }
    if (channel === DATA) yield data;
  }
}

async function sendAll(connection: WebSocketConnection, chunk: Buffer): Promise<void> {
  for (let start = 0; start < chunk.length; start += MESSAGE) {
    const part = chunk.subarray(start, start + MESSAGE);
    await connection.send(Buffer.concat([Buffer.from([DATA]), part]));
  }
}
