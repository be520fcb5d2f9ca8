import type { AppsApi, LogLines } from '../contract/apps-api.js';
import { notFound } from '../contract/errors.js';
import type { LogLine } from '../contract/wire.js';
import { nearest } from '../model/nearest.js';

/** The most lines that the Apps API returns of what was printed before. */
export const LINES_MAX = 10_000;

/** What of a log is shown. */
export interface LogWish {
  readonly since: Date | undefined;
  /** Text that a line has in it; upper and lower case are the same. */
  readonly search: string | undefined;
  /** How many of the last lines that match. */
  readonly lines: number;
}

/** Yields the last lines of a log that match. */
export async function* lastMatching(log: LogLines, wish: LogWish): AsyncGenerator<LogLine> {
  const last: LogLine[] = [];
  for await (const line of matching(log, wish)) {
    last.push(line);
    if (last.length > wish.lines) last.shift();
  }
  yield* last;
}

/** Yields the lines of a log that match, as they come. */
export async function* matching(log: LogLines, { since, search }: LogWish): AsyncGenerator<LogLine> {
  const wanted = search?.toLowerCase();
  for await (const line of log) {
    if (since !== undefined && Date.parse(line.at) < since.getTime()) continue;
    if (wanted === undefined || line.line.toLowerCase().includes(wanted)) yield line;
  }
}

/**
 * Throws an AppsApiError (404) if an app has neither a dyno nor a process type of this name, and nothing in its log was
 * printed by one.
 */
export async function checkDyno(api: AppsApi, app: string, dyno: string): Promise<void> {
  const [formations, dynos] = await Promise.all([api.formations.list({ app }), api.dynos.list({ app })]);
  const known = [...formations.map(({ type }) => type), ...dynos.map(({ name }) => name)];
  if (known.includes(dyno)) return;
  for await (const _ of await api.logs.ofApp({ app, dyno, lines: 1 })) return;
  throw notFound('dyno', dyno, nearest(dyno, known), `The dynos of ${app}: aka ps -a ${app}`);
}
