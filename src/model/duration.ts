import { quote, RuleError } from './rule.js';

/** Seconds of what people count time in. */
const UNITS: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  min: 60,
  h: 3600,
  d: 24 * 3600,
  w: 7 * 24 * 3600,
};

/** How many seconds a text such as `30d`, `12h`, `90m` or `0s` says; undefined for any other. */
export function durationSeconds(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d{1,6})(s|m|min|h|d|w)$/.exec(text.toLowerCase()) ?? [];
  const seconds = UNITS[unit];
  return seconds === undefined ? undefined : Number(count) * seconds;
}

/** The same of a length of time, which is more than none. Throws a {@link RuleError}. */
export function parseDuration(text: string): number {
  const seconds = durationSeconds(text.trim());
  if (seconds !== undefined && seconds > 0) return seconds;
  throw new RuleError(
    'invalid_duration',
    `${quote(text)} is not a length of time.`,
    'A number and a unit: 30d, 12h, 90m.',
  );
}
