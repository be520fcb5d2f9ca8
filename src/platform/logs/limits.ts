/** How much of logs is kept, in bytes. */
export interface LogLimits {
  /** A longer line becomes several. */
  readonly line: number;
  /** A file that has more is followed by a new one. */
  readonly segment: number;
  /** All files of an app; the first ones are removed. */
  readonly app: number;
  /** The files of all apps; the first ones of the app with the most go. */
  readonly total: number;
  /** What waits to be written: from half of it `write` makes its caller wait, and what is more is lost, and counted. */
  readonly queue: number;
}

const MIB = 1024 * 1024;

export const LOG_LIMITS: LogLimits = {
  line: 8 * 1024,
  segment: MIB,
  app: 10 * MIB,
  total: 1024 * MIB,
  queue: 4 * MIB,
};
