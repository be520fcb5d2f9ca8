import { durationSeconds } from './duration.js';
import { quote, RuleError } from './rule.js';

const TIME =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?)?$/i;

/**
 * When something begins, as people write it: so long before `now` (`7d`, `12h`, `30m`, `45s`, `2w`), or a day or time of
 * ISO 8601 (`2026-11-01`, `2026-11-01T09:30`), which is of UTC unless it says otherwise. Nothing began before 1970.
 * Throws a {@link RuleError}.
 */
export function parseSince(text: string, now: Date): Date {
  const since = ago(text, now) ?? moment(text);
  if (since === undefined) {
    throw new RuleError(
      'invalid_since',
      `${quote(text)} is neither a duration nor a time.`,
      'Such as 7d, 12h, 30m, 2026-11-01, or 2026-11-01T09:30 in UTC.',
    );
  }
  return new Date(Math.max(0, since));
}

function ago(text: string, now: Date): number | undefined {
  const seconds = durationSeconds(text);
  return seconds === undefined ? undefined : now.getTime() - seconds * 1000;
}

/** In milliseconds; undefined also for what no calendar or clock shows, such as the 30th of February. */
function moment(text: string): number | undefined {
  const found = TIME.exec(text);
  if (found === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const milliseconds = Math.floor(Number(`0.${found[7] ?? 0}`) * 1000);
  const offset = offsetOf(found[8] ?? 'Z');
  if (year < 1970 || hour > 23 || minute > 59 || second > 59 || offset === undefined) return undefined;
  const day0 = new Date(Date.UTC(year, month - 1, day));
  if (day0.getUTCMonth() !== month - 1 || day0.getUTCDate() !== day) return undefined;
  return day0.getTime() + ((hour * 60 + minute - offset) * 60 + second) * 1000 + milliseconds;
}

/** How many minutes a zone is ahead of UTC; none is more than 14 hours. */
function offsetOf(zone: string): number | undefined {
  const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})$/.exec(zone) ?? [];
  if (sign === undefined) return 0;
  if (Number(minutes) > 59) return undefined;
  const ahead = Number(hours) * 60 + Number(minutes);
  return ahead > 14 * 60 ? undefined : Number(`${sign}${ahead}`);
}
