import { quote, RuleError } from './rule.js';

const UNITS = { s: 1, m: 60, h: 3600, d: 24 * 3600, w: 7 * 24 * 3600 } as const;

/** How many seconds a text such as `30d`, `12h` or `90m` says. Throws a {@link RuleError} for any other. */
export function parseDuration(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,9})([smhdw])$/.exec(text.trim().toLowerCase()) ?? [];
  const seconds = Number(count) * UNITS[unit as keyof typeof UNITS];
  if (seconds > 0) return seconds;
  throw new RuleError(
    'invalid_duration',
    `${quote(text)} is not a length of time.`,
    'A number and a unit: 30d, 12h, 90m.',
  );
}
