import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { nearest } from '../../src/model/nearest.js';
import { anyText, legalSpaceNames } from './arbitraries.js';

/** The definition of the distance, followed literally. */
function distance(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length;
  const [x, y] = [a.slice(0, -1), b.slice(0, -1)];
  const swap =
    a.length > 1 && b.length > 1 && a.at(-1) === b.at(-2) && a.at(-2) === b.at(-1)
      ? distance(a.slice(0, -2), b.slice(0, -2)) + 1
      : Number.POSITIVE_INFINITY;
  return Math.min(
    distance(x, b) + 1,
    distance(a, y) + 1,
    distance(x, y) + (a.at(-1) === b.at(-1) ? 0 : 1),
    swap,
  );
}

const short = fc.stringMatching(/^[ab]{1,6}$/);

describe('the nearest of some names', () => {
  test('is one of them, and the word itself if it is there, whatever its case', () => {
    fc.assert(
      fc.property(anyText, fc.array(anyText), legalSpaceNames, (word, others, name) => {
        const found = nearest(word, others);
        if (found !== undefined) expect(others).toContain(found);
        expect(nearest(name.toUpperCase(), [...others, name])?.toLowerCase()).toBe(name);
      }),
    );
  });

  test('is at the least distance, and at most a third of the word away', () => {
    fc.assert(
      fc.property(short, fc.array(short, { maxLength: 4 }), (word, names) => {
        const far = (name: string): number =>
          word.length >= 3 && name.startsWith(word) ? 1 : distance(word, name);
        const least = Math.min(...names.map(far));
        const found = nearest(word, names);
        if (least > Math.max(1, Math.floor(word.length / 3))) expect(found).toBeUndefined();
        else expect(found).toBe(names.find((name) => far(name) === least));
      }),
      { numRuns: 800 },
    );
  });

  test('forgives one slip of the fingers', () => {
    const slip = fc.record({ name: legalSpaceNames, at: fc.nat(), kind: fc.nat(3) });
    fc.assert(
      fc.property(slip, ({ name, at, kind }) => {
        const place = at % (name.length - 1);
        const [head, tail] = [name.slice(0, place), name.slice(place)];
        const slipped = [
          `${head}x${tail}`,
          head + tail.slice(1),
          `${head}x${tail.slice(1)}`,
          head + tail.charAt(1) + tail.charAt(0) + tail.slice(2),
        ];
        expect(nearest(slipped[kind] ?? name, [name])).toBe(name);
      }),
    );
  });

  test('there is none for a word that is like nothing, empty or endless', () => {
    expect(nearest('zzzzzz', ['web', 'shop'])).toBeUndefined();
    expect(nearest('', ['web'])).toBeUndefined();
    expect(nearest('a'.repeat(1_000_000), ['a'.repeat(1_000_000)])).toBeUndefined();
    expect(nearest('sho', ['web', 'shop-production'])).toBe('shop-production');
  });
});
