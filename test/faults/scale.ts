/** Whether the long tests run whole: `AKA_TEST_FULL=1`. */
export const FULL = process.env.AKA_TEST_FULL === '1';

/** How often something is done: the whole number, or by default a part of it. */
export function times(whole: number, part: number): number {
  return FULL ? whole : part;
}

/** For a test that takes as long as the machine needs. */
export const LONG = 30 * 60_000;
