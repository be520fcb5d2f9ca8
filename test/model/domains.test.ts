import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { appDomain, DOMAIN_MAX, webUrl } from '../../src/model/domains.js';
import { parseAppName, parseSpaceName } from '../../src/model/names.js';
import { RuleError } from '../../src/model/rule.js';
import { complianceSets, legalAppNames, legalSpaceNames } from './arbitraries.js';

const LOCAL = { stack: 'local', base: 'localhost' };

function domain(app: string, name: string, compliance: string[] = []): string {
  return appDomain(app, { name, compliance }, LOCAL);
}

/** A domain of so many characters. */
function domainOf(length: number): string {
  return appDomain(
    'web',
    { name: 'shop', compliance: [] },
    { stack: 'local', base: 'b'.repeat(length - 15) },
  );
}

/** Names in which a wrong rule would make two domains the same. */
/** No app can be named so: its domain would be the zone of all internal ones. */
const isReserved = (app: string, space: string): boolean => app === 'internal' && space === 'default';

const trickyApps = fc.oneof(
  fc.constantFrom('x', 'my', 'default', 'internal', 'local', 'localhost', 'xn', 'a', 'web', 'webinternal'),
  legalAppNames,
);
const trickySpaces = fc.oneof(
  fc.constantFrom(
    'default',
    'default2',
    'my-default',
    'default-x',
    'x-default',
    'internal-x',
    'x-internal',
    'local',
    'web-a',
  ),
  legalSpaceNames,
);
/** Spaces as there can be: the default one has no compliance. */
const spaces = fc
  .tuple(trickySpaces, complianceSets)
  .map(([name, compliance]) => ({ name, compliance: name === 'default' ? [] : compliance }));

describe('the domain of an app', () => {
  test('follows the pattern', () => {
    expect(domain('web', 'shop')).toBe('web-shop.local.localhost');
    expect(domain('web', 'shop', ['socs', 'prod'])).toBe('web-shop.local.localhost');
    expect(domain('web', 'shop', ['internal'])).toBe('web-shop.internal.local.localhost');
    expect(domain('web', 'default')).toBe('web.local.localhost');
    expect(domain('web', 'default2')).toBe('web-default2.local.localhost');
    expect(domain('web', 'my-default')).toBe('web-my-default.local.localhost');
  });

  test('is a valid name in DNS for every app and space that the rules allow', () => {
    fc.assert(
      fc.property(trickyApps, spaces, (app, space) => {
        fc.pre(!isReserved(app, space.name));
        const legal = { ...space, name: parseSpaceName(space.name) };
        const whole = appDomain(parseAppName(app, legal.name), legal, LOCAL);
        expect(whole.length).toBeLessThanOrEqual(DOMAIN_MAX);
        for (const label of whole.split('.')) {
          expect(label).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
          // Dashes in third and fourth place would make it an internationalized name (RFC 5891, 4.2.3.1).
          expect(label.slice(2, 4)).not.toBe('--');
        }
        expect(new URL(webUrl(whole, 443)).host).toBe(whole);
        expect(new URL(webUrl(whole, 8443)).host).toBe(`${whole}:8443`);
      }),
      { numRuns: 800 },
    );
  });

  test('two apps never share one, nor do an app and the zone of another', () => {
    fc.assert(
      fc.property(trickyApps, spaces, trickyApps, spaces, (app, space, other, elsewhere) => {
        fc.pre(app !== other || space.name !== elsewhere.name);
        fc.pre(!isReserved(app, space.name) && !isReserved(other, elsewhere.name));
        const [one, two] = [appDomain(app, space, LOCAL), appDomain(other, elsewhere, LOCAL)];
        expect(one).not.toBe(two);
        // A certificate or cookie for the one must not cover the other.
        expect(one.endsWith(`.${two}`) || two.endsWith(`.${one}`)).toBe(false);
      }),
      { numRuns: 800 },
    );
  });

  test('is never the zone of the internal apps: that name is reserved', () => {
    expect(() => parseAppName('internal', 'default')).toThrow(/would have the domain below which/);
    expect(parseAppName('internal', 'shop')).toBe('internal');
  });

  test('of more than 253 characters is refused and says by how many', () => {
    fc.assert(
      fc.property(legalAppNames, fc.integer({ min: 200, max: 245 }), (app, length) => {
        const base = 'b'.repeat(length);
        const space = { name: 'shop', compliance: ['internal'] };
        const whole = `${app}-shop.internal.local.${base}`;
        const make = (): string => appDomain(app, space, { stack: 'local', base });
        if (whole.length <= 253) return expect(make()).toBe(whole);
        expect(make).toThrow(RuleError);
        expect(make).toThrow(`would have ${whole.length} characters; 253 are allowed`);
      }),
    );
    expect(domainOf(253)).toHaveLength(253);
    expect(() => domainOf(254)).toThrow(RuleError);
  });
});
