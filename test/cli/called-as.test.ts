import { afterEach, describe, expect, test } from '@jest/globals';
import { asTyped, calledFor, calledIn, loginHint, programName, withAdvice } from '../../src/cli/called-as.js';

const IDS = ['spaces', 'spaces:info', 'platform:tokens:create', 'ps'];

function called(bin: string, topicSeparator = ':', plugin?: string): void {
  if (plugin !== undefined) process.env.AKKERIS_SPACES_PLUGIN = plugin;
  calledIn({ bin, topicSeparator, commandIDs: IDS });
}

afterEach(() => {
  delete process.env.AKKERIS_SPACES_PLUGIN;
  called('aka');
  calledFor({});
});

describe('a command in a text', () => {
  test.each([
    ['aka', ':', 'See it: aka spaces:info shop'],
    ['akkeris-spaces', ':', 'See it: akkeris-spaces spaces:info shop'],
    ['host', ' ', 'See it: host spaces info shop'],
    ['my-aka', ' ', 'See it: my-aka spaces info shop'],
  ])('is typed in %s with "%s" as it is there', (bin, separator, expected) => {
    called(bin, separator);
    const said = asTyped('See it: aka spaces:info shop');
    expect(said).toBe(expected);
    // What has been said already is not said anew.
    expect(asTyped(said)).toBe(expected);
  });

  test('is found wherever it stands, and nothing else is taken for one', () => {
    called('host', ' ');
    expect(asTyped('(aka ps -a x), sudo aka platform:tokens:create ci; or aka spaces.')).toBe(
      '(host ps -a x), sudo host platform tokens create ci; or host spaces.',
    );
    expect(asTyped('Every command: aka help')).toBe('Every command: host help');
    for (const text of [
      'Run aka as its owner',
      'upgrade aka',
      'baka spaces',
      'aka spaces:nope',
      'AKA spaces',
    ])
      expect(asTyped(text)).toBe(text);
  });

  test('is for the platform that the flags of this one name, unless it names one', () => {
    calledFor({ platform: 'work' });
    const said = asTyped(
      'See aka spaces:info shop, or every one: aka spaces. Or aka ps --platform embedded.',
    );
    expect(said).toBe(
      'See aka spaces:info --platform work shop, or every one: aka spaces --platform work. Or aka ps --platform embedded.',
    );
    expect(asTyped(said)).toBe(said);
    expect(asTyped('Every command: aka help')).toBe('Every command: aka help');
    called('host', ' ');
    calledFor({ api: 'http://127.0.0.1:5000' });
    expect(asTyped('aka spaces:info shop')).toBe('host spaces info --api http://127.0.0.1:5000 shop');
    calledFor({ api: 'unix:/tmp/a b; rm' });
    expect(asTyped('aka spaces')).toBe('host spaces');
  });

  test('is one of the older aka, or typed behind akkeris-spaces there', () => {
    called('aka', ':', JSON.stringify({ bin: 'ak', commands: ['spaces', 'spaces:info', 'help'] }));
    expect(asTyped('aka spaces:info shop')).toBe('ak spaces:info shop');
    expect(asTyped('aka ps -a web-shop')).toBe('ak akkeris-spaces ps -a web-shop');
    expect(asTyped('aka help')).toBe('ak akkeris-spaces help');
    expect(loginHint()).toBe('Log in: ak auth:login');
  });

  test.each([
    '',
    '{',
    'null',
    '[]',
    '{"bin":"rm -rf /;","commands":["ps"]}',
    '{"bin":"aka","commands":"spaces"}',
  ])('is typed as ever where %j is all that is said of the older aka', (plugin) => {
    called('aka', ':', plugin);
    expect(asTyped('aka ps')).toBe('aka ps');
    expect(loginHint()).toBeUndefined();
  });
});

test('only what advises is changed in a result', () => {
  called('host', ' ');
  const text = 'aka spaces:info';
  const result = {
    text,
    hint: text,
    list: [{ hint: text, text, none: null, count: 1 }],
    nested: { hint: [text] },
  };
  expect(withAdvice(result, ['hint'])).toEqual({
    text,
    hint: 'host spaces info',
    list: [{ hint: 'host spaces info', text, none: null, count: 1 }],
    nested: { hint: [text] },
  });
  expect(withAdvice(result, [])).toBe(result);
});

test('the program is called what it was started as, of the names it has', () => {
  const names = ['aka', 'akkeris-spaces'];
  expect(programName('/usr/bin/akkeris-spaces', names)).toBe('akkeris-spaces');
  for (const path of ['/usr/bin/aka', '/opt/aka/bin/run.js', '', undefined])
    expect(programName(path, names)).toBe('aka');
});
