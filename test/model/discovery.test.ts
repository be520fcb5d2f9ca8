import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  checkDiscoveryFits,
  DISCOVERY_BYTES_MAX,
  discoveryNames,
  discoveryVarApp,
  discoveryVars,
  environmentBytes,
  isNearlyFull,
  utf8Length,
} from '../../src/model/discovery.js';
import { Refusal } from '../../src/model/rule.js';
import { anyText, legalAppNames } from './arbitraries.js';

const services = fc.uniqueArray(
  fc.record({ name: legalAppNames, host: fc.ipV4(), port: fc.integer({ min: 1, max: 65_535 }) }),
  { selector: ({ name }) => name },
);

describe('discovery vars', () => {
  test('are named as documented', () => {
    expect(discoveryNames('web2')).toEqual({ host: 'WEB2_SERVICE_HOST', port: 'WEB2_SERVICE_PORT' });
  });

  test('have names that a shell takes, and each name belongs to one app', () => {
    fc.assert(
      fc.property(legalAppNames, legalAppNames, (app, other) => {
        const names = Object.values(discoveryNames(app));
        expect(new Set(names).size).toBe(2);
        for (const name of names) {
          expect(name).toMatch(/^[A-Z_][A-Z0-9_]*$/);
          expect(discoveryVarApp(name)).toBe(app);
        }
        if (app !== other)
          for (const name of Object.values(discoveryNames(other))) expect(names).not.toContain(name);
      }),
      { numRuns: 800 },
    );
  });

  test('names of other forms belong to no app', () => {
    for (const name of [
      'SERVICE_HOST',
      '_SERVICE_HOST',
      '1A_SERVICE_HOST',
      'A_B_SERVICE_HOST',
      'web_SERVICE_HOST',
    ])
      expect(discoveryVarApp(name)).toBeUndefined();
    expect(discoveryVarApp('WEB_SERVICE_HOST\n')).toBeUndefined();
    expect(discoveryVarApp('WEB_SERVICE_PORTS')).toBeUndefined();
    expect(discoveryVarApp('SERVICE_SERVICE_HOST')).toBe('service');
  });

  test('are two for every app, in the order of the apps, with its host and port', () => {
    fc.assert(
      fc.property(services, (apps) => {
        const vars = discoveryVars(apps);
        expect(Object.keys(vars)).toEqual(apps.flatMap(({ name }) => Object.values(discoveryNames(name))));
        for (const { name, host, port } of apps) {
          expect(vars[`${name.toUpperCase()}_SERVICE_HOST`]).toBe(host);
          expect(vars[`${name.toUpperCase()}_SERVICE_PORT`]).toBe(String(port));
        }
      }),
    );
  });
});

describe('bytes', () => {
  test('of a text are those of its UTF-8', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.string({ unit: 'grapheme' })), (text) => {
        expect(utf8Length(text)).toBe(Buffer.byteLength(text));
      }),
      { numRuns: 800 },
    );
    expect(utf8Length('\ud800')).toBe(3);
    expect(utf8Length('\u{1f600}')).toBe(4);
  });

  test('of vars are those of an environment block', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.stringMatching(/^[A-Z_]{1,9}$/), fc.string({ unit: 'binary' })),
        (vars) => {
          const block = Object.entries(vars).map(([name, value]) => `${name}=${value}\0`);
          expect(environmentBytes(vars)).toBe(Buffer.byteLength(block.join('')));
        },
      ),
    );
  });

  test('a thousand apps with names of 20 characters fit, and the limit is exact', () => {
    const apps = Array.from({ length: 1000 }, (_, index) => ({
      name: `a${String(index).padStart(19, '0')}`,
      host: '10.127.127.127',
      port: 8080,
    }));
    const bytes = environmentBytes(discoveryVars(apps));
    expect(bytes).toBeLessThanOrEqual(DISCOVERY_BYTES_MAX);
    expect(() => checkDiscoveryFits('shop', bytes)).not.toThrow();
    expect(() => checkDiscoveryFits('shop', DISCOVERY_BYTES_MAX)).not.toThrow();
    expect(() => checkDiscoveryFits('shop', DISCOVERY_BYTES_MAX + 1)).toThrow(Refusal);
  });
});

test('a space is nearly full from half of its room on', () => {
  expect(isNearlyFull({ bytes: 499, bytes_max: 1000 })).toBe(false);
  expect(isNearlyFull({ bytes: 500, bytes_max: 1000 })).toBe(true);
  expect(isNearlyFull({ bytes: 2000, bytes_max: 1000 })).toBe(true);
});
