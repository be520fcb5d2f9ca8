import { execFileSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import {
  bodyOf,
  commandFor,
  curlFor,
  domainPattern,
  type NewSpace,
  nameProblem,
  stackProblem,
} from '../../src/console/spaces/new-space.js';

const facts = { taken: new Set(['shop']), appKeyMax: 63 };
const vault: NewSpace = { name: 'Vault', compliance: ['socs', 'prod'], stack: '', description: '' };
const time = { created_at: '', updated_at: '' };
const region = {
  id: 'r',
  name: 'local',
  private_capable: false,
  description: '',
  country: '',
  locale: '',
  high_availability: false,
  ...time,
};
const stack = { id: 's', name: 'local', region: { id: 'r', name: 'local' }, state: 'public', ...time };

describe('the name of a new space', () => {
  test.each([
    ['vault', undefined],
    ['Vault', undefined],
    ['SHOP', 'There is a space shop already.'],
    ['my_space', 'only letters, digits and dashes are allowed'],
    ['a', 'shorter than 2'],
    ['prod', 'reserved'],
    ['a--b', 'two dashes'],
  ])('%s', (name, problem) => {
    const found = nameProblem(name, facts);
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(problem);
  });

  test('leaves room for apps where their names are short', () => {
    expect(nameProblem('a-name-of-23-characters', { ...facts, appKeyMax: 24 })).toContain('no room for apps');
  });
});

test('a compliance that the stack has no place for is refused with the reason', () => {
  expect(stackProblem(['internal'], stack, [region])).toContain('has no internal network');
  expect(stackProblem(['internal'], stack, [{ ...region, private_capable: true }])).toBeUndefined();
  expect(stackProblem(['prod'], { ...stack, state: 'beta' }, [region])).toContain('beta');
});

test('the domain of its apps is told from that of other spaces', () => {
  const other = {
    id: '1',
    name: 'shop',
    compliance: ['prod'],
    region: stack.region,
    stack: { id: 's', name: 'local' },
    state: 'allocated',
    domain: 'https://[app]-shop.local.example.com:8443',
    ...time,
  };
  const settings = { router_port: 443, internal_port: 8444 };
  expect(domainPattern({ ...vault, name: 'vault' }, 'local', [other], settings)).toBe(
    'https://[app]-vault.local.example.com',
  );
  expect(
    domainPattern({ ...vault, name: 'vault', compliance: ['internal'] }, 'local', [other], settings),
  ).toBe('https://[app]-vault.internal.local.example.com:8444');
  expect(domainPattern(vault, 'elsewhere', [other], settings)).toBeUndefined();
});

describe('the same as a command', () => {
  test('of aka', () => {
    expect(commandFor(vault)).toBe('aka spaces:create vault --compliance socs,prod');
    expect(commandFor({ ...vault, compliance: [], stack: 'west', description: "It's ours" })).toBe(
      String.raw`aka spaces:create vault --stack west --description 'It'\''s ours'`,
    );
  });

  test('of curl sends what the page sends, whatever is in it', () => {
    const space = { ...vault, description: `it's "$(touch x)" \\ \`y\`` };
    const command = curlFor(space, 'http://localhost:1', 'key').replace(/^curl/, `printf '%s\\n'`);
    const words = execFileSync('sh', ['-c', command], {
      env: { AKA_TOKEN: 'secret' },
      encoding: 'utf8',
    }).split('\n');
    expect(JSON.parse(words[words.indexOf('--data') + 1] ?? '')).toEqual(bodyOf(space));
    expect(words).toContain('Authorization: Bearer secret');
  });
});
