/** Where a line of a log came from. */
export type LogStream = 'stdout' | 'stderr' | 'system' | 'router' | 'build';

/** One line of a log. */
export interface LogEntry {
  /** When the line was whole: ISO 8601, UTC, in milliseconds. */
  readonly at: string;
  /** The id of the app; `platform` for the daemon itself. */
  readonly app: string;
  /** `web.1`, `build`, `router` or `platform`. */
  readonly dyno: string;
  readonly stream: LogStream;
  /** Without its line feed. It may hold control characters: show it through `printable`. */
  readonly line: string;
}

/** The name that the daemon's own log goes by where others have the id of an app. */
export const PLATFORM_LOG = 'platform';
