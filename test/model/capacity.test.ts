import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  type Capacity,
  type Claim,
  CPU_SHARED_BY,
  capacityOf,
  inOrder,
  plan,
} from '../../src/model/capacity.js';

const GIB = 1024 ** 3;
const claimed = (key: string, more: Partial<Claim>): Claim => {
  const plain = { isProd: false, isExtra: false, since: '2026-01-01', number: 1, memory: 1, cpu: 1 };
  return { key, ...plain, ...more };
};
const ROOMY: Capacity = { memory: 1000, cpu: 1000 };

const claims = fc
  .uniqueArray(
    fc.record({
      key: fc.string({ minLength: 1, maxLength: 4 }),
      isProd: fc.boolean(),
      isExtra: fc.boolean(),
      since: fc.constantFrom('2026-01-01', '2026-01-02', '2026-01-03', '2026-01-04'),
      number: fc.integer({ min: 1, max: 4 }),
      memory: fc.integer({ min: 1, max: 60 }),
      cpu: fc.constantFrom(0.5, 1, 2, 4),
    }),
    { selector: ({ key }) => key, maxLength: 24 },
  )
  .map((all): Claim[] => all);
const capacity = fc.record({ memory: fc.integer({ min: 1, max: 200 }), cpu: fc.constantFrom(0.2, 0.5, 1) });

function running(total: Capacity, all: readonly Claim[]): Claim[] {
  const verdicts = plan(total, all);
  return inOrder(all).filter(({ key }) => verdicts.get(key) === 'runs');
}

function fitsAll(all: readonly Claim[], total: Capacity): boolean {
  const sum = (of: (claim: Claim) => number): number => all.reduce((so, claim) => so + of(claim), 0);
  return (
    sum(({ memory }) => memory) <= total.memory && sum(({ cpu }) => cpu) <= total.cpu * CPU_SHARED_BY + 1e-3
  );
}

describe('who has room', () => {
  test('is never more than there is', () => {
    fc.assert(fc.property(capacity, claims, (total, all) => fitsAll(running(total, all), total)));
  });

  test('does not depend on who asked in which order, and stays as long as nothing changes', () => {
    fc.assert(
      fc.property(capacity, claims, fc.infiniteStream(fc.double({ noNaN: true })), (total, all, random) => {
        const shuffled = all
          .map((claim) => ({ claim, at: random.next().value as number }))
          .sort((a, b) => a.at - b.at)
          .map(({ claim }) => claim);
        expect(running(total, shuffled)).toEqual(running(total, all));
      }),
    );
  });

  test('prod never gives way to others: what runs of it is as if they were not there', () => {
    fc.assert(
      fc.property(capacity, claims, (total, all) => {
        const prod = all.filter(({ isProd }) => isProd);
        expect(running(total, all).filter(({ isProd }) => isProd)).toEqual(running(total, prod));
      }),
    );
  });

  test('who has none could not have any beside those before it: nobody gives way for nothing', () => {
    fc.assert(
      fc.property(capacity, claims, (total, all) => {
        const verdicts = plan(total, all);
        const order = inOrder(all);
        order.forEach((claim, index) => {
          if (verdicts.get(claim.key) === 'runs') return;
          const before = order.slice(0, index).filter(({ key }) => verdicts.get(key) === 'runs');
          expect(fitsAll([...before, claim], total)).toBe(false);
          expect(verdicts.get(claim.key)).toBe(fitsAll([claim], total) ? 'waits' : 'too_big');
        });
      }),
    );
  });

  test('one that is too big takes no room from anybody', () => {
    fc.assert(
      fc.property(capacity, claims, (total, all) => {
        const giant = claimed('the giant', { isProd: true, since: '', memory: total.memory + 1 });
        expect(running(total, [...all, giant])).toEqual(running(total, all));
        expect(plan(total, [giant]).get(giant.key)).toBe('too_big');
      }),
    );
  });

  test('among equals who came first is served first, the lower number of several before the higher', () => {
    fc.assert(
      fc.property(claims, fc.integer({ min: 0, max: 24 }), (all, room) => {
        const equals = all.map((claim) => ({ ...claim, isProd: false, isExtra: false, memory: 1, cpu: 0.5 }));
        expect(running({ ...ROOMY, memory: room }, equals)).toEqual(inOrder(equals).slice(0, room));
      }),
    );
  });

  test('goes by prod, then by turn, then by number; what replaces others comes after what is there', () => {
    const all = [
      claimed('new release', { isExtra: true, since: '2025-01-01' }),
      claimed('late', { since: '2026-01-02' }),
      claimed('high number', { number: 10 }),
      claimed('low number', {}),
      claimed('prod release', { isProd: true, isExtra: true }),
      claimed('late prod', { isProd: true, since: '2026-01-03' }),
    ];
    const order = ['late prod', 'prod release', 'low number', 'high number', 'late', 'new release'];
    expect(inOrder(all).map(({ key }) => key)).toEqual(order);
    for (let room = 0; room <= all.length; room += 1) {
      const has = running({ memory: room, cpu: 1 }, all).map(({ key }) => key);
      expect(has).toEqual(order.slice(0, room));
    }
  });
});

test.each<[memory: number, left: number]>([
  [0.5, 0.25],
  [2, 1.75],
  [8, 7],
  [64, 62],
])('of %d GiB of a machine, %d are for dynos', (memory, left) => {
  expect(capacityOf({ memory: memory * GIB, cpu: 3 })).toEqual({ memory: left * GIB, cpu: 3 });
});
