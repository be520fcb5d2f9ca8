import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { given } from '../../src/model/given.js';

test('what is given keeps its value, null and nothingness included, and the rest is absent', () => {
  const members = fc.dictionary(fc.string(), fc.constantFrom(undefined, null, '', 0, false, 'x'));
  fc.assert(
    fc.property(members, (all) => {
      const kept = given(all);
      for (const [name, value] of Object.entries(all)) {
        expect(Object.hasOwn(kept, name)).toBe(value !== undefined);
        if (value !== undefined) expect(kept[name]).toBe(value);
      }
      expect(Object.keys(all)).toEqual(expect.arrayContaining(Object.keys(kept)));
    }),
  );
});
