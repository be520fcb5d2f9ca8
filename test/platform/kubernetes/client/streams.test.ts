import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import type { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { KubernetesClient } from '../../../../src/platform/kubernetes/client/client.js';
import { forwardPort } from '../../../../src/platform/kubernetes/client/port-forward.js';
import { attach, exec } from '../../../../src/platform/kubernetes/client/program.js';
import { describeCluster } from '../../../cluster/cluster.js';
import { until } from '../../../cluster/until.js';
import { adminClient, makeNamespace, podOf, untilPhase } from '../testing.js';

/** Bytes that were read and not taken, on both sides of the stream. */
function buffered(output: Readable): number {
  return output.readableLength + (output as PassThrough).writableLength;
}

describeCluster('streams through a real API server', ({ kubeconfig }) => {
  let client: KubernetesClient;
  let namespace: string;
  const pod = () => ({ namespace, name: 'one' });
  const container = 'dyno';

  beforeAll(async () => {
    client = adminClient(kubeconfig);
    namespace = await makeNamespace(client);
    await client.create(podOf(namespace, { annotations: { 'fake/run-ms': '600000' } }));
    await untilPhase(client, namespace, 'one', 'Running');
  });
  afterAll(() => client.close());

  test('exec keeps the outputs apart and tells the exit code', async () => {
    const program = await exec(
      client,
      pod(),
      ['sh', '-c', 'echo "out $1"; echo err >&2; exit 7', 'sh', 'a b&c'],
      {
        container,
      },
    );
    const [out, err, exit] = await Promise.all([text(program.stdout), text(program.stderr), program.exit]);
    expect([out, err, exit]).toEqual(['out a b&c\n', 'err\n', 7]);
  });

  test('exec sends its input', async () => {
    const program = await exec(client, pod(), ['head', '-c', '100000'], { container });
    program.stdin.write('x'.repeat(100_000));
    const [out, exit] = await Promise.all([text(program.stdout), program.exit]);
    expect([out.length, exit]).toEqual([100_000, 0]);
  });

  test('exec reads no faster than its output is taken', async () => {
    const program = await exec(client, pod(), ['sh', '-c', 'head -c 50000000 /dev/zero; echo done >&2'], {
      container,
    });
    const lengths: number[] = [];
    await until(() => {
      lengths.push(buffered(program.stdout));
      return (
        lengths.length > 10 && lengths.slice(-10).every((length) => length > 0 && length === lengths.at(-1))
      );
    }, 'no more is read');
    expect(buffered(program.stdout)).toBeLessThan(200_000);
    let size = 0;
    for await (const chunk of program.stdout) size += (chunk as Buffer).length;
    expect([size, await program.exit]).toEqual([50_000_000, 0]);
  });

  test('a terminal is as large as asked for, from the start', async () => {
    const program = await exec(client, pod(), ['cat'], { container, terminal: { rows: 30, columns: 100 } });
    let printed = '';
    program.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      printed += chunk;
    });
    await program.resize({ rows: 5, columns: 6 });
    program.stdin.write('typed');
    await until(() => printed.endsWith('typed'), 'the output');
    expect(printed).toBe('resized to {"Width":100,"Height":30}\nresized to {"Width":6,"Height":5}\ntyped');
    program.close();
    await expect(program.exit).rejects.toMatchObject({ id: 'unreachable' });
  });

  test('attach has the program of the pod, which then ends', async () => {
    await client.create(
      podOf(namespace, {
        name: 'two',
        stdin: true,
        command: ['sh', '-c', 'read line; echo "got $line"; exit 3'],
      }),
    );
    await untilPhase(client, namespace, 'two', 'Running');
    const program = await attach(client, { namespace, name: 'two' }, { container });
    program.stdin.write('it\n');
    expect([await text(program.stdout), await program.exit]).toEqual(['got it\n', 3]);
    await untilPhase(client, namespace, 'two', 'Failed');
  });

  test('a pod that is missing is not found, rather than a broken connection', async () => {
    const failed = exec(client, { namespace, name: 'none' }, ['true'], { container });
    await expect(failed).rejects.toMatchObject({
      id: 'not_found',
      message: expect.stringContaining('"none" not found'),
    });
  });

  test('a port is reached, both ways', async () => {
    const server: Server = createServer((socket) => socket.pipe(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const socket = await forwardPort(client, pod(), (server.address() as AddressInfo).port);
    const sent = 'y'.repeat(300_000);
    let received = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      received += chunk;
    });
    socket.write(sent);
    await until(() => received.length === sent.length, 'the echo');
    expect(received).toBe(sent);
    socket.destroy();
    server.close();
  });

  test('a port where nothing listens is an error of the stream', async () => {
    const server: Server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const socket = await forwardPort(client, pod(), port);
    await expect(text(socket)).rejects.toThrow(`Port ${port} of pod one: connect ECONNREFUSED`);
  });
});
