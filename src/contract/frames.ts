/*
 * What goes over a connection that was upgraded for a tunnel: frames of a type (one byte), the length of what follows
 * (four bytes, the highest first) and that many bytes.
 */

const TYPES = {
  /** What is wanted, as JSON. The first of the client. */
  open: 1,
  /** It is there, as JSON. The first of the server, unless that is an error. */
  opened: 2,
  stdin: 3,
  /** There is no more of it. */
  stdin_end: 4,
  /** So many bytes of stdin went on, as JSON: so many more may come. */
  taken: 5,
  stdout: 6,
  stderr: 7,
  /** The terminal has another size, as JSON. */
  resize: 8,
  /** The name of a signal for the program. */
  signal: 9,
  /** How the program ended, as JSON. The last one. */
  exit: 10,
  /** An error as it is on the wire, with its status. The last one. */
  error: 11,
} as const;

export type FrameType = keyof typeof TYPES;

export interface Frame {
  readonly type: FrameType;
  readonly payload: Buffer;
}

const HEADER_BYTES = 5;

/** The most that follows a header, in bytes. */
export const FRAME_MAX = 256 * 1024;

/** So many bytes of stdin may be under way that the other end has not taken. */
export const STDIN_WINDOW = 256 * 1024;

/** Somebody sends what is no frame. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/** A frame as it is sent. Throws a {@link FrameError} if it would be too large. */
export function frame(type: FrameType, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  if (payload.length > FRAME_MAX) throw new FrameError(`More than ${FRAME_MAX} bytes are no frame.`);
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
  bytes.writeUInt8(TYPES[type], 0);
  bytes.writeUInt32BE(payload.length, 1);
  bytes.set(payload, HEADER_BYTES);
  return bytes;
}

/** A frame that holds a value as JSON. */
export function jsonFrame(type: FrameType, value: unknown): Buffer {
  return frame(type, Buffer.from(JSON.stringify(value)));
}

/** The value in a frame. Throws a {@link FrameError} if it is no JSON. */
export function valueIn({ payload }: Frame): unknown {
  try {
    return JSON.parse(payload.toString());
  } catch {
    throw new FrameError('A frame holds no JSON.');
  }
}

const NAMES: ReadonlyMap<number, FrameType> = new Map(
  Object.entries(TYPES).map(([name, number]) => [number, name as FrameType]),
);

/** Puts frames together from bytes that come cut anywhere. It holds what has no end yet: less than a frame. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #bytes = 0;
  #wanted = HEADER_BYTES;

  /** Takes bytes that came. */
  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
  }

  /** The next frame, as soon as it is whole. Throws a {@link FrameError} for what can't become one. */
  next(): Frame | undefined {
    // Only when there is enough: putting chunks together for each would take time with the square of their number.
    if (this.#bytes < this.#wanted) return undefined;
    const [only, ...more] = this.#chunks;
    // What came in one piece is cut up, never copied: each frame of many would hold a copy of all behind it.
    const bytes = only !== undefined && more.length === 0 ? only : Buffer.concat(this.#chunks);
    const type = NAMES.get(bytes.readUInt8(0));
    const length = bytes.readUInt32BE(1);
    if (type === undefined || length > FRAME_MAX) throw new FrameError('What came is no frame.');
    const end = HEADER_BYTES + length;
    const isWhole = bytes.length >= end;
    const rest = isWhole ? bytes.subarray(end) : bytes;
    this.#wanted = isWhole ? HEADER_BYTES : end;
    this.#chunks = [rest];
    this.#bytes = rest.length;
    return isWhole ? { type, payload: bytes.subarray(HEADER_BYTES, end) } : undefined;
  }

  /** What came behind the last frame. */
  get rest(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}
