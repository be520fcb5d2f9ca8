import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  APP_HOSTS,
  DEFAULT_POOL,
  DYNO_HOSTS,
  freeAppAddress,
  isLoopback,
  networkCidr,
  networkSize,
  parsePool,
  serviceAddress,
} from '../../src/model/addresses.js';
import { RuleError } from '../../src/model/rule.js';
import { anyText, CONTROL } from './arbitraries.js';

const PRIVATE: readonly (readonly [base: number, bits: number])[] = [
  [0x0a_00_00_00, 8],
  [0xac_10_00_00, 12],
  [0xc0_a8_00_00, 16],
];

function dotted(ip: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(ip / 2 ** shift) % 256).join('.');
}

function numberOf(address: string): number {
  return address.split('.').reduce((ip, octet) => ip * 256 + Number(octet), 0);
}

/** Every pool there can be: a private network, or an aligned part of one. */
const pools = fc.constantFrom(...PRIVATE).chain(([base, least]) =>
  fc.integer({ min: least, max: 24 }).chain((bits) =>
    fc.nat(2 ** (bits - least) - 1).map((part) => {
      const start = base + part * 2 ** (32 - bits);
      return { cidr: `${dotted(start)}/${bits}`, start, size: 2 ** (32 - bits) };
    }),
  ),
);
const appHost = fc.integer({ min: APP_HOSTS.first, max: APP_HOSTS.last });

describe('a pool of addresses', () => {
  test('is read as its start and its number of blocks', () => {
    fc.assert(
      fc.property(pools, ({ cidr, start, size }) => {
        expect(parsePool(cidr)).toEqual({ base: start, blocks: size / 256 });
      }),
      { numRuns: 800 },
    );
    expect(parsePool(DEFAULT_POOL)).toEqual({ base: numberOf('10.64.0.0'), blocks: 16_384 });
  });

  test('with any host bit set is refused', () => {
    fc.assert(
      fc.property(pools, fc.nat(), ({ start, size }, offset) => {
        const bits = 32 - Math.log2(size);
        const host = 1 + (offset % (size - 1));
        expect(() => parsePool(`${dotted(start + host)}/${bits}`)).toThrow('its host bits are not zero');
      }),
    );
  });

  test('is never a network of the internet, nor larger than the private one it is in', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 24 - 1), fc.integer({ min: 8, max: 24 }), (high, bits) => {
        const size = 2 ** (32 - bits);
        const start = Math.floor((high * 256) / size) * size;
        const inside = PRIVATE.some(
          ([base, least]) => start >= base && start + size <= base + 2 ** (32 - least),
        );
        const read = (): unknown => parsePool(`${dotted(start)}/${bits}`);
        if (inside) expect(read).not.toThrow();
        else expect(read).toThrow(RuleError);
      }),
      { numRuns: 800 },
    );
    for (const cidr of [
      '172.0.0.0/8',
      '192.168.0.0/15',
      '172.32.0.0/12',
      '11.0.0.0/8',
      '127.0.0.0/8',
      '0.0.0.0/8',
    ])
      expect(() => parsePool(cidr)).toThrow('not a private network');
    for (const cidr of ['10.0.0.0/7', '10.0.0.0/25', '10.0.0.0/32'])
      expect(() => parsePool(cidr)).toThrow('/8 to /24');
  });

  test('other text is refused in printable words', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(() => parsePool(text)).toThrow(RuleError);
        expect(() => parsePool(text)).not.toThrow(CONTROL);
      }),
    );
    expect(() => parsePool('10.256.0.0/16')).toThrow('an octet is above 255');
  });
});

describe('the address of an app', () => {
  test('is in its block and the pool, never the network, bridge, dynos or broadcast, in both modes', () => {
    fc.assert(
      fc.property(pools, fc.nat(), appHost, ({ cidr, start, size }, nth, host) => {
        const pool = parsePool(cidr);
        const block = nth % pool.blocks;
        const subnet = serviceAddress(block * 256 + host, pool, 'subnet');
        const ip = numberOf(subnet.host);
        expect(subnet.port).toBe(80);
        expect(ip >= start && ip < start + size).toBe(true);
        expect(networkCidr({ first: block, count: 1 }, pool)).toBe(
          `${dotted(Math.floor(ip / 256) * 256)}/24`,
        );

        const loopback = serviceAddress(block * 256 + host, pool, 'loopback');
        expect(loopback.host).toMatch(/^127\./);
        expect(loopback.port).toBe(8080);
        for (const address of [subnet.host, loopback.host]) {
          const last = numberOf(address) % 256;
          expect(last >= 2 && last < DYNO_HOSTS.first).toBe(true);
        }
        expect(loopback.host).not.toBe('127.0.0.1');
      }),
      { numRuns: 800 },
    );
  });

  test('is another one for another app, in both modes', () => {
    fc.assert(
      fc.property(pools, fc.nat(), appHost, fc.nat(), appHost, ({ cidr }, m, host, n, otherHost) => {
        const pool = parsePool(cidr);
        const [one, two] = [(m % pool.blocks) * 256 + host, (n % pool.blocks) * 256 + otherHost];
        for (const mode of ['subnet', 'loopback'] as const) {
          const same = serviceAddress(one, pool, mode).host === serviceAddress(two, pool, mode).host;
          expect(same).toBe(one === two);
        }
      }),
      { numRuns: 800 },
    );
  });

  test('is the lowest that is free, until the blocks are full', () => {
    const blocks = fc.uniqueArray(fc.nat(2), { minLength: 1 }).map((list) => list.toSorted((a, b) => a - b));
    fc.assert(
      fc.property(blocks, fc.array(fc.nat(3 * 126)), fc.boolean(), (given, holes, full) => {
        const all = given.flatMap((block) =>
          Array.from({ length: 126 }, (_, index) => block * 256 + 2 + index),
        );
        const free = full ? [] : all.filter((_, index) => holes.includes(index));
        const taken = all.filter((address) => !free.includes(address));
        expect(freeAppAddress(given, taken)).toBe(free[0]);
      }),
    );
  });
});

test.each([
  ['localhost', true],
  ['127.0.0.1', true],
  ['127.255.0.9', true],
  ['::1', true],
  ['[::1]', true],
  ['localhost.example.com', false],
  ['127.0.0.1.example.com', false],
  ['10.64.0.2', false],
  ['0.0.0.0', false],
  ['::', false],
])('whether %s is this machine only: %s', (host, only) => {
  expect(isLoopback(host)).toBe(only);
});

test('a pool that fills up gives later spaces fewer blocks, so that it has room for ten thousand spaces', () => {
  const pool = parsePool(DEFAULT_POOL);
  const sizes = new Map<number, number>();
  for (let taken = 0; taken < pool.blocks; ) {
    const size = networkSize(pool, taken);
    sizes.set(size, (sizes.get(size) ?? 0) + 1);
    taken += size;
  }
  expect([...sizes]).toEqual([
    [8, 512],
    [4, 512],
    [2, 1024],
    [1, 8192],
  ]);
});
