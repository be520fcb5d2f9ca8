import { describe, expect, test } from '@jest/globals';
import { dynosUp, filterIn, issuesOf, matching, queryOf } from '../../src/console/spaces/spaces-list.js';
import type { Space } from '../../src/contract/wire.js';

const local = { id: '1', name: 'local' };

function space(name: string, more: Partial<Space> = {}): Space {
  return {
    id: name,
    name,
    compliance: [],
    region: local,
    stack: local,
    state: 'allocated',
    created_at: '2026-01-01T00:00:00.000Z',
    updated_at: '2026-01-01T00:00:00.000Z',
    ...more,
  };
}

const spaces = [
  space('shop', { compliance: ['prod'], description: 'Storefront and API' }),
  space('vault', {
    compliance: ['socs', 'prod'],
    concerns: [{ compliance: 'socs', problem: 'Digests are not mailed', remedy: 'aka platform:configure' }],
  }),
  space('lab', {
    network: {
      mode: 'loopback',
      subnets: [],
      not_enforced: [{ promise: 'isolation', how: 'nothing keeps it apart' }],
    },
  }),
];
const none = { text: '', compliance: '', attention: false, page: 1 };
const names = (change: Partial<typeof none>): string[] =>
  matching(spaces, { ...none, ...change }).map(({ name }) => name);

describe('the list of spaces', () => {
  test('is searched by every word, in name, description and stack', () => {
    expect(names({ text: 'SHOP' })).toEqual(['shop']);
    expect(names({ text: 'api store' })).toEqual(['shop']);
    expect(names({ text: 'local lab' })).toEqual(['lab']);
    expect(names({ text: 'shop nothing' })).toEqual([]);
  });

  test('is filtered by compliance', () => {
    expect(names({ compliance: 'prod' })).toEqual(['shop', 'vault']);
    expect(names({ compliance: 'socs' })).toEqual(['vault']);
    expect(names({ compliance: 'none' })).toEqual(['lab']);
  });

  test('is narrowed to what needs attention', () => {
    expect(names({ attention: true })).toEqual(['vault', 'lab']);
  });

  test('keeps its filter in the address, and takes nonsense there for none', () => {
    const filter = { text: 'a b', compliance: 'socs', attention: true, page: 3 };
    expect(filterIn(new URLSearchParams(queryOf(filter)))).toEqual(filter);
    expect(filterIn(new URLSearchParams('compliance=socsprod&page=-1&attention=yes'))).toEqual(none);
  });
});

test('what is not enforced comes before what has a remedy', () => {
  const [lab, vault] = [issuesOf(spaces[2]!), issuesOf(spaces[1]!)];
  expect(lab).toEqual([
    { problem: 'isolation: nothing keeps it apart', remedy: undefined, kind: 'not enforced' },
  ]);
  expect(vault[0]?.remedy).toBe('aka platform:configure');
});

test('dynos that are not up count as such', () => {
  expect(dynosUp([{ state: 'up' }, { state: 'crashed' }, { state: 'starting' }])).toEqual({
    up: 1,
    all: 3,
    state: 'crashed',
  });
  expect(dynosUp([{ state: 'up' }, { state: 'starting' }])).toMatchObject({ state: 'starting' });
  expect(dynosUp([{ state: 'up' }])).toMatchObject({ state: 'up' });
});
