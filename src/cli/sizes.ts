const UNITS = ['KiB', 'MiB', 'GiB', 'TiB'] as const;

/** So many bytes in the unit that people read best. */
export function sizeText(bytes: number): string {
  let [size, unit]: [number, string] = [bytes, 'bytes'];
  for (const larger of UNITS) {
    if (size < 1024) break;
    [size, unit] = [size / 1024, larger];
  }
  return `${unit === 'bytes' || size >= 10 ? Math.round(size) : size.toFixed(1)} ${unit}`;
}
