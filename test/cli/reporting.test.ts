import { expect, test } from '@jest/globals';
import { reportingOf } from '../../src/cli/argv.js';

test.each([
  [[], false, false],
  [['spaces', '--json'], true, false],
  [['spaces', '--debug'], false, true],
  [['--debug', 'spaces', '--json'], true, true],
  [['config:get', '--', '--json', '--debug'], false, false],
  [['config:get', '--json', '--', '--debug'], true, false],
  [['config:set', 'A=--json', '--jsonx'], false, false],
])('%j is reported with json %s, debug %s', (argv, json, debug) => {
  expect(reportingOf(argv)).toEqual({ json, debug });
});
