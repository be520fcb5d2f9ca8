import { expect, test } from '@jest/globals';
import { parseScale, scaleChanges } from '../../src/cli/scale-words.js';
import type { Formation } from '../../src/contract/wire.js';

const NOW = [
  { type: 'web', quantity: 2 },
  { type: 'worker', quantity: 1 },
] as unknown as Formation[];

test.each([
  ['web=3', [{ type: 'web', quantity: 3 }]],
  [
    'web=0 worker+2',
    [
      { type: 'web', quantity: 0 },
      { type: 'worker', quantity: 3 },
    ],
  ],
  ['Web-1', [{ type: 'web', quantity: 1 }]],
  ['web=1:gp2', [{ type: 'web', quantity: 1, size: 'gp2' }]],
  ['4', [{ type: 'web', quantity: 4 }]],
  ['clock=1', [{ type: 'clock', quantity: 1 }]],
])('%s', (line, changes) => {
  expect(scaleChanges(parseScale(line.split(' ')), NOW)).toEqual(changes);
});

test.each([
  ['web', 'Word 1 is not of the form TYPE=NUMBER.'],
  ['web=1 worker=-1', 'Word 2 is not of the form TYPE=NUMBER.'],
  ['web=1 web+1', 'web is named twice.'],
  ['worker-2', "worker has a quantity of 1, so it can't be reduced by 2."],
])('%s is refused', (line, message) => {
  expect(() => scaleChanges(parseScale(line.split(' ')), NOW)).toThrow(message);
});
