import { once } from 'node:events';
import { PassThrough, type Readable, Writable } from 'node:stream';
import { callbackify } from 'node:util';
import type { TerminalSize } from '../../../contract/tunnels.js';
import { type KubernetesClient, queryOf } from './client.js';
import { KubernetesError, type Status } from './errors.js';
import { objectPath } from './resources.js';
import { WebSocketConnection } from './websocket.js';

/** Channels of the protocols v4 and v5 of Kubernetes: the first byte of each message. */
const [STDIN, STDOUT, STDERR, ERROR, RESIZE, CLOSE] = [0, 1, 2, 3, 4, 255];
/** v5 can close stdin; it is there from Kubernetes 1.29 on. */
const V5 = 'v5.channel.k8s.io';
const V4 = 'v4.channel.k8s.io';
/** Bytes in a message: the buffers of API servers are that large. */
const MESSAGE = 32 * 1024;

export interface PodRef {
  readonly namespace: string;
  readonly name: string;
}

/** A program in a pod. With a terminal, everything it prints comes through stdout. Both outputs have to be read. */
export interface PodProgram {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** The exit code. Rejects if the connection breaks: then it isn't known, and the program may go on. */
  readonly exit: Promise<number>;
  resize(size: TerminalSize): Promise<void>;
  /** Ends the connection, which ends a program of exec, but not one that is attached to. */
  close(): void;
}

interface ProgramOptions {
  readonly container: string;
  readonly terminal?: TerminalSize | undefined;
}

/** Starts a program in a container that runs. */
export function exec(
  client: KubernetesClient,
  pod: PodRef,
  argv: readonly string[],
  options: ProgramOptions,
): Promise<PodProgram> {
  const command = argv.map((argument) => `&command=${encodeURIComponent(argument)}`).join('');
  return openProgram(client, pod, 'exec', command, options);
}

/** Takes the streams of a container's own program. What it printed before that isn't repeated. */
export function attach(client: KubernetesClient, pod: PodRef, options: ProgramOptions): Promise<PodProgram> {
  return openProgram(client, pod, 'attach', '', options);
}

async function openProgram(
  client: KubernetesClient,
  pod: PodRef,
  action: 'exec' | 'attach',
  command: string,
  { container, terminal }: ProgramOptions,
): Promise<PodProgram> {
  const tty = terminal !== undefined;
  const query = queryOf({ container, stdin: 'true', stdout: 'true', stderr: String(!tty), tty: String(tty) });
  const path = `${objectPath({ apiVersion: 'v1', kind: 'Pod', ...pod })}/${action}${query}${command}`;
  const { socket, protocol } = await client.upgrade(path, [V5, V4]);
  const connection = new WebSocketConnection(socket);
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const exit = readProgram(connection, stdout, stderr);
  // It is told where it is awaited.
  exit.catch(() => {});
  const program: PodProgram = {
    stdin: stdinOf(connection, protocol),
    stdout,
    stderr,
    exit,
    resize: ({ rows, columns }) =>
      connection.send(message(RESIZE, Buffer.from(JSON.stringify({ Width: columns, Height: rows })))),
    close: () => connection.close(),
  };
  if (terminal !== undefined) await program.resize(terminal);
  return program;
}

async function readProgram(
  connection: WebSocketConnection,
  stdout: PassThrough,
  stderr: PassThrough,
): Promise<number> {
  let exit: number | undefined;
  try {
    for await (const bytes of connection.messages()) {
      const [channel] = bytes;
      const data = bytes.subarray(1);
      if (channel === ERROR) exit = exitCodeIn(data.toString('utf8'));
      const output = channel === STDOUT ? stdout : channel === STDERR ? stderr : undefined;
      // A reader that closed an output doesn't read it.
      if (output !== undefined && data.length > 0 && !output.destroyed && !output.write(data)) {
        await Promise.race([once(output, 'drain'), once(output, 'close')]);
      }
    }
  } catch (error) {
    if (exit === undefined) throw error;
  } finally {
    stdout.end();
    stderr.end();
    connection.close();
  }
  if (exit === undefined) throw new KubernetesError('unreachable', 'The program’s end is not known.');
  return exit;
}

/** Kubernetes tells an exit code as the cause of a Status. */
function exitCodeIn(text: string): number {
  const { status, message: why, details } = JSON.parse(text) as Status;
  if (status === 'Success') return 0;
  const code = details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message;
  if (code === undefined)
    throw new KubernetesError('failed', `The program was not run: ${why ?? 'unknown'}.`);
  return Number(code);
}

function stdinOf(connection: WebSocketConnection, protocol: string): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      callbackify(() => sendAll(connection, chunk))(done);
    },
    // v4 can't: the program waits for more until the connection ends.
    final(done) {
      if (protocol !== V5) return done();
      callbackify(() => connection.send(message(CLOSE, Buffer.from([STDIN]))))(done);
    },
  });
}

async function sendAll(connection: WebSocketConnection, chunk: Buffer): Promise<void> {
  for (let start = 0; start < chunk.length; start += MESSAGE) {
    await connection.send(message(STDIN, chunk.subarray(start, start + MESSAGE)));
  }
}

function message(channel: number, data: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([channel]), data]);
}
