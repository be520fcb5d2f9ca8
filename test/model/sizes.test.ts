import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { COMPLIANCES } from '../../src/model/compliance.js';
import { Refusal, RuleError } from '../../src/model/rule.js';
import { parseSize, SIZES, sizeIn } from '../../src/model/sizes.js';

const compliance = fc.subarray([...COMPLIANCES]);
const sizes = fc.constantFrom(...SIZES);

describe('the size of a dyno', () => {
  test('is one of prod spaces in those, and one of the others elsewhere', () => {
    fc.assert(
      fc.property(compliance, fc.option(sizes, { nil: undefined }), (space, size) => {
        const prod = space.includes('prod');
        if (!prod && size?.prod === true) {
          expect(() => sizeIn(space, size.name)).toThrow(Refusal);
          return;
        }
        const given = sizeIn(space, size?.name);
        expect(given.prod).toBe(prod);
        // What was given is given again, and never a suffix more.
        expect(sizeIn(space, given.name)).toEqual(given);
        expect(SIZES).toContain(given);
        if (size !== undefined) expect(given).toMatchObject({ memory: size.memory, cpu: size.cpu });
      }),
    );
  });

  test.each([
    [['prod'], undefined, 'gp1-prod'],
    [['socs', 'prod'], 'GP2', 'gp2-prod'],
    [['prod'], 'gp2-prod', 'gp2-prod'],
    [[], undefined, 'gp1'],
    [['socs'], 'mp1', 'mp1'],
  ] as const)('in a space that is %j, %s is %s', (space, named, size) => {
    expect(sizeIn(space, named).name).toBe(size);
  });

  test('of prod spaces is refused elsewhere, with the one to use', () => {
    expect(() => sizeIn([], 'gp2-prod')).toThrow(
      new Refusal('prod_size', 'Size gp2-prod is for dynos of prod spaces only.', 'Use gp2.'),
    );
  });

  test.each(['gp1-prod-prod', 'gp9', '', '-prod'])('is never %j', (name) => {
    expect(() => parseSize(name)).toThrow(RuleError);
  });
});
