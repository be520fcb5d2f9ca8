import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { parseSince } from '../../src/model/since.js';

const NOW = new Date('2026-11-23T12:00:00.000Z');

describe('since when', () => {
  test.each([
    ['7d', '2026-11-16T12:00:00.000Z'],
    ['12h', '2026-11-23T00:00:00.000Z'],
    ['30m', '2026-11-23T11:30:00.000Z'],
    ['30min', '2026-11-23T11:30:00.000Z'],
    ['45S', '2026-11-23T11:59:15.000Z'],
    ['2w', '2026-11-09T12:00:00.000Z'],
    ['0s', '2026-11-23T12:00:00.000Z'],
    ['999999w', '1970-01-01T00:00:00.000Z'],
    ['2026-11-01', '2026-11-01T00:00:00.000Z'],
    ['2026-11-01T09:30', '2026-11-01T09:30:00.000Z'],
    ['2026-11-01 09:30', '2026-11-01T09:30:00.000Z'],
    ['2026-11-01t09:30:15z', '2026-11-01T09:30:15.000Z'],
    ['2026-11-01T09:30:15.1239Z', '2026-11-01T09:30:15.123Z'],
    ['2026-11-01T09:30+02:00', '2026-11-01T07:30:00.000Z'],
    ['2026-11-01T00:00-0930', '2026-11-01T09:30:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
  ])('is read: %s', (text, time) => {
    expect(parseSince(text, NOW).toISOString()).toBe(time);
  });

  test.each([
    '',
    '7',
    'd',
    '-7d',
    '1.5h',
    '7 d',
    '7y',
    '1234567s',
    'yesterday',
    '2026',
    '2026-11',
    '2026-02-30',
    '2025-02-29',
    '2026-13-01',
    '2026-00-10',
    '2026-11-00',
    '1969-12-31',
    '2026-11-01T24:00',
    '2026-11-01T09:60',
    '2026-11-01T09',
    '2026-11-01T09:30+15:00',
    '2026-11-01T09:30+01:60',
    '2026-11-01Z',
    '2026-11-01\n',
    'toString',
  ])('is not %j', (text) => {
    expect(() => parseSince(text, NOW)).toThrow(expect.objectContaining({ id: 'invalid_since' }));
  });

  const times = fc.date({
    min: new Date(0),
    max: new Date('9999-12-31T23:59:59.999Z'),
    noInvalidDate: true,
  });

  test('is the very moment that a time says, in whatever zone it says it', () => {
    fc.assert(
      fc.property(times, fc.integer({ min: -14 * 60, max: 14 * 60 }), (time, offset) => {
        expect(parseSince(time.toISOString(), NOW)).toEqual(time);
        const local = new Date(time.getTime() + offset * 60_000);
        fc.pre(local.getTime() >= 0 && local.getUTCFullYear() < 10_000);
        const [hours, minutes] = [Math.trunc(Math.abs(offset) / 60), Math.abs(offset) % 60];
        const zone = [hours, minutes].map((each) => String(each).padStart(2, '0')).join(':');
        const text = local.toISOString().replace('Z', `${offset < 0 ? '-' : '+'}${zone}`);
        expect(parseSince(text, NOW).getTime()).toBe(Math.max(0, time.getTime()));
      }),
    );
  });

  test('is earlier for a longer duration, and as long before whatever time it is now', () => {
    fc.assert(
      fc.property(fc.nat(9999), fc.constantFrom('s', 'm', 'h', 'd', 'w'), times, (count, unit, now) => {
        const [since, longer] = [count, count + 1].map((each) => parseSince(`${each}${unit}`, now));
        expect(Number(longer) < Number(since) || Number(longer) === 0).toBe(true);
        expect(Number(since) <= now.getTime()).toBe(true);
        const later = new Date(now.getTime() + 1000);
        if (Number(since) > 0)
          expect(Number(parseSince(`${count}${unit}`, later))).toBe(Number(since) + 1000);
      }),
    );
  });

  test('is a moment or a refusal, whatever is written', () => {
    const odd = fc.oneof(
      fc.string(),
      fc.stringMatching(/^\d{1,7}[a-z]{0,3}$/),
      fc.stringMatching(/^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?([Z+-]\d{0,4})?)?$/),
    );
    fc.assert(
      fc.property(odd, (text) => {
        try {
          const since = parseSince(text, NOW);
          expect(since.toISOString()).toMatch(/^\d{4}-/);
        } catch (error) {
          expect(error).toMatchObject({ id: 'invalid_since' });
        }
      }),
    );
  });
});
