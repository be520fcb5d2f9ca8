import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  checkCredentialKeys,
  checkPrefix,
  LEVELS,
  lackingIn,
  PLANS,
  parseCredentialName,
  planNamed,
  planOf,
  prefixOf,
  requiredBy,
  varOf,
} from '../../src/model/addons.js';
import { checkConfigName } from '../../src/model/config-vars.js';
import { RuleError } from '../../src/model/rule.js';
import { anyText, CONTROL, complianceSets } from './arbitraries.js';

describe('what an addon requires of a space', () => {
  test('is what its plan does, and what makes the space of its owner a prod or socs space', () => {
    fc.assert(
      fc.property(complianceSets, fc.option(complianceSets), complianceSets, (plan, owner, space) => {
        const allowed =
          plan.every((each) => space.includes(each)) &&
          (!owner?.includes('prod') || space.includes('prod')) &&
          (!owner?.includes('socs') || space.includes('socs'));
        const required = requiredBy(plan, owner ?? undefined);
        expect(lackingIn(space, required).length === 0).toBe(allowed);
      }),
    );
  });

  test('is had by the space of its owner itself, if that has what the plan requires', () => {
    fc.assert(
      fc.property(complianceSets, complianceSets, (plan, owner) => {
        expect(lackingIn(owner, requiredBy(plan, owner))).toEqual(lackingIn(owner, plan));
      }),
    );
  });

  test('only grows with what its owner has, and names what is lacking and nothing else', () => {
    fc.assert(
      fc.property(complianceSets, complianceSets, complianceSets, (plan, owner, space) => {
        const required = requiredBy(plan, owner);
        expect(lackingIn(required, requiredBy(plan, undefined))).toEqual([]);
        const lacking = lackingIn(space, required);
        for (const each of required) expect(lacking.includes(each)).toBe(!space.includes(each));
      }),
    );
  });

  test('is prod for production and nothing for general, by exact words', () => {
    expect(PLANS.map(({ level, compliance }) => [level, compliance])).toEqual([
      ['production', ['prod']],
      ['general', []],
    ]);
    for (const level of LEVELS) expect(planNamed(planOf(level))?.level).toBe(level);
    expect(lackingIn(['production', 'prodsocs', 'PROD'], ['prod'])).toEqual(['prod']);
  });
});

describe('the name of a credential', () => {
  test.each([
    ['payments', 'PAYMENTS'],
    ['Mail-Relay', 'MAIL_RELAY'],
    ['s3', 'S3'],
  ])('%s makes vars that begin with %s', (name, prefix) => {
    expect(prefixOf(parseCredentialName(name))).toBe(prefix);
    expect(varOf(prefix, 'TOKEN')).toBe(`${prefix}_TOKEN`);
  });

  test('is refused in words that are safe to show, or makes names that vars can have', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        try {
          const prefix = prefixOf(parseCredentialName(text));
          checkPrefix(prefix);
          checkConfigName(varOf(prefix, 'TOKEN'));
        } catch (error) {
          if (!(error instanceof RuleError)) throw error;
          expect(error.id).toBe('invalid_credential_name');
          expect(error.message).not.toMatch(CONTROL);
        }
      }),
    );
  });
});

test('what is known by its form for a secret is not what names of vars begin with, and is not said again', () => {
  const token = `npm_${'q9be08b999b902f8'.repeat(3).slice(0, 36)}`;
  expect(() => checkPrefix(token)).toThrow(RuleError);
  expect(() => checkPrefix(token)).not.toThrow(token);
  expect(() => checkPrefix('npm_config')).not.toThrow();
});

test('the vars of a credential are config vars, neither none nor without end', () => {
  const keys = Array.from({ length: 101 }, (_, index) => `K${index}`);
  expect(() => checkCredentialKeys(keys.slice(1))).not.toThrow();
  expect(() => checkCredentialKeys(['HOST', 'PORT'])).not.toThrow();
  for (const wrong of [[], keys, ['has-dash'], ['']])
    expect(() => checkCredentialKeys(wrong)).toThrow(RuleError);
});
