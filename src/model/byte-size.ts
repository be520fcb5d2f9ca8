import { quote, RuleError } from './rule.js';

const UNITS = ['KiB', 'MiB', 'GiB', 'TiB'];

/** A number of bytes for people, such as `1.5 MiB`. */
export function byteSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`;
  let [value, unit] = [bytes / 1024, 0];
  for (; value >= 999.95 && unit < UNITS.length - 1; unit++) value /= 1024;
  return `${value < 10 ? Number(value.toFixed(1)) : Math.round(value)} ${UNITS[unit]}`;
}

/**
 * So many bytes as people write it: `5GB` (thousands), `5GiB` or `5G` (1024s), `1.5 TiB`, in any case. A number without
 * a unit is refused: too many mean another one. Throws a {@link RuleError}.
 */
export function parseByteSize(text: string): number {
  const [, number, unit, kind] = /^(\d{1,15}(?:\.\d{1,6})?) *([kmgt])(i?b)?$/i.exec(text) ?? [];
  if (number === undefined || unit === undefined) {
    throw new RuleError(
      'invalid_size',
      `${quote(text)} is no size.`,
      'A size is a number and a unit: 500MB, 5GB or 1.5GiB.',
    );
  }
  const base = kind?.toLowerCase() === 'b' ? 1000 : 1024;
  return Math.round(Number(number) * base ** ('kmgt'.indexOf(unit.toLowerCase()) + 1));
}
