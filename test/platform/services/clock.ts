import { openTemporary, type Temporary } from '../store/temporary.js';

export const HOUR = 60 * 60 * 1000;

/** A platform whose clock is set by hand. */
export function withClock(): Temporary & { readonly pass: (ms: number) => void } {
  let time = Date.parse('2026-01-01T00:00:00Z');
  const platform = openTemporary(undefined, () => new Date(time));
  return {
    ...platform,
    pass(ms) {
      time += ms;
    },
  };
}
