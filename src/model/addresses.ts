import { quote, RuleError } from './rule.js';

/**
 * Addresses are numbers counted from the start of the platform's pool, so that the store keeps an index and the
 * network in force gives it a form: block `n >> 8`, host `n & 255`.
 *
 * A block is a /24. Host 1 is the bridge; 2 to 127 are for apps (their stable service addresses), 128 to 254 for
 * dynos. A space has at most eight blocks: 1,008 apps and 1,016 dynos, which is what one bridge can carry. They are
 * neighbours and set aside when it is created, so that all of its dynos are in one subnet (see {@link networkOf}).
 */
const BLOCK_SIZE = 256;
export const BRIDGE_HOST = 1;
export const APP_HOSTS = { first: 2, last: 127 } as const;
export const DYNO_HOSTS = { first: 128, last: 254 } as const;
export const BLOCKS_PER_SPACE = 8;

/** The port on which apps answer in a subnet, as on Akkeris, and on a loopback address, where 80 needs root. */
const SERVICE_PORT = { subnet: 80, loopback: 8080 } as const;

/** How addresses are realised on a machine; recorded when the platform is first started. */
export type NetworkMode = keyof typeof SERVICE_PORT;

export interface Pool {
  /** The first address as a number, a multiple of the pool's size. */
  readonly base: number;
  /** How many /24 blocks it has. */
  readonly blocks: number;
}

export const DEFAULT_POOL = '10.64.0.0/10';

/**
 * Parses a pool such as `10.64.0.0/10`. It must be a private IPv4 network (RFC 1918) of /8 to /24, so that nothing
 * on the internet is hidden by it, and its host bits must be zero. Throws a {@link RuleError}.
 */
export function parsePool(cidr: string): Pool {
  const bad = (why: string): RuleError =>
    new RuleError(
      'invalid_pool',
      `${quote(cidr)} is not a pool of addresses: ${why}.`,
      `The default is ${DEFAULT_POOL}.`,
    );
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(cidr);
  if (match === null) throw bad('it does not read ADDRESS/BITS');
  const [a = 0, b = 0, c = 0, d = 0, bits = 0] = match.slice(1).map(Number);
  if ([a, b, c, d].some((octet) => octet > 255)) throw bad('an octet is above 255');
  if (bits < 8 || bits > 24) throw bad('it must be /8 to /24');
  const base = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  const size = 2 ** (32 - bits);
  if (base % size !== 0) throw bad(`its host bits are not zero`);
  const isPrivate =
    (a === 10 && bits >= 8) ||
    (a === 172 && b >= 16 && b < 32 && bits >= 12) ||
    (a === 192 && b === 168 && bits >= 16);
  if (!isPrivate) throw bad('it is not a private network');
  return { base, blocks: size / BLOCK_SIZE };
}

/** Blocks that make one subnet: `count` is a power of two, and `first` a multiple of it. */
export interface Network {
  readonly first: number;
  readonly count: number;
}

/** A pool is divided among at least so many spaces. */
const SPACES_PER_POOL = 128;

/** The part of a pool that may be taken when a space gets more than so many blocks. */
const FULLNESS = [
  { part: 1 / 2, blocks: 1 },
  { part: 3 / 8, blocks: 2 },
  { part: 1 / 4, blocks: 4 },
] as const;

/**
 * Returns how many blocks a new space of a pool gets, of which so many are `taken`: eight, or fewer of a small pool, and of
 * one that fills up. The default pool has room for 512 spaces of eight blocks and for 10,240 spaces in all.
 */
export function networkSize({ blocks }: Pool, taken: number): number {
  const most = Math.min(BLOCKS_PER_SPACE, Math.max(1, blocks / SPACES_PER_POOL));
  const full = FULLNESS.find(({ part }) => taken >= part * blocks);
  return Math.min(most, full?.blocks ?? most);
}

/**
 * Returns the subnet of a space: the largest that its blocks make, the lowest of several. Its dynos are there. Blocks
 * beside it have addresses of apps only, which dynos find on the same link.
 */
export function networkOf(blocks: readonly number[]): Network {
  const own = new Set(blocks);
  for (let count: number = BLOCKS_PER_SPACE; count > 1; count /= 2) {
    const first = blocks.find(
      (block) => block % count === 0 && blocksOf({ first: block, count }).every((each) => own.has(each)),
    );
    if (first !== undefined) return { first, count };
  }
  const [first] = blocks;
  if (first === undefined) throw new RangeError('A space has no block of addresses.');
  return { first, count: 1 };
}

/** The numbers of its blocks, in ascending order. */
export function blocksOf({ first, count }: Network): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

/** Its first address, counted from the start of the pool, and the bits of its prefix. */
export function prefixOf({ first, count }: Network): { address: number; bits: number } {
  return { address: first * BLOCK_SIZE, bits: 24 - Math.log2(count) };
}

/** A subnet in CIDR form. */
export function networkCidr(network: Network, pool: Pool): string {
  const { address, bits } = prefixOf(network);
  return `${dotted(pool.base + address)}/${bits}`;
}

/** Where the app with this address is found, in the network mode in force. */
export function serviceAddress(
  address: number,
  pool: Pool,
  mode: NetworkMode,
): { host: string; port: number } {
  const ip = pool.base + address;
  const host = mode === 'subnet' ? dotted(ip) : dotted(0x7f_00_00_00 + (ip % 2 ** 24));
  return { host, port: SERVICE_PORT[mode] };
}

/** Where the dyno with this address is, seen from its space. */
export function dynoHost(address: number, pool: Pool, mode: NetworkMode): string {
  return serviceAddress(address, pool, mode).host;
}

/**
 * The lowest free address for an app in some blocks, given the taken ones in ascending order; undefined if they
 * are full, in which case the space needs another block.
 */
export function freeAppAddress(blocks: readonly number[], taken: Iterable<number>): number | undefined {
  return freeAddress(blocks, APP_HOSTS, taken);
}

/** The lowest free address for a dyno in some blocks; undefined if they are full. */
export function freeDynoAddress(blocks: readonly number[], taken: Iterable<number>): number | undefined {
  return freeAddress(blocks, DYNO_HOSTS, taken);
}

function freeAddress(
  blocks: readonly number[],
  hosts: { readonly first: number; readonly last: number },
  taken: Iterable<number>,
): number | undefined {
  const used = new Set(taken);
  for (const block of blocks) {
    for (let host: number = hosts.first; host <= hosts.last; host++) {
      const address = block * BLOCK_SIZE + host;
      if (!used.has(address)) return address;
    }
  }
  return undefined;
}

function dotted(ip: number): string {
  return [24, 16, 8, 0].map((shift) => (ip >>> shift) & 255).join('.');
}

/** Whether a host, as in a URL or without the brackets there, is this machine and nothing but programs on it. */
export function isLoopback(host: string): boolean {
  return /^(?:localhost|::1|\[::1\]|127(?:\.(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])){3})$/.test(host);
}

/** Whether an address stands for every address of the machine: who listens there is reached by all of them. */
export function isEverywhere(host: string): boolean {
  return host === '0.0.0.0' || /^[0:]+$/.test(host);
}

/** Where programs on this machine reach who listens on an address: one that stands for all of them is none itself. */
export function reachedAt(host: string): string {
  if (!isEverywhere(host)) return host;
  return host === '0.0.0.0' ? '127.0.0.1' : '::1';
}
