import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  AKKERIS_APP_KEY_MAX,
  type AppName,
  appKey,
  isReservedSpace,
  parseAppName,
  parseSpaceName,
  type SpaceName,
  spaceNameFault,
  splitAppKey,
} from '../../src/model/names.js';
import { Refusal, RuleError } from '../../src/model/rule.js';
import { anyText, CONTROL, legalAppNames, legalSpaceNames } from './arbitraries.js';

/** The error that parsing ends in; undefined if it is accepted. */
function refusalOf(parse: () => unknown): RuleError | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    if (error instanceof RuleError) return error;
    throw error;
  }
}

/** The rule once more, told by the parts between dashes rather than by a pattern for the whole. */
function isLegalSpaceName(input: string): boolean {
  const name = Array.from(input)
    .map((char) => (char >= 'A' && char <= 'Z' ? char.toLowerCase() : char))
    .join('');
  const parts = name.split('-');
  return (
    name.length >= 2 &&
    name.length <= 40 &&
    parts.every(
      (part) =>
        part !== '' &&
        Array.from(part).every((char) => 'abcdefghijklmnopqrstuvwxyz0123456789'.includes(char)),
    ) &&
    !'0123456789'.includes(name.charAt(0)) &&
    !isReservedSpace(name)
  );
}

function suggestionIn(error: RuleError): string | undefined {
  return / Try (\S+)\.$/.exec(error.hint ?? '')?.[1];
}

describe('the name of a space', () => {
  test('is accepted exactly if it follows the rule, in lower case', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, legalSpaceNames), (input) => {
        const error = refusalOf(() => parseSpaceName(input));
        expect(error === undefined).toBe(isLegalSpaceName(input));
        if (error === undefined) expect(parseSpaceName(input)).toBe(input.toLowerCase());
        expect(spaceNameFault(input) === undefined).toBe(error === undefined);
      }),
      { numRuns: 800 },
    );
  });

  test('is accepted in any case', () => {
    fc.assert(
      fc.property(legalSpaceNames, fc.mixedCase(legalSpaceNames), (name, mixed) => {
        expect(parseSpaceName(name)).toBe(name);
        expect(parseSpaceName(mixed)).toBe(mixed.toLowerCase());
      }),
    );
  });

  test.each([
    ['', 'it is empty'],
    ['my space', 'only letters, digits and dashes'],
    ['caf\u00e9', 'only letters, digits and dashes'],
    ['\u212abc', 'only letters, digits and dashes'],
    ['web_1', 'only letters, digits and dashes'],
    ['1web', 'begin with a letter'],
    ['-web', 'begin with a letter'],
    ['web-', 'end with a dash'],
    ['a--b', 'two dashes in a row'],
    ['a', 'shorter than 2'],
    ['a'.repeat(41), 'it has 41 characters, 1 too many'],
    ['a'.repeat(43), 'it has 43 characters, 3 too many'],
  ])('%j is refused with its reason', (input, why) => {
    const error = refusalOf(() => parseSpaceName(input));
    expect(error).toMatchObject({ id: 'invalid_space_name', message: expect.stringContaining(why) });
    expect(error).not.toBeInstanceOf(Refusal);
    expect(error?.message).toMatch(new RegExp(`: ${spaceNameFault(input)}\\.$`));
  });

  test.each([
    'prod',
    'SOCS',
    'internal',
    'akkeris',
    'kubernetes',
    'kube-system',
    'kube-anything',
    'localhost',
  ])('%s is reserved', (name) => {
    expect(refusalOf(() => parseSpaceName(name))).toMatchObject({ id: 'reserved_space_name' });
    expect(spaceNameFault(name)).toBe('it is reserved');
  });

  test('may have 40 characters, and so may what is suggested', () => {
    expect(parseSpaceName('a'.repeat(40))).toHaveLength(40);
    for (const input of [`${'a'.repeat(50)}!`, `${'a'.repeat(39)}--b`, 'A'.repeat(41)]) {
      const suggestion = suggestionIn(refusalOf(() => parseSpaceName(input)) ?? new RuleError('', ''));
      expect(parseSpaceName(suggestion ?? '')).toBe(suggestion);
    }
  });

  test('a reserved word may be a part of it', () => {
    for (const name of ['myprod', 'socs-prod', 'prod-1', 'kube', 'kubes-1'])
      expect(parseSpaceName(name)).toBe(name);
  });

  test('what is suggested instead is legal, and nothing unprintable is said', () => {
    let suggestions = 0;
    fc.assert(
      fc.property(anyText, (input) => {
        const error = refusalOf(() => parseSpaceName(input));
        if (error === undefined) return;
        expect(`${error.message}${error.hint}`).not.toMatch(CONTROL);
        expect(error.message.length + (error.hint?.length ?? 0)).toBeLessThan(900);
        const suggestion = suggestionIn(error);
        if (suggestion === undefined) return;
        suggestions++;
        expect(parseSpaceName(suggestion)).toBe(suggestion);
      }),
      { numRuns: 800 },
    );
    expect(suggestions).toBeGreaterThan(50);
    expect(suggestionIn(refusalOf(() => parseSpaceName('My  Space!')) ?? new RuleError('', ''))).toBe(
      'my-space',
    );
  });
});

describe('the name of an app', () => {
  test('is accepted exactly if it is letters and digits, a letter first, and app-space fits', () => {
    fc.assert(
      fc.property(
        fc.oneof(anyText, legalAppNames),
        legalSpaceNames,
        fc.constantFrom(63, AKKERIS_APP_KEY_MAX),
        (input, space, max) => {
          const legal =
            input !== '' &&
            Array.from(input).every((char) => /[A-Za-z0-9]/.test(char)) &&
            !'0123456789'.includes(input.charAt(0)) &&
            `${input}-${space}`.length <= max;
          const error = refusalOf(() => parseAppName(input, space, max));
          expect(error === undefined).toBe(legal);
          if (error === undefined) expect(parseAppName(input, space, max)).toBe(input.toLowerCase());
        },
      ),
      { numRuns: 800 },
    );
  });

  test('is told how many characters are left: that many fit, one more does not', () => {
    fc.assert(
      fc.property(legalSpaceNames, fc.constantFrom(63, AKKERIS_APP_KEY_MAX), (space, max) => {
        const error = refusalOf(() => parseAppName('a'.repeat(64), space, max));
        const left = Number(/(-?\d+) characters are left/.exec(error?.hint ?? '')?.[1] ?? 0);
        expect(refusalOf(() => parseAppName('a'.repeat(left + 1), space, max))).toBeDefined();
        if (left > 0) expect(parseAppName('a'.repeat(left), space, max)).toHaveLength(left);
        else expect(error?.hint).toMatch(/no room/);
      }),
    );
  });

  test('what is suggested instead is legal, and nothing unprintable is said, whatever the space is called', () => {
    let suggestions = 0;
    fc.assert(
      fc.property(anyText, fc.oneof(legalSpaceNames, anyText), (input, space) => {
        const error = refusalOf(() => parseAppName(input, space));
        if (error === undefined) return;
        expect(`${error.message}${error.hint}`).not.toMatch(CONTROL);
        const suggestion = suggestionIn(error);
        if (suggestion === undefined) return;
        suggestions++;
        expect(parseAppName(suggestion, space)).toBe(suggestion);
      }),
      { numRuns: 800 },
    );
    expect(suggestions).toBeGreaterThan(50);
  });

  test('a very long one is answered shortly', () => {
    for (const input of ['a'.repeat(1_000_000), `${'a'.repeat(1_000_000)}-`]) {
      const error = refusalOf(() => parseAppName(input, 'web'));
      expect(`${error?.message}${error?.hint}`.length).toBeLessThan(500);
    }
  });
});

describe('the key of an app', () => {
  test('splits into what it was joined from', () => {
    fc.assert(
      fc.property(legalAppNames, legalSpaceNames, (app, space) => {
        expect(splitAppKey(appKey(app as AppName, space as SpaceName))).toEqual({ app, space });
      }),
    );
  });

  test('two different apps never have the same one', () => {
    const part = fc.stringMatching(/^[ab](-?[ab]){1,3}$/);
    fc.assert(
      fc.property(
        fc.stringMatching(/^[ab]{1,3}$/),
        part,
        fc.stringMatching(/^[ab]{1,3}$/),
        part,
        (a, s, b, t) => {
          expect(appKey(a as AppName, s as SpaceName) === appKey(b as AppName, t as SpaceName)).toBe(
            a === b && s === t,
          );
        },
      ),
      { numRuns: 800 },
    );
  });

  test('text that is none is not split', () => {
    for (const text of ['', 'web', '-web', 'web-', '-']) expect(splitAppKey(text)).toBeUndefined();
  });

  test('what is split joins to what it was, whatever it is', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const split = splitAppKey(text);
        if (split === undefined) return;
        expect(`${split.app}-${split.space}`).toBe(text);
        expect(split.app).not.toContain('-');
      }),
    );
  });
});
