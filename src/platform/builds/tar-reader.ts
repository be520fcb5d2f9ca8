import { RuleError } from '../../model/rule.js';
import { unusable } from './landing.js';

export type TarEntry =
  | { readonly kind: 'folder'; readonly path: string }
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly executable: boolean;
      /** To be read before the next entry; what is not read is skipped. */
      readonly content: AsyncIterable<Uint8Array>;
    }
  | { readonly kind: 'link' | 'copy'; readonly path: string; readonly target: string };

const BLOCK = 512;
/** The most bytes of names and the like that are longer than a header has room for. */
const EXTENDED_MAX = 64 * 1024;

/** What the headers before an entry's own say of it. */
interface Extended {
  path?: string;
  target?: string;
  bytes?: number;
}

/**
 * The entries of a tar archive: ustar, pax and GNU's long names. Throws a `RuleError` for what is damaged, and for
 * anything that is not a file, a folder or a link. (A library's parser takes lines apart that a name may hold.)
 */
export async function* readTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const input = new Blocks(source);
  let extended: Extended = {};
  let empty = true;
  for (;;) {
    const header = await input.header();
    if (header === undefined) break;
    empty = false;
    const own = field(header, 0, 100);
    const type = String.fromCharCode(header[156] ?? 0);
    if (type === 'x' || type === 'g' || type === 'L' || type === 'K') {
      const text = await input.text(number(header, 124, 12), own);
      if (type === 'x') Object.assign(extended, paxOf(text));
      else if (type === 'L') extended.path = text.replace(/\0+$/, '');
      else if (type === 'K') extended.target = text.replace(/\0+$/, '');
      // What is said of all entries is about their times and owners.
      continue;
    }
    const prefix = field(header, 257, 6) === 'ustar' && header[263] === 0x30 ? field(header, 345, 155) : '';
    const path = extended.path ?? (prefix === '' ? own : `${prefix}/${own}`);
    const target = extended.target ?? field(header, 157, 100);
    const bytes = extended.bytes ?? number(header, 124, 12);
    extended = {};
    if (type === '5' || (path.endsWith('/') && '07\0'.includes(type))) {
      yield { kind: 'folder', path };
      if (type !== '5') await input.skip(bytes);
    } else if (type === '2' || type === '1') {
      yield { kind: type === '2' ? 'link' : 'copy', path, target };
    } else if ('07\0'.includes(type)) {
      const content = input.content(bytes);
      yield { kind: 'file', path, executable: (number(header, 100, 8) & 0o111) !== 0, content };
      for await (const rest of content) void rest;
    } else {
      throw unusable(path, TYPES[type] ?? 'is of a kind that is not known');
    }
  }
  if (empty) throw damaged('it is empty');
}

const TYPES: Readonly<Record<string, string>> = {
  '3': 'is a device',
  '4': 'is a device',
  '6': 'is a named pipe',
  S: 'is a sparse file, as tar --sparse makes',
};

class Blocks {
  private readonly source: AsyncIterator<Uint8Array>;
  private buffered: Uint8Array = new Uint8Array(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.source = source[Symbol.asyncIterator]();
  }

  /** Undefined at the end. */
  async header(): Promise<Buffer | undefined> {
    const block = await this.block();
    if (block === undefined || block.every((byte) => byte === 0)) return undefined;
    let sum = 8 * 0x20;
    for (const [index, byte] of block.entries()) if (index < 148 || index >= 156) sum += byte;
    if (sum !== number(block, 148, 8)) throw damaged('a header does not add up');
    return block;
  }

  async text(bytes: number, path: string): Promise<string> {
    if (bytes > EXTENDED_MAX) throw unusable(path, 'has too long a name');
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.content(bytes)) chunks.push(chunk);
    return Buffer.concat(chunks).toString('utf8');
  }

  async skip(bytes: number): Promise<void> {
    for await (const chunk of this.content(bytes)) void chunk;
  }

  /** Can be iterated again to go on where the last iteration ended. */
  content(bytes: number): AsyncIterable<Uint8Array> {
    let left = bytes;
    let padding = (BLOCK - (bytes % BLOCK)) % BLOCK;
    const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
      if (left > 0) {
        const value = await this.upTo(left);
        left -= value.length;
        return { done: false, value };
      }
      while (padding > 0) padding -= (await this.upTo(padding)).length;
      return { done: true, value: undefined };
    };
    return { [Symbol.asyncIterator]: () => ({ next }) };
  }

  private async block(): Promise<Buffer | undefined> {
    const parts: Uint8Array[] = [];
    for (let missing = BLOCK; missing > 0; ) {
      if (this.buffered.length === 0 && !(await this.more())) {
        if (missing === BLOCK) return undefined;
        throw damaged('it ends too early');
      }
      const part = this.cut(missing);
      missing -= part.length;
      parts.push(part);
    }
    return Buffer.concat(parts);
  }

  private async upTo(bytes: number): Promise<Uint8Array> {
    if (this.buffered.length === 0 && !(await this.more())) throw damaged('it ends too early');
    return this.cut(bytes);
  }

  private cut(bytes: number): Uint8Array {
    const part = this.buffered.subarray(0, bytes);
    this.buffered = this.buffered.subarray(part.length);
    return part;
  }

  private async more(): Promise<boolean> {
    while (this.buffered.length === 0) {
      const next = await this.source.next();
      if (next.done === true) return false;
      this.buffered = next.value;
    }
    return true;
  }
}

function field(header: Buffer, from: number, length: number): string {
  const bytes = header.subarray(from, from + length);
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end === -1 ? length : end);
}

/** Octal digits, or, for what they have no room for, the bytes of the number after one with its first bit set. */
function number(header: Buffer, from: number, length: number): number {
  const bytes = header.subarray(from, from + length);
  let value: number;
  if (bytes[0] === 0x80) value = bytes.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
  else {
    const text = field(header, from, length).trim();
    value = text === '' ? 0 : /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number.NaN;
  }
  if (!Number.isSafeInteger(value)) throw damaged('a header holds no number where one belongs');
  return value;
}

/** Records `LENGTH KEY=VALUE\n`, the length in bytes and counting itself. */
function paxOf(text: string): Extended {
  const extended: Extended = {};
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    const length = Number.parseInt(rest.toString('latin1', 0, 20), 10);
    const record = rest.toString('utf8', 0, length);
    const [, key = '', value = ''] = /^\d+ ([^=]+)=([\s\S]*)\n$/.exec(record) ?? [];
    if (key === '' || length > rest.length) throw damaged('an extended header is not well formed');
    if (key === 'path') extended.path = value;
    else if (key === 'linkpath') extended.target = value;
    else if (key === 'size') extended.bytes = sizeOf(value);
    else if (key.startsWith('GNU.sparse')) throw damaged('it holds a sparse file, as tar --sparse makes');
    rest = rest.subarray(length);
  }
  return extended;
}

function sizeOf(value: string): number {
  const bytes = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (Number.isSafeInteger(bytes)) return bytes;
  throw damaged('an extended header holds no number where one belongs');
}

function damaged(why: string): RuleError {
  return new RuleError('invalid_source', `The archive can't be unpacked: ${why}.`, 'Make it again.');
}
