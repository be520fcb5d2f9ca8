import { expect, test } from '@jest/globals';
import { lastMatching, matching } from '../../src/cli/log-filter.js';
import type { LogLine } from '../../src/contract/wire.js';

const LOG = ['one', 'an Error', 'two', 'error again', 'three'].map(
  (line, n): LogLine => ({ at: `2026-11-01T00:00:0${n}.000Z`, app: 'web-shop', dyno: 'web.1', line }),
);

async function* log(): AsyncGenerator<LogLine> {
  yield* LOG;
}

async function texts(lines: AsyncIterable<LogLine>): Promise<string[]> {
  const all: string[] = [];
  for await (const { line } of lines) all.push(line);
  return all;
}

test('a log is searched for text in any case, and cut to the last lines that match', async () => {
  const wish = { since: undefined, search: 'ERROR', lines: 10 };
  expect(await texts(lastMatching(log(), wish))).toEqual(['an Error', 'error again']);
  expect(await texts(lastMatching(log(), { ...wish, lines: 1 }))).toEqual(['error again']);
  expect(await texts(lastMatching(log(), { ...wish, lines: 0 }))).toEqual([]);
});

test('a log begins at the time that is asked for', async () => {
  const since = new Date('2026-11-01T00:00:02Z');
  expect(await texts(matching(log(), { since, search: undefined, lines: 1 }))).toEqual([
    'two',
    'error again',
    'three',
  ]);
});
