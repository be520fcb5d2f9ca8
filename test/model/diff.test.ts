import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { compareSpaces, type Difference, type SpaceContent } from '../../src/model/diff.js';
import { discoveryNames } from '../../src/model/discovery.js';
import { complianceSets } from './arbitraries.js';

const varNames = fc.constantFrom(
  'LOG_LEVEL',
  'DB_PASSWORD',
  'API_TOKEN',
  'DATABASE_URL',
  'constructor',
  'toString',
);
const values = fc.constantFrom(
  'debug',
  'info',
  '',
  '[redacted]',
  'CANARY1',
  'postgres://u:CANARY2@db/x',
  '\u001b[2J',
);
const content = (name: string): fc.Arbitrary<SpaceContent> =>
  fc.record({
    name: fc.constant(name),
    compliance: complianceSets,
    apps: fc.uniqueArray(
      fc.record({ name: fc.constantFrom('web', 'api', 'db'), vars: fc.dictionary(varNames, values) }),
      { selector: (app) => app.name },
    ),
  });

const MIRRORED = {
  only_a: 'only_b',
  only_b: 'only_a',
  equal: 'equal',
  different: 'different',
  hidden: 'hidden',
} as const;

function mirror(rows: readonly Difference[]): Difference[] {
  return rows.map(({ name, state, a, b }) => ({
    name,
    state: MIRRORED[state],
    ...(b === undefined ? {} : { a: b }),
    ...(a === undefined ? {} : { b: a }),
  }));
}

function appsOf(space: SpaceContent): Map<string, Map<string, string>> {
  return new Map(space.apps.map(({ name, vars }) => [name, new Map(Object.entries(vars))]));
}

describe('the difference of two spaces', () => {
  test('reads the same from the other side', () => {
    fc.assert(
      fc.property(content('left'), content('right'), (left, right) => {
        const [there, back] = [compareSpaces(left, right), compareSpaces(right, left)];
        expect(back.same).toBe(there.same);
        for (const part of ['compliance', 'apps', 'config', 'discovery'] as const)
          expect(back[part]).toEqual(mirror(there[part]));
      }),
      { numRuns: 300 },
    );
  });

  test('of a space with itself is none, in whatever order its parts are', () => {
    fc.assert(
      fc.property(content('left'), (space) => {
        const turned = {
          ...space,
          compliance: space.compliance.toReversed(),
          apps: space.apps.toReversed().map((app) => ({
            ...app,
            vars: Object.fromEntries(Object.entries(app.vars).toReversed()),
          })),
        };
        const { same, compliance, apps, config, discovery } = compareSpaces(space, turned);
        expect(same).toBe(config.some(({ state }) => state === 'hidden') ? null : true);
        for (const { state } of [compliance, apps, discovery].flat()) expect(state).toBe('equal');
        for (const { state } of config) expect(['equal', 'hidden']).toContain(state);
      }),
    );
  });

  test('says exactly what is where', () => {
    fc.assert(
      fc.property(content('left'), content('right'), (left, right) => {
        const diff = compareSpaces(left, right);
        const [a, b] = [appsOf(left), appsOf(right)];
        expect(new Set(diff.apps.map(({ name }) => name))).toEqual(new Set([...a.keys(), ...b.keys()]));
        for (const { name, state } of diff.apps) {
          expect(state).toBe(!b.has(name) ? 'only_a' : !a.has(name) ? 'only_b' : 'equal');
          for (const variable of Object.values(discoveryNames(name)))
            expect(diff.discovery).toContainEqual({ name: variable, state });
        }
        const expected = new Map<string, string>();
        for (const [app, vars] of a) {
          const others = b.get(app);
          if (others === undefined) continue;
          for (const name of new Set([...vars.keys(), ...others.keys()])) {
            const [x, y] = [vars.get(name), others.get(name)];
            const hidden = [x, y].includes('[redacted]') ? 'hidden' : 'different';
            expected.set(
              `${app} ${name}`,
              x === undefined
                ? 'only_b'
                : y === undefined
                  ? 'only_a'
                  : x === y && x !== '[redacted]'
                    ? 'equal'
                    : hidden,
            );
          }
        }
        expect(new Map(diff.config.map(({ name, state }) => [name, state]))).toEqual(expected);
        const states = [diff.compliance, diff.apps, diff.config].flat().map(({ state }) => state);
        const differ = states.some((state) => state !== 'equal' && state !== 'hidden');
        // What is redacted on both sides may be equal or not: then nobody can say that they are the same.
        expect(diff.same).toBe(differ ? false : states.includes('hidden') ? null : true);
      }),
      { numRuns: 300 },
    );
  });

  test('never holds a sensitive value, and only values that differ', () => {
    let seen = 0;
    fc.assert(
      fc.property(content('left'), content('right'), (left, right) => {
        const { config } = compareSpaces(left, right);
        for (const { name, state, a, b } of config) {
          expect([a !== undefined, b !== undefined]).toEqual(Array(2).fill(state === 'different'));
          if (/PASSWORD|TOKEN/.test(name)) expect(`${a}${b}`).not.toContain('CANARY');
          expect(`${a}${b}`).not.toContain('CANARY2');
          if (state === 'different') seen++;
        }
      }),
      { numRuns: 300 },
    );
    expect(seen).toBeGreaterThan(100);
  });
});
