import { isFieldValue, isToken, type RawHeaders } from './headers.js';

export interface AnswerHead {
  readonly status: number;
  readonly message: string;
  readonly headers: RawHeaders;
}

/** Takes an answer as it comes. */
export interface AnswerParts {
  /** Early hints, which come before the head. */
  hints(headers: RawHeaders): void;
  head(head: AnswerHead): void;
  body(chunk: Buffer): void;
  end(trailers: RawHeaders): void;
}

/** What was asked, for it decides how an answer reads. */
export interface Asked {
  readonly method: string;
  /** Whether the answer may be 101, after which the connection is no more HTTP. */
  readonly upgrade: boolean;
}

/** A dyno answered something that is no HTTP/1.1, or that could be read in two ways. */
export class BadAnswer extends Error {
  override readonly name: string = 'BadAnswer';
}

/** What a dyno answered does not begin like HTTP/1, such as the frames of HTTP/2. */
export class OtherProtocol extends BadAnswer {
  override readonly name = 'OtherProtocol';
}

type State =
  | 'head'
  | 'length'
  | 'size'
  | 'chunk'
  | 'chunk end'
  | 'trailers'
  | 'until close'
  | 'whole'
  | 'upgraded';

const CRLF = Buffer.from('\r\n');
const EMPTY_LINE = Buffer.from('\r\n\r\n');
const NOTHING = Buffer.alloc(0);
/** A size with its extensions; nobody sends long ones in earnest. */
const SIZE_LINE_MAX = 1024;
const INTERIM_MAX = 16;

/**
 * Reads one answer of HTTP/1 (RFC 9112) from the bytes of a connection. It is strict: what two programs could read
 * in different ways is refused, so that what is passed on means the same to every client. Of interim answers, early
 * hints (103) are handed over, and others passed over. Throws {@link BadAnswer}.
 */
export class AnswerParser {
  readonly #asked: Asked;
  readonly #parts: AnswerParts;
  readonly #headerBytes: number;
  #state: State = 'head';
  #held: Buffer = NOTHING;
  /** Bytes of the body, or of its current chunk, that are still to come. */
  #left = 0;
  #interim = 0;
  #keepAlive = false;

  constructor(asked: Asked, headerBytes: number, parts: AnswerParts) {
    this.#asked = asked;
    this.#headerBytes = headerBytes;
    this.#parts = parts;
  }

  get isWhole(): boolean {
    return this.#state === 'whole';
  }

  get isUpgraded(): boolean {
    return this.#state === 'upgraded';
  }

  /** Whether another request may follow on the connection, once the answer is whole. */
  get keepAlive(): boolean {
    return this.#keepAlive;
  }

  /** Takes what came. Answers what came after the end of the answer, which must be nothing unless it upgraded. */
  feed(chunk: Buffer): Buffer {
    let rest = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = NOTHING;
    while (rest.length > 0 && this.#state !== 'whole' && this.#state !== 'upgraded') {
      const taken = this.#take(rest);
      if (taken === 0) {
        this.#held = rest;
        return NOTHING;
      }
      rest = rest.subarray(taken);
    }
    return rest;
  }

  /** The connection has ended: that ends the answer, if nothing else says where it ends. */
  ended(): void {
    if (this.#state === 'until close') this.#finish([]);
    else if (this.#state !== 'whole') throw new BadAnswer('it broke off');
  }

  /** Takes one part off the front; answers its bytes, 0 if it isn't there as a whole. */
  #take(data: Buffer): number {
    switch (this.#state) {
      case 'head':
        return this.#takeHead(data);
      case 'size':
        return this.#takeSize(data);
      case 'chunk end':
        if (data.length < 2) return 0;
        if (data[0] !== 13 || data[1] !== 10) throw new BadAnswer('a chunk is longer than it says');
        this.#state = 'size';
        return 2;
      case 'trailers':
        return this.#takeTrailers(data);
      case 'length':
      case 'chunk':
        return this.#takeBody(data);
      default:
        this.#parts.body(data);
        return data.length;
    }
  }

  #takeHead(data: Buffer): number {
    if (!START.startsWith(data.toString('latin1', 0, START.length)))
      throw new OtherProtocol('it does not begin like HTTP/1');
    const end = this.#endOf(EMPTY_LINE, data, this.#headerBytes);
    if (end < 0) return 0;
    const lines = data.toString('latin1', 0, end).split('\r\n');
    const [, minor, code, message = ''] = STATUS_LINE.exec(lines[0] ?? '') ?? [];
    if (code === undefined) throw new BadAnswer('its first line is no status line');
    const status = Number(code);
    const headers = fieldsOf(lines, 1);
    if (status < 200 && status !== 101) {
      if (++this.#interim > INTERIM_MAX) throw new BadAnswer('it never gets past interim answers');
      if (status === 103) this.#parts.hints(headers);
      return end + 4;
    }
    if (status === 101 && !this.#asked.upgrade) throw new BadAnswer('it switches protocols unasked');
    this.#frame(status, headers, minor === '1');
    this.#parts.head({ status, message, headers });
    if (this.#state === 'length' && this.#left === 0) this.#finish([]);
    return end + 4;
  }

  /** How long the body is (RFC 9112, 6.3). */
  #frame(status: number, headers: RawHeaders, isHttp11: boolean): void {
    let length: string | undefined;
    let coding: string | undefined;
    this.#keepAlive = isHttp11;
    for (let at = 0; at < headers.length; at += 2) {
      const value = headers[at + 1] ?? '';
      switch (headers[at]?.toLowerCase()) {
        case 'content-length':
          if (length !== undefined || !LENGTH.test(value)) throw new BadAnswer('its length is unclear');
          length = value;
          break;
        case 'transfer-encoding':
          if (coding !== undefined || value.toLowerCase() !== 'chunked' || !isHttp11)
            throw new BadAnswer('its transfer encoding is unknown');
          coding = value;
          break;
        case 'connection':
          if (/(?:^|[\s,])close(?:$|[\s,])/i.test(value)) this.#keepAlive = false;
          break;
      }
    }
    if (length !== undefined && coding !== undefined) throw new BadAnswer('it has two lengths');
    if (status === 101) {
      this.#state = 'upgraded';
    } else if (this.#asked.method === 'HEAD' || status === 204 || status === 304) {
      this.#state = 'length';
    } else if (coding !== undefined) {
      this.#state = 'size';
    } else if (length !== undefined) {
      this.#state = 'length';
      this.#left = Number(length);
    } else {
      this.#state = 'until close';
      this.#keepAlive = false;
    }
  }

  #takeSize(data: Buffer): number {
    const end = this.#endOf(CRLF, data, SIZE_LINE_MAX);
    if (end < 0) return 0;
    const [, size] = SIZE_LINE.exec(data.toString('latin1', 0, end)) ?? [];
    if (size === undefined) throw new BadAnswer('the size of a chunk is no number');
    this.#left = Number.parseInt(size, 16);
    this.#state = this.#left === 0 ? 'trailers' : 'chunk';
    return end + 2;
  }

  #takeBody(data: Buffer): number {
    const taken = Math.min(this.#left, data.length);
    this.#left -= taken;
    this.#parts.body(taken === data.length ? data : data.subarray(0, taken));
    if (this.#left === 0) {
      if (this.#state === 'chunk') this.#state = 'chunk end';
      else this.#finish([]);
    }
    return taken;
  }

  #takeTrailers(data: Buffer): number {
    if (data[0] === 13) {
      if (data.length < 2) return 0;
      if (data[1] !== 10) throw new BadAnswer('its trailers are no headers');
      this.#finish([]);
      return 2;
    }
    const end = this.#endOf(EMPTY_LINE, data, this.#headerBytes);
    if (end < 0) return 0;
    this.#finish(fieldsOf(data.toString('latin1', 0, end).split('\r\n'), 0));
    return end + 4;
  }

  #finish(trailers: RawHeaders): void {
    this.#state = 'whole';
    this.#parts.end(trailers);
  }

  #endOf(mark: Buffer, data: Buffer, limit: number): number {
    const end = data.indexOf(mark);
    if (end > limit || (end < 0 && data.length > limit)) throw new BadAnswer('its headers are too large');
    return end;
  }
}

const START = 'HTTP/1.';
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?$/;
const LENGTH = /^\d{1,15}$/;
const SIZE_LINE = /^([0-9a-f]{1,12})[\t ]*(?:;[\t\x20-\x7e\x80-\xff]*)?$/i;

function fieldsOf(lines: readonly string[], first: number): string[] {
  const fields: string[] = [];
  for (let at = first; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const colon = line.indexOf(':');
    // A proxy removes blanks before the colon (RFC 9112, 5.1).
    const name = line.slice(0, colon).replace(/[\t ]+$/, '');
    const value = line.slice(colon + 1);
    if (colon < 1 || !isToken(name) || !isFieldValue(value))
      throw new BadAnswer('it has a line that is no header');
    fields.push(name, value.trim());
  }
  return fields;
}
