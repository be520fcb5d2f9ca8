import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { Header, type HeaderData } from 'tar';

export type TarPart = Buffer | (HeaderData & { body?: string | Buffer });

/** A tar of exactly these parts, whatever they say. */
export function tar(...parts: TarPart[]): Buffer {
  return Buffer.concat([...parts.map(partOf), Buffer.alloc(1024)]);
}

export function tarGz(...parts: TarPart[]): Buffer {
  return gzipSync(tar(...parts));
}

function partOf(part: TarPart): Buffer {
  if (Buffer.isBuffer(part)) return part;
  const { body = '', ...data } = part;
  const content = Buffer.from(body);
  const block = Buffer.alloc(512);
  const header = new Header({ type: 'File', mode: 0o644, uid: 0, gid: 0, size: content.length, ...data });
  header.encode(block);
  return Buffer.concat([block, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

/** The header of the next entry, as pax has it. */
export function pax(records: Readonly<Record<string, string>>): TarPart {
  const body = Object.entries(records)
    .map(([key, value]) => {
      const rest = Buffer.byteLength(` ${key}=${value}\n`);
      let length = rest;
      while (String(length).length + rest !== length) length = String(length).length + rest;
      return `${length} ${key}=${value}\n`;
    })
    .join('');
  return { path: 'PaxHeader', type: 'ExtendedHeader', body };
}

export interface ZipPart {
  readonly path: string;
  readonly body?: string | Buffer;
  /** As Unix has it; not made on Unix without it. */
  readonly mode?: number;
  /** What it claims to have, if not what it has. */
  readonly size?: number;
  readonly encrypted?: boolean;
}

export function zip(...parts: ZipPart[]): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const { path, body = '', mode, size, encrypted = false } of parts) {
    const name = Buffer.from(path);
    const content = Buffer.from(body);
    const packed = deflateRawSync(content);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x800 | (encrypted ? 1 : 0), 2);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(size ?? content.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), common, name, packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(((mode ?? 0) << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    const madeBy = Buffer.from([20, mode === undefined ? 0 : 3]);
    centrals.push(Buffer.concat([Buffer.from('PK\u0001\u0002'), madeBy, common, tail, name]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(centrals);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 0, 'latin1');
  end.writeUInt16LE(parts.length, 8);
  end.writeUInt16LE(parts.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}
