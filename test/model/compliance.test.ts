import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  CATALOGUE,
  COMPLIANCES,
  type Compliance,
  checkCompliance,
  checkStackFor,
  isCompliance,
  orderCompliance,
  parseCompliance,
  sameCompliance,
} from '../../src/model/compliance.js';
import { Refusal, RuleError } from '../../src/model/rule.js';
import { anyText, CONTROL, complianceSets } from './arbitraries.js';

/** A set as people write it: shuffled, in any case, with blanks, repeated, over one flag or several. */
const written = complianceSets
  .filter((set) => set.length > 0)
  .chain((set) =>
    fc
      .tuple(
        fc.array(fc.constantFrom(...set), { maxLength: 4 }),
        fc.array(
          fc.tuple(fc.mixedCase(fc.constant('socs,prod,internal')), fc.stringMatching(/^[ \t]{0,2}$/)),
          {
            minLength: 10,
            maxLength: 10,
          },
        ),
        fc.array(fc.boolean(), { minLength: 10, maxLength: 10 }),
      )
      .chain(([again, shapes, cuts]) =>
        fc.shuffledSubarray([...set, ...again], { minLength: set.length + again.length }).map((words) => {
          const values: string[] = [];
          for (const [index, word] of words.entries()) {
            const [mixed, blank] = shapes[index] ?? ['', ''];
            const at = mixed.toLowerCase().indexOf(word);
            const text = `${blank}${mixed.slice(at, at + word.length)}${blank}`;
            if (values.length === 0 || cuts[index] === true) values.push(text);
            else values.push(`${values.pop()},${text}`);
          }
          return { set, values };
        }),
      ),
  );

describe('compliance', () => {
  test('written in any order, case, separation and number of times is the same stored set', () => {
    fc.assert(
      fc.property(written, ({ set, values }) => {
        expect(parseCompliance(values)).toEqual(COMPLIANCES.filter((each) => set.includes(each)));
      }),
      { numRuns: 800 },
    );
  });

  test('is stored in the order socs, prod, internal', () => {
    expect(parseCompliance(['internal,prod,socs'])).toEqual(['socs', 'prod', 'internal']);
    expect(orderCompliance(['internal', 'socs', 'internal'])).toEqual(['socs', 'internal']);
    expect(parseCompliance([])).toEqual([]);
  });

  test('anything else is refused, and the answer is short, printable and names the choices', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...COMPLIANCES)), anyText, fc.nat(3), (words, odd, place) => {
        fc.pre(!odd.includes(',') && !isCompliance(odd.trim().toLowerCase()));
        const values = [...words.slice(0, place), odd, ...words.slice(place)];
        for (const given of [values, [values.join(',')]]) {
          let error: unknown;
          try {
            parseCompliance(given);
          } catch (thrown) {
            error = thrown;
          }
          expect(error).toBeInstanceOf(RuleError);
          const { message, hint = '' } = error as RuleError;
          expect(`${message}${hint}`).not.toMatch(CONTROL);
          expect(hint).toMatch(/socs, prod, internal|commas between them/);
        }
      }),
      { numRuns: 800 },
    );
  });

  test('from programs is taken word by word, and only exactly', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...COMPLIANCES), anyText)), (words) => {
        const check = (): Compliance[] => checkCompliance(words);
        if (words.every(isCompliance))
          expect(check()).toEqual(COMPLIANCES.filter((each) => words.includes(each)));
        else expect(check).toThrow(RuleError);
      }),
      { numRuns: 500 },
    );
    for (const word of ['SOCS', ' socs', 'socs,prod', ''])
      expect(() => checkCompliance([word])).toThrow(RuleError);
    expect(checkCompliance(['internal', 'socs', 'internal'])).toEqual(['socs', 'internal']);
  });

  test('is never found within another word', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...COMPLIANCES),
        fc.stringMatching(/^[a-z=-]{0,3}$/),
        fc.stringMatching(/^[a-z=-]{0,3}$/),
        (word, before, after) => {
          fc.pre(before + after !== '');
          expect(() => parseCompliance([`${before}${word}${after}`])).toThrow(RuleError);
          expect(isCompliance(`${before}${word}${after}`)).toBe(false);
        },
      ),
    );
    for (const word of ['socsprod', 'compliance=socs', 'nonprod', 'prods', 'constructor'])
      expect(() => parseCompliance([word])).toThrow(/is not a compliance/);
  });

  test.each([['socs,'], [','], [''], [' '], ['socs,,prod']])('an empty one in %j is refused', (value) => {
    expect(() => parseCompliance([value])).toThrow('A compliance is empty.');
  });

  test('a near miss is told apart from several in one word', () => {
    expect(hintOf(['sosc'])).toMatch(/^Did you mean socs\?/);
    expect(hintOf(['intern'])).toMatch(/^Did you mean internal\?/);
    expect(hintOf(['prod SOCS'])).toBe('These are several, with commas between them: --compliance prod,socs');
    expect(hintOf(['hipaa'])).toBe('There are socs, prod, internal.');
  });

  test('two sets are the same exactly if each holds the other', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...COMPLIANCES)),
        fc.array(fc.constantFrom(...COMPLIANCES)),
        (a, b) => {
          const same = COMPLIANCES.every((each) => a.includes(each) === b.includes(each));
          expect(sameCompliance(a, b)).toBe(same);
          expect(sameCompliance(b, a)).toBe(same);
        },
      ),
    );
    expect(sameCompliance(['socs', 'hipaa'], ['socs', 'prod'])).toBe(false);
  });

  test('every one is explained', () => {
    for (const name of COMPLIANCES) {
      const { summary, does, refuses } = CATALOGUE[name];
      expect(summary).not.toBe('');
      expect(does.length * refuses.length).toBeGreaterThan(0);
    }
  });
});

describe('a stack for a compliance', () => {
  const states = ['public', 'beta', 'deprecated'];

  test('is refused exactly if it is deprecated, in beta for prod, or without an internal network for internal', () => {
    fc.assert(
      fc.property(complianceSets, fc.constantFrom(...states), fc.boolean(), (set, state, internalCapable) => {
        const offer = { name: 'local', state, region: { name: 'here', internalCapable } };
        const refused =
          state === 'deprecated' ||
          (state === 'beta' && set.includes('prod')) ||
          (!internalCapable && set.includes('internal'));
        const check = (): void => checkStackFor(set satisfies Compliance[], offer);
        if (refused) expect(check).toThrow(Refusal);
        else expect(check).not.toThrow();
      }),
    );
  });
});

function hintOf(values: string[]): string | undefined {
  try {
    parseCompliance(values);
  } catch (error) {
    if (error instanceof RuleError) return error.hint;
    throw error;
  }
  return undefined;
}
