import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  eventsOf,
  HOOK_EVENTS,
  parseHookEvents,
  parseHookUrl,
  pauseAfter,
  silentEvents,
  TRIES_MAX,
  verdictOn,
} from '../../src/model/hooks.js';
import { Refusal, RuleError } from '../../src/model/rule.js';

const TYPES = HOOK_EVENTS.map(({ type }) => type);

describe('the events of a hook', () => {
  test('are those that the Akkeris API lists', () => {
    expect(TYPES).toEqual(
      expect.arrayContaining(['build', 'release', 'released', 'preview-released', 'security_scan']),
    );
    expect(TYPES).toHaveLength(15);
  });

  test('are each kept once, in the order of the list, however they are written', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...TYPES), { minLength: 1 }), (events) => {
        const parsed = parseHookEvents(events.map((event) => ` ${event.toUpperCase()} `));
        expect(parsed).toEqual(TYPES.filter((type) => events.includes(type)));
      }),
    );
  });

  test.each([
    ['biuld', /Did you mean build\?/],
    ['created', /All of them: aka hooks:events/],
    ['', /All of them/],
    ['__proto__', /All of them/],
  ])('%j is none of them', (name, hint) => {
    expect(() => parseHookEvents([name])).toThrow(RuleError);
    try {
      parseHookEvents([name]);
    } catch (error) {
      expect((error as RuleError).hint).toMatch(hint);
    }
  });

  test('that never happen here are told', () => {
    expect(silentEvents(['build', 'preview', 'logdrain_change'])).toEqual(['logdrain_change', 'preview']);
    const happening = HOOK_EVENTS.filter(({ happens }) => happens).map(({ type }) => type);
    expect(silentEvents(happening)).toEqual([]);
  });

  test('that happen here are each what some change is, and no other', () => {
    const actions = [
      'app',
      'config',
      'formation',
      'credential',
      'build',
      'release',
      'dyno',
      'pipeline',
    ].flatMap((noun) =>
      ['create', 'update', 'destroy', 'change', 'attach', 'finish', 'crash', 'promote'].map(
        (verb) => `${noun}.${verb}`,
      ),
    );
    const happening = HOOK_EVENTS.filter(({ happens }) => happens).map(({ type }) => type);
    expect(new Set(actions.flatMap(eventsOf))).toEqual(new Set(happening));
    expect(eventsOf('constructor')).toEqual([]);
  });
});

describe('the URL of a hook', () => {
  test.each([
    'https://ci.example.com/hook?a=b',
    'https://foobar',
    'http://localhost:8001/webhook',
    'http://127.0.0.1/',
    'http://[::1]:80/',
    'http://web-shop.local.localhost:8080/',
  ])('may be %s', (url) => {
    expect(parseHookUrl(url).href).toBe(new URL(url).href);
  });

  test.each([
    'http://ci.example.com/hook',
    'http://localhost.example.com/',
    'http://127.0.0.1.example.com/',
    'http://10.0.0.1/',
    'ftp://localhost/',
    'file:///etc/passwd',
    'unix:/tmp/socket',
    'javascript:alert(1)',
    'https://user:hunter22@ci.example.com/',
    'https://user@ci.example.com/',
    'ci.example.com/hook',
    'https://',
    '',
    `https://ci.example.com/${'x'.repeat(2048)}`,
    'https://ci.example.com\n.example.org/',
    'https://ci.exam\tple.com/',
    ' https://ci.example.com/',
    'https://ci.example.com/\0',
    'https://ci.exam\u00adple.com/',
  ])('is never %s', (url) => {
    expect(() => parseHookUrl(url)).toThrow(RuleError);
    expect(() => parseHookUrl(url)).not.toThrow(/hunter22/);
  });

  test('is not what was shown in place of a secret', () => {
    expect(() => parseHookUrl('https://hooks.slack.com/services/[redacted]')).toThrow(Refusal);
  });
});

test('a call is tried again later each time, for about a day', () => {
  const pauses = Array.from({ length: TRIES_MAX }, (_, tries) => pauseAfter(tries + 1));
  expect(pauses.at(-1)).toBeUndefined();
  const known = pauses.slice(0, -1) as number[];
  expect(known).toEqual(known.toSorted((a, b) => a - b));
  expect(known.reduce((sum, each) => sum + each, 0) / 3_600_000).toBeCloseTo(24, -1);
});

test.each([
  ['taken', [200, 201, 202, 204, 299]],
  ['again', [408, 425, 429, 500, 502, 503, 504, 599]],
  ['refused', [100, 199, 300, 301, 302, 307, 308, 400, 401, 403, 404, 410, 422]],
])('an answer is %s', (verdict, codes) => {
  for (const code of codes) expect({ code, is: verdictOn(code) }).toEqual({ code, is: verdict });
});
