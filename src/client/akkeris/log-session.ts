import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod/mini';
import type { AppsApi, LogLines } from '../../contract/apps-api.js';
import type { Endpoint } from '../../contract/endpoints.js';
import { AppsApiError } from '../../contract/errors.js';
import type { LogLine } from '../../contract/wire.js';
import { shown } from '../../model/rule.js';
import type { HttpPlatform } from '../http-api.js';
import { linesIn } from '../lines.js';

type Filter = Parameters<AppsApi['logs']['ofApp']>[0];

/** As many of the last lines a session tells at most. */
const LINES_MAX = 250;
/** A session that says nothing for so long is over, in milliseconds: one that is not followed says all it has at once. */
const IDLE = { followed: 360_000, whole: 10_000 };
/** Between the end of a session that is followed and the next one, in milliseconds. */
const PAUSE = 1000;

const Session = z.looseObject({ logplex_url: z.string() });
const createSession = {
  method: 'POST',
  path: '/apps/{app}/log-sessions',
  summary: 'Read the log of an app',
  input: z.strictObject({ app: z.string(), lines: z.number(), tail: z.boolean() }),
  result: Session,
} as const satisfies Endpoint<unknown, z.infer<typeof Session>>;

/**
 * Reads the log of an app by log sessions, which an installation ends when nothing is said for some minutes; one that is
 * followed goes on with the next. Rejects with an AppsApiError (422) for more lines than a session tells.
 */
export async function appLog(
  platform: HttpPlatform,
  { app, lines = 100, dyno, follow = false }: Filter,
  signal = new AbortController().signal,
): Promise<LogLines> {
  if (lines > LINES_MAX) {
    throw new AppsApiError({
      id: 'too_many_lines',
      status: 422,
      message: `An Akkeris installation tells at most the last ${LINES_MAX} lines, not ${lines}.`,
      hint: `aka logs -a ${shown(app)} --lines ${LINES_MAX}`,
    });
  }
  const isMeant = (line: LogLine): boolean =>
    dyno === undefined || line.dyno === dyno || line.dyno.startsWith(`${dyno}.`);
  // No session tells fewer than one.
  const first = await opened(platform, { app, lines: Math.max(1, lines), follow }, signal);
  return chosen(follow ? followed(platform, app, first, signal) : first, isMeant, lines === 0);
}

async function* chosen(
  lines: LogLines,
  isMeant: (line: LogLine) => boolean,
  skipFirst: boolean,
): AsyncGenerator<LogLine> {
  let isFirst = true;
  for await (const line of lines) {
    if (!(isFirst && skipFirst) && isMeant(line)) yield line;
    isFirst = false;
  }
}

/** The lines of one session after the other. The last line of one is the first that the next one tells. */
async function* followed(
  platform: HttpPlatform,
  app: string,
  first: LogLines,
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  let last: LogLine | undefined;
  for (let session = first; ; session = await opened(platform, { app, lines: 1, follow: true }, signal)) {
    const before = last;
    for await (const line of session) {
      const isSame = line.at === before?.at && line.line === before.line && line.dyno === before.dyno;
      if (!isSame) yield line;
      last = line;
    }
    if (!(await wait(PAUSE, true, { signal }).catch(() => false))) return;
  }
}

async function opened(
  { call, read }: HttpPlatform,
  { app, lines, follow }: { readonly app: string; readonly lines: number; readonly follow: boolean },
  signal: AbortSignal,
): Promise<LogLines> {
  const { logplex_url: url } = await call(createSession, { app, lines, tail: follow });
  const idle = follow ? IDLE.followed : IDLE.whole;
  return linesOf(app, read({ url, summary: createSession.summary, idle }, signal));
}

async function* linesOf(app: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<LogLine> {
  for await (const text of linesIn(bytes)) if (text !== '') yield lineIn(app, text);
}

/** `TIME APP SOURCE: text`, where the source is `app[web.abc]`, `akkeris/router` or `akkeris/build`. */
function lineIn(app: string, text: string): LogLine {
  const [, at, source = '', line = ''] = /^(\d{4}-\S+Z) \S+ ([^\s:]+): ?(.*)$/.exec(text) ?? [];
  if (at === undefined) return { at: new Date().toISOString(), app, dyno: 'platform', line: text };
  const dyno = /^app\[(.+)\]$/.exec(source)?.[1] ?? source.replace(/\[.*$/, '').replace(/^.*\//, '');
  return { at, app, dyno, line };
}
