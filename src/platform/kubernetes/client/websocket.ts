import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { KubernetesError } from './errors.js';

/** Opcodes of RFC 6455, 5.2. */
const CONTINUATION = 0;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
/** Bytes of one frame; API servers and kubelets send 32 KiB. */
const FRAME_MAX = 16 * 1024 * 1024;

/**
 * The client's end of a WebSocket (RFC 6455). Unlike that of undici, it reads only as fast as its messages are taken, so
 * that a program or a port can't fill the memory of the platform.
 */
export class WebSocketConnection {
  constructor(private readonly socket: Duplex) {
    // Told by reading and by the next send.
    socket.on('error', () => {});
  }

  /** Sends one binary message. Resolves when the next one may be sent. */
  async send(message: Uint8Array): Promise<void> {
    if (!this.socket.writable) throw new KubernetesError('unreachable', 'The stream is closed.');
    if (this.socket.write(frame(BINARY, message)) || this.socket.destroyed) return;
    await Promise.race([once(this.socket, 'drain'), once(this.socket, 'close')]);
  }

  /** The messages until the end. Throws a {@link KubernetesError} if the connection breaks before the server closed it. */
  async *messages(): AsyncGenerator<Buffer> {
    let [rest, parts]: [Buffer, Buffer[]] = [Buffer.alloc(0), []];
    try {
      for await (const chunk of this.socket as AsyncIterable<Buffer>) {
        rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
        for (let next = parseFrame(rest); next !== undefined; next = parseFrame(rest)) {
          rest = rest.subarray(next.length);
          if (next.opcode === CLOSE) return;
          if (next.opcode === PING) this.socket.write(frame(PONG, next.payload));
          if (next.opcode > BINARY) continue;
          if (next.opcode !== CONTINUATION) parts = [];
          parts.push(next.payload);
          if (next.isLast) yield parts.length === 1 ? next.payload : Buffer.concat(parts);
        }
      }
    } catch (error) {
      if (error instanceof KubernetesError) throw error;
      throw new KubernetesError('unreachable', 'The stream broke.', {}, { cause: error });
    }
    throw new KubernetesError('unreachable', 'The stream broke.');
  }

  close(): void {
    if (this.socket.writable) this.socket.end(frame(CLOSE, Buffer.from([1000 >> 8, 1000 & 255])));
    this.socket.destroy();
  }
}

interface Frame {
  readonly opcode: number;
  readonly isLast: boolean;
  readonly payload: Buffer;
  /** With its header. */
  readonly length: number;
}

/** The first frame, or undefined if it isn't there whole. Servers don't mask theirs. */
function parseFrame(bytes: Buffer): Frame | undefined {
  const [first = 0, second = 0] = bytes;
  const short = second & 127;
  const start = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < start) return undefined;
  const size =
    short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  if (size > FRAME_MAX || second >= 128)
    throw new KubernetesError('failed', 'The server sent no WebSocket frame.');
  const length = start + size;
  if (bytes.length < length) return undefined;
  return { opcode: first & 15, isLast: first >= 128, payload: bytes.subarray(start, length), length };
}

/** A whole message in one frame, masked as clients must. */
function frame(opcode: number, payload: Uint8Array): Buffer {
  const start = payload.length < 126 ? 2 : payload.length < 65_536 ? 4 : 10;
  const bytes = Buffer.alloc(start + 4 + payload.length);
  bytes[0] = 128 | opcode;
  bytes[1] = 128 | (start === 2 ? payload.length : start === 4 ? 126 : 127);
  if (start === 4) bytes.writeUInt16BE(payload.length, 2);
  if (start === 10) bytes.writeBigUInt64BE(BigInt(payload.length), 2);
  const mask = randomBytes(4);
  mask.copy(bytes, start);
  for (const [index, byte] of payload.entries()) bytes[start + 4 + index] = byte ^ (mask[index & 3] ?? 0);
  return bytes;
}
