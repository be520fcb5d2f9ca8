/** The groups of long tests. .ci/run runs one of them whole at a time, in turn: together they take over an hour. */
type Long = 'sequences' | 'canaries' | 'kills' | 'fuzz';

const whole = process.env.AKA_TEST_FULL ?? '';

/**
 * Whether a group of long tests runs whole. `AKA_TEST_FULL=1` asks for every group, and `AKA_TEST_FULL=kills,fuzz` for
 * those; the others run a part.
 */
export function runsWhole(group: Long): boolean {
  return whole === '1' || whole.split(',').includes(group);
}

/** For a test that takes as long as the machine needs. */
export const LONG = 30 * 60_000;
