import type { LogEntry, LogStream } from '../../contract/logs.js';

/** Who says something: an app's dyno, by one of its streams. */
export interface LogSource extends Pick<LogEntry, 'app' | 'dyno' | 'stream'> {
  /** Tells apart those who are the same dyno to people, as one and its replacement are for a while. */
  readonly program?: string;
}

/** More than any entry takes in its file, in bytes: a line of the default size, all of it escaped, and its source. */
export const ENTRY_MAX = 64 * 1024;

const STREAMS: ReadonlySet<unknown> = new Set<LogStream>(['stdout', 'stderr', 'system', 'router', 'build']);

/** An entry as it is in its file: one line, which holds no control character itself. */
export function textOf({ at, app, dyno, stream, line }: LogEntry): string {
  return `${JSON.stringify({ at, app, dyno, stream, line })}\n`;
}

/** The entry that a line of a file holds; undefined for what a killed writer or a full disk left of one. */
export function entryIn(text: string): LogEntry | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const entry = Object(value) as Record<keyof LogEntry, unknown>;
  const whole = [entry.at, entry.app, entry.dyno, entry.line].every((member) => typeof member === 'string');
  return whole && STREAMS.has(entry.stream) ? (entry as LogEntry) : undefined;
}
