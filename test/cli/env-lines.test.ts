import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { parse } from 'dotenv';
import { envLines, type LineFormat } from '../../src/cli/env-lines.js';

const VALUES = [
  '10.64.1.2',
  '80',
  'fd00::1',
  'db.local',
  '',
  'two words',
  '$(id) `id` $HOME',
  "it's",
  'a\nb',
  '"',
  '\\',
  '#x',
];

const line = (value: string, format: LineFormat): string =>
  envLines({ VALUE: value }, format).lines.join('\n');

test.each(VALUES)('a shell reads %j from both kinds of line', (value) => {
  for (const set of [line(value, 'shell'), line(value, 'dotenv')])
    expect(execFileSync('/bin/sh', ['-c', `${set}\nprintf %s "$VALUE"`], { encoding: 'utf8' })).toBe(value);
});

test.each(VALUES.filter((value) => !value.includes("'")))('dotenv reads %j', (value) => {
  expect(parse(line(value, 'dotenv'))).toEqual({ VALUE: value });
});

test('hosts and ports are plain words in a .env file', () => {
  const vars = { WEB_SERVICE_HOST: '10.64.1.2', WEB_SERVICE_PORT: '80' };
  expect(envLines(vars, 'dotenv').lines).toEqual(['WEB_SERVICE_HOST=10.64.1.2', 'WEB_SERVICE_PORT=80']);
});

test.each<LineFormat>(['shell', 'dotenv'])(
  'a name that is none is left out of %s lines: it may be a command',
  (format) => {
    const vars = { 'A=1; touch /tmp/x; B': '1', 'A\nB': '2', '$(id)': '3', '': '4', '1A': '5', _ok1: '6' };
    const { lines, leftOut } = envLines(vars, format);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('_ok1');
    expect(leftOut).toBe(5);
  },
);
