import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  CONFIG_NAME_MAX,
  CONFIG_VALUE_MAX,
  checkConfigName,
  checkConfigValue,
  configVarOwner,
  PLATFORM_VARS,
} from '../../src/model/config-vars.js';
import { discoveryNames } from '../../src/model/discovery.js';
import { checkFreeText } from '../../src/model/free-text.js';
import { Refusal, RuleError } from '../../src/model/rule.js';
import { anyText, CONTROL, legalAppNames } from './arbitraries.js';

const WORD = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_';

function isShellName(name: string): boolean {
  return (
    name !== '' &&
    WORD.includes(name.charAt(0)) &&
    Array.from(name).every((char) => `${WORD}0123456789`.includes(char))
  );
}

function errorOf(check: () => void): RuleError | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof RuleError) return error;
    throw error;
  }
}

const names = fc.oneof(
  anyText,
  fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,130}$/),
  fc.constantFrom('PORT', 'port', 'constructor', '__proto__', 'AKKERIS_SPACE', 'AKKERIS_OTHER'),
  legalAppNames.map((app) => discoveryNames(app).host),
);

describe('the name of a config var', () => {
  test('is accepted exactly if a shell takes it, it is not too long, and users own it', () => {
    fc.assert(
      fc.property(names, (name) => {
        const legal = isShellName(name) && name.length <= CONFIG_NAME_MAX && configVarOwner(name) === 'user';
        expect(errorOf(() => checkConfigName(name)) === undefined).toBe(legal);
      }),
      { numRuns: 800 },
    );
  });

  test('of the platform or of discovery is refused as a policy, and says whose it is', () => {
    for (const name of Object.keys(PLATFORM_VARS)) {
      expect(configVarOwner(name)).toBe('platform');
      expect(errorOf(() => checkConfigName(name))).toMatchObject({ id: 'reserved_config_var' });
    }
    fc.assert(
      fc.property(legalAppNames, (app) => {
        for (const name of Object.values(discoveryNames(app))) {
          expect(configVarOwner(name)).toBe('discovery');
          const error = errorOf(() => checkConfigName(name));
          expect(error).toBeInstanceOf(Refusal);
          expect(error?.message).toContain(`an app named ${app} `);
        }
      }),
    );
    for (const name of ['constructor', 'toString', '__proto__', 'PORTS', 'SERVICE_HOST'])
      expect(configVarOwner(name)).toBe('user');
  });

  test('is repeated only if it can be no value, and never with a control character', () => {
    fc.assert(
      fc.property(names, (name) => {
        const error = errorOf(() => checkConfigName(name));
        if (error === undefined) return;
        expect(`${error.message}${error.hint}`).not.toMatch(CONTROL);
        if (error.id === 'invalid_config_name' && !/^[A-Za-z_.-]{1,32}$/.test(name))
          expect(error.message).toMatch(/^One of the names is not/);
      }),
      { numRuns: 800 },
    );
  });
});

describe('the value of a config var', () => {
  test('may be any text that an environment can hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (value) => {
        fc.pre(!value.includes('\0') && !/redacted/i.test(value));
        expect(errorOf(() => checkConfigValue('NAME', value))).toBeUndefined();
      }),
    );
  });

  test('with a NUL or half a character is refused, wherever it is, and not shown', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.constantFrom('\0', '\ud800', '\udfff'),
        fc.string(),
        (before, bad, after) => {
          const error = errorOf(() => checkConfigValue('NAME', `canary${before}${bad}${after}`));
          expect(error).toMatchObject({ id: 'invalid_config_value' });
          expect(`${error?.message}${error?.hint}`).not.toContain('canary');
        },
      ),
    );
  });

  test('is measured in bytes, to the byte', () => {
    for (const [char, bytes] of [
      ['a', 1],
      ['\u00e9', 2],
      ['\u20ac', 3],
      ['\u{1f600}', 4],
    ] as const) {
      const most = char.repeat(Math.floor(CONFIG_VALUE_MAX / bytes));
      expect(errorOf(() => checkConfigValue('NAME', most))).toBeUndefined();
      expect(errorOf(() => checkConfigValue('NAME', most + char))).toMatchObject({
        id: 'invalid_config_value',
      });
    }
  });

  test('that was read redacted is never stored', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.mixedCase(fc.constant('[redacted]')),
        fc.string(),
        (before, marker, after) => {
          const error = errorOf(() => checkConfigValue('NAME', `${before}${marker}${after}`));
          expect(error).toMatchObject({ id: 'redacted_value' });
        },
      ),
    );
  });
});

describe('free text', () => {
  test('is refused exactly if it would not come back as it is', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const survives = !text.includes('\0') && Buffer.from(text).toString() === text;
        expect(errorOf(() => checkFreeText('description', text)) === undefined).toBe(survives);
      }),
      { numRuns: 800 },
    );
  });
});
