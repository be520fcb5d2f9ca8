import { expect, test } from '@jest/globals';
import { secondsOf, withSeconds } from '../../src/cli/waiting.js';

test.each([
  [['--wait'], ['--wait=900']],
  [
    ['shop', '--wait', '-a', 'web-demo'],
    ['shop', '--wait=900', '-a', 'web-demo'],
  ],
  [['--wait=3'], ['--wait=3']],
  [
    ['--wait', '3'],
    ['--wait', '3'],
  ],
  [
    ['--wait', 'shop'],
    ['--wait=900', 'shop'],
  ],
  [
    ['--', '--wait'],
    ['--', '--wait'],
  ],
])('%j are read as %j', (argv, read) => {
  expect(withSeconds(argv)).toEqual(read);
});

test.each(['', 'long', '-1', '1e9', '604801', '0x10'])('%j is no number of seconds to wait', (text) => {
  expect(() => secondsOf(text)).toThrow('--wait takes a number of seconds.');
});

test.each([
  [undefined, 900],
  ['0', 0],
  ['0.5', 0.5],
  ['604800', 604_800],
])('%j is %d seconds', (text, seconds) => {
  expect(secondsOf(text)).toBe(seconds);
});
