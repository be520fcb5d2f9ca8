import { GRACE } from '../../model/formation.js';
import { SPIKE } from '../../model/ranks.js';

/** How patient the platform is, in milliseconds. */
export interface Pace {
  /** For a new dyno to be well. */
  readonly start: number;
  /** For one without traffic to be running, to be taken for well. */
  readonly settle: number;
  /** For a release command to end. */
  readonly release: number;
  /** Between two health checks of a dyno that has a path for it. */
  readonly check: number;
  /** For requests under way, when a dyno is to go. */
  readonly drain: number;
  /** Between SIGTERM and SIGKILL, for a process type without a grace time of its own. */
  readonly grace: number;
  /** Before a dyno that ended is started again; twice as long each time. */
  readonly again: number;
  readonly againMost: number;
  /** A dyno that was up so long has no past. */
  readonly forget: number;
  /** For which there must have been room before a dyno that gave way comes back. */
  readonly back: number;
  /** For which a dyno of a prod space may be over the memory of its size, at a time. */
  readonly spike: number;
}

export const PACE: Pace = {
  start: 60_000,
  settle: 1000,
  release: 3_600_000,
  check: 5000,
  drain: 10_000,
  grace: GRACE.default * 1000,
  again: 1000,
  againMost: 60_000,
  forget: 60_000,
  back: 10_000,
  spike: SPIKE.ms,
};

/** So many ends in a row, and a dyno is given up. */
export const ENDS_MOST = 8;
/** So many health checks in a row may fail. */
export const CHECKS_MOST = 3;

/** How long to wait before a dyno is started again that ended so many times in a row. */
export function pauseAfter(ends: number, pace: Pace): number {
  return Math.min(pace.again * 2 ** (ends - 1), pace.againMost);
}
