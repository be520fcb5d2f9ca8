import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { originOf } from '../../src/model/config-origin.js';
import { checkConfigName, configVarOwner, PLATFORM_VARS } from '../../src/model/config-vars.js';
import { discoveryNames } from '../../src/model/discovery.js';
import { RuleError } from '../../src/model/rule.js';
import { anyText, legalAppNames } from './arbitraries.js';

const names = fc.oneof(
  anyText,
  fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,20}$/),
  fc.constantFrom('constructor', 'toString', '__proto__', 'hasOwnProperty', ...Object.keys(PLATFORM_VARS)),
  legalAppNames.map((app) => discoveryNames(app).port),
);

function isLegal(name: string): boolean {
  try {
    checkConfigName(name);
    return true;
  } catch (error) {
    if (error instanceof RuleError) return false;
    throw error;
  }
}

describe('where a config var comes from', () => {
  test.each<[name: string, vars: Record<string, string>, origin: object]>([
    ['LOG_LEVEL', { LOG_LEVEL: 'debug' }, { from: 'user', value: 'debug' }],
    ['LOG_LEVEL', { LOG_LEVEL: '' }, { from: 'user', value: '' }],
    ['LOG_LEVEL', {}, { from: 'user', value: undefined }],
    ['DB_PASSWORD', { DB_PASSWORD: 'hunter2' }, { from: 'user', value: '[redacted]' }],
    ['API_SERVICE_PORT', { API_SERVICE_PORT: '80' }, { from: 'discovery', app: 'api', value: '80' }],
    ['API_SERVICE_PORT', {}, { from: 'refused', as: 'discovery', app: 'api' }],
    [
      'PORT',
      { PORT: '5000' },
      { from: 'platform', facts: expect.objectContaining({ when: 'dyno' }), value: '5000' },
    ],
    [
      'AKKERIS_GIT_SHA1',
      {},
      { from: 'platform', facts: expect.objectContaining({ when: 'build' }), value: undefined },
    ],
    [
      'MY-VAR',
      {},
      { from: 'refused', as: 'name', reason: expect.stringContaining('"MY-VAR" is not a name') },
    ],
    ['hunter2 3', {}, { from: 'refused', as: 'name', reason: expect.not.stringContaining('hunter') }],
  ])('%s with %j is said', (name, vars, origin) => {
    expect(originOf(name, vars)).toEqual(origin);
  });

  test('is never more than what is set, whatever its name', () => {
    fc.assert(
      fc.property(names, (name) => {
        const origin = originOf(name, {});
        expect(origin).not.toHaveProperty('value', expect.anything());
        expect(origin.from).not.toBe('discovery');
      }),
      { numRuns: 500 },
    );
  });

  test('is refused exactly if nobody could set it, and else is its owner', () => {
    fc.assert(
      fc.property(names, (name) => {
        const owner = configVarOwner(name);
        const { from } = originOf(name, Object.fromEntries([[name, 'x']]));
        expect(from).toBe(owner === 'user' && !isLegal(name) ? 'refused' : owner);
      }),
      { numRuns: 500 },
    );
  });
});
