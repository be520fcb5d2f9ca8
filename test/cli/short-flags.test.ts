import { expect, test } from '@jest/globals';
import { COMMANDS } from '../scenarios/manifest.js';

interface FlagFacts {
  readonly char?: string;
  readonly charAliases?: readonly string[];
}

/**
 * What each letter stands for. The older aka has four meanings of -s, and two of -e, that its users' scripts hold; -f
 * and -d have a second one in logs, where users of other tools expect it. A new flag gets a letter that is free, or none.
 */
const LETTERS: Readonly<Record<string, readonly string[]>> = {
  a: ['app', 'from'],
  c: ['compliance'],
  d: ['description', 'dyno'],
  e: ['env', 'events'],
  f: ['force', 'tail'],
  i: ['internal'],
  n: ['lines'],
  o: ['org'],
  p: ['dyno'],
  q: ['quantity'],
  s: ['secret-file', 'size', 'space', 'stack'],
  t: ['tail'],
  u: ['user'],
};

test('a letter has one meaning, but for those that scripts hold', () => {
  const meanings = new Map<string, Set<string>>();
  for (const { flags } of COMMANDS) {
    for (const [name, { char, charAliases = [] }] of Object.entries(flags as Record<string, FlagFacts>)) {
      for (const letter of char === undefined ? charAliases : [char, ...charAliases])
        meanings.set(letter, (meanings.get(letter) ?? new Set()).add(name));
    }
  }
  expect(Object.fromEntries([...meanings].map(([letter, names]) => [letter, [...names].toSorted()]))).toEqual(
    LETTERS,
  );
});
