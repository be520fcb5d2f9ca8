import { describe, expect, test } from '@jest/globals';
import { shownVars, varProblems } from '../../src/console/app/config-vars.js';
import { KEPT_LINES, LogBuffer, matchingLines, plain, sourcesOf } from '../../src/console/app/log-buffer.js';
import { relativeTime } from '../../src/console/ui/time.js';
import type { LogLine } from '../../src/contract/wire.js';

describe('config vars', () => {
  test('are shown without their secrets, which can be shown only where the platform sent them', () => {
    const [database, level, token, port] = shownVars({
      PORT: '5000',
      LOG_LEVEL: 'info',
      TOKEN: '[redacted]',
      DATABASE_URL: 'postgres://shop:hunter2@db/shop',
    });
    expect(database).toMatchObject({ name: 'DATABASE_URL', canReveal: true, owner: 'user' });
    expect(database?.redacted).not.toContain('hunter2');
    expect(level).toMatchObject({ redacted: 'info', canReveal: false });
    expect(token).toMatchObject({ redacted: '[redacted]', canReveal: false });
    expect(port).toMatchObject({ name: 'PORT', owner: 'platform' });
  });

  test.each([
    ['LOG_LEVEL', 'info', {}],
    ['1ST', 'x', { name: expect.stringContaining('not a name for a config var') }],
    ['PORT', '1', { name: expect.stringContaining('set by the platform') }],
    ['WEB_SERVICE_HOST', 'x', { name: expect.stringContaining('found in its space') }],
    ['TAKEN', 'x', { name: expect.stringContaining('set already') }],
    ['SECRET', 'a[redacted]b', { value: expect.stringContaining('in place of a secret') }],
  ])('%s can be set or not', (name, value, problems) => {
    expect(varProblems(name, value, { TAKEN: '1' })).toEqual(problems);
  });
});

const line = (dyno: string, text: string): LogLine => ({
  at: '2026-01-01T00:00:00.000Z',
  app: 'web-shop',
  dyno,
  line: text,
});

describe('a log', () => {
  test('keeps its newest lines, each with a number of its own', () => {
    const buffer = new LogBuffer();
    for (let index = 1; index <= KEPT_LINES * 2; index += 1) buffer.push(line('web.1', String(index)));
    expect(buffer.lines).toHaveLength(KEPT_LINES);
    expect(buffer.lines.at(-1)).toMatchObject({ number: KEPT_LINES * 2, text: String(KEPT_LINES * 2) });
    expect(new Set(buffer.lines.map(({ number }) => number)).size).toBe(KEPT_LINES);
  });

  test('is searched by words, and by dyno or process type', () => {
    const buffer = new LogBuffer();
    for (const [dyno, text] of [
      ['web.1', 'GET /a 200'],
      ['web.2', 'GET /b 500'],
      ['worker.1', 'get done'],
      ['webhook.1', 'x'],
    ])
      buffer.push(line(dyno!, text!));
    const found = (search: string, dyno: string) =>
      matchingLines(buffer.lines, search, dyno).map(({ text }) => text);
    expect(found('get', '')).toEqual(['GET /a 200', 'GET /b 500', 'get done']);
    expect(found('get 500', '')).toEqual(['GET /b 500']);
    expect(found('', 'web')).toEqual(['GET /a 200', 'GET /b 500']);
    expect(sourcesOf(buffer.lines)).toEqual(['web', 'webhook', 'worker']);
  });

  test('shows neither colours nor what would reorder its text', () => {
    expect(plain('\u001b[31mred\u001b[0m \u202eevil \u001b[2J')).toBe(String.raw`red \u202eevil \u001b[2J`);
  });
});

test('times are told by how long ago they were', () => {
  const now = Date.parse('2026-01-02T00:00:00.000Z');
  expect(relativeTime('2026-01-01T23:59:58.000Z', now)).toBe('just now');
  expect(relativeTime('2026-01-01T22:30:00.000Z', now)).toBe('1 h ago');
  expect(relativeTime('2026-01-05T00:00:00.000Z', now)).toBe('in 3 d');
  expect(relativeTime('never', now)).toBe('never');
});
