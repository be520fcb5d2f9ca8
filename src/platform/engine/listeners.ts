import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { endianness } from 'node:os';

/** Where a program takes TCP connections. */
export interface Listener {
  /** An address as text, such as `127.0.0.1`, `0.0.0.0`, `::1` or `::`. */
  readonly host: string;
  readonly port: number;
}

/** As /proc/net/tcp numbers the state of a socket. */
const LISTEN = '0A';
/** A hostile program may have any number. */
const MOST = 64;

/**
 * Returns where some processes of one network listen; undefined if that can't be known: there is no /proc, or it shows
 * none of their open files.
 */
export function listenersOf(pids: readonly number[]): Listener[] | undefined {
  const sockets = new Set<string>();
  let seen: number | undefined;
  for (const pid of pids) {
    try {
      for (const file of readdirSync(`/proc/${pid}/fd`)) {
        const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${file}`))?.[1];
        if (inode !== undefined) sockets.add(inode);
      }
      seen = pid;
    } catch {
      // The process is gone, or somebody else's.
    }
  }
  if (seen === undefined) return undefined;
  try {
    const rows = ['tcp', 'tcp6'].flatMap((table) => readTable(`/proc/${seen}/net/${table}`));
    return rows
      .flatMap(([address = '', state, inode = '']) =>
        state === LISTEN && sockets.has(inode) ? [parseAddress(address)] : [],
      )
      .slice(0, MOST);
  } catch {
    return undefined;
  }
}

/** The local address, state and inode of each socket. */
function readTable(path: string): string[][] {
  const [, ...lines] = readFileSync(path, 'latin1').trim().split('\n');
  return lines.map((line) => {
    const columns = line.trim().split(/\s+/);
    return [columns[1] ?? '', columns[3] ?? '', columns[9] ?? ''];
  });
}

/** Four bytes at a time, each group in the order of this machine: `0100007F:1388` is 127.0.0.1:5000. */
function parseAddress(text: string): Listener {
  const [hex = '', port = ''] = text.split(':');
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((group) => {
    const four = [...Buffer.from(group, 'hex')];
    return endianness() === 'LE' ? four.toReversed() : four;
  });
  return { host: bytes.length === 4 ? bytes.join('.') : ipv6(bytes), port: Number.parseInt(port, 16) };
}

function ipv6(bytes: readonly number[]): string {
  const mapped = [...Array<number>(10).fill(0), 0xff, 0xff];
  if (mapped.every((byte, at) => bytes[at] === byte)) return bytes.slice(12).join('.');
  const groups = Array.from({ length: 8 }, (_, at) =>
    (((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0)).toString(16),
  );
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1);
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
