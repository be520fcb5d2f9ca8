import type { Output } from './output.js';

const UNITS: readonly (readonly [seconds: number, name: string])[] = [
  [24 * 3600, 'd'],
  [3600, 'h'],
  [60, 'min'],
  [1, 's'],
];

/** A time (ISO 8601) in a table: at a terminal how long ago it was, elsewhere as it is. So are times to come. */
export function momentCell(out: Output, time: string, now = Date.now()): string {
  const seconds = Math.floor((now - Date.parse(time)) / 1000);
  if (!out.isTerminal || !(seconds >= 0)) return time;
  const [length, name] = UNITS.find(([each]) => seconds >= each) ?? [1, 's'];
  return `${Math.floor(seconds / length)} ${name} ago`;
}
