import type { LogEntry } from '../../contract/logs.js';
import { backward, type Found, openIfThere, type Position, readAt } from './backward.js';
import { Changes } from './changes.js';
import { ENTRY_MAX } from './entry.js';
import { Forward } from './forward.js';
import { folderOf, segmentFile, segmentsOf } from './segments.js';

export interface ReadLogs {
  /** The folder of all logs. */
  readonly dir: string;
  /** The ids of the apps; of several, entries come in the order of their times. */
  readonly apps: readonly string[];
  /** How many of the last entries. */
  readonly lines: number;
  /** Only those of one dyno (`web.1`), or of all of a type (`web`). */
  readonly dyno?: string | undefined;
  /** Goes on with what is written from then on, until it is aborted. */
  readonly follow?: AbortSignal | undefined;
}

/** Reads logs, which another process may be writing. However much there is, little of it is in memory. */
export async function* readLogs({ dir, apps, lines, dyno, follow }: ReadLogs): AsyncGenerator<LogEntry> {
  const folders = [...new Set(apps)].map((app) => folderOf(dir, app));
  const wanted = (entry: LogEntry): boolean =>
    dyno === undefined || entry.dyno === dyno || entry.dyno.startsWith(`${dyno}.`);
  const changes = follow && new Changes([dir, ...folders], follow);
  try {
    const starts = await startsOf(folders, lines, wanted);
    const logs = starts.map(({ folder, position }) => new Forward(folder, position));
    for (;;) {
      yield* inOrder(logs, wanted);
      if (changes === undefined || follow?.aborted === true) return;
      await changes.next();
    }
  } finally {
    changes?.close();
  }
}

/** After so many entries of busy apps, quiet ones are looked at again. */
const TURN = 256;

/** What there is now of several logs, by time. */
async function* inOrder(
  logs: readonly Forward[],
  wanted: (entry: LogEntry) => boolean,
): AsyncGenerator<LogEntry> {
  const heads = new Map<Forward, LogEntry>();
  const advance = async (log: Forward): Promise<void> => {
    let entry = await log.next();
    while (entry !== undefined && !wanted(entry)) entry = await log.next();
    if (entry === undefined) heads.delete(log);
    else heads.set(log, entry);
  };
  for (let count = 0; ; count += 1) {
    if (count % TURN === 0) for (const log of logs) if (!heads.has(log)) await advance(log);
    const first = earliest(heads);
    if (first === undefined) return;
    yield first.entry;
    await advance(first.log);
  }
}

function earliest(heads: ReadonlyMap<Forward, LogEntry>): { log: Forward; entry: LogEntry } | undefined {
  let first: { log: Forward; entry: LogEntry } | undefined;
  for (const [log, entry] of heads)
    if (first === undefined || entry.at < first.entry.at) first = { log, entry };
  return first;
}

/** Where to begin in each log, so that together they have the last so many entries. */
async function startsOf(
  folders: readonly string[],
  lines: number,
  wanted: (entry: LogEntry) => boolean,
): Promise<{ folder: string; position: Position }[]> {
  const logs = await Promise.all(
    folders.map(async (folder) => {
      // The end comes first: what is written from here on is read later.
      const position = await endOf(folder);
      const entries = backward(folder);
      return { folder, position, entries, head: await latest(entries, wanted) };
    }),
  );
  for (let found = 0; found < lines; found += 1) {
    let last: (typeof logs)[number] | undefined;
    for (const log of logs) {
      if (log.head !== undefined && (last?.head === undefined || log.head.entry.at >= last.head.entry.at))
        last = log;
    }
    if (last?.head === undefined) break;
    last.position = last.head.position;
    last.head = await latest(last.entries, wanted);
  }
  await Promise.all(logs.map(({ entries }) => entries.return(undefined)));
  return logs;
}

/** Where the last whole entry of a log ends. */
async function endOf(folder: string): Promise<Position> {
  const segment = (await segmentsOf(folder)).at(-1);
  const handle = segment === undefined ? undefined : await openIfThere(segmentFile(folder, segment));
  if (segment === undefined || handle === undefined) return { segment: 0, offset: 0 };
  try {
    const from = Math.max(0, (await handle.stat()).size - ENTRY_MAX);
    const end = (await readAt(handle, from, ENTRY_MAX)).lastIndexOf(10) + 1;
    return { segment, offset: from + end };
  } finally {
    await handle.close();
  }
}

type Backward = ReturnType<typeof backward>;

async function latest(entries: Backward, wanted: (entry: LogEntry) => boolean): Promise<Found | undefined> {
  for (;;) {
    const result = await entries.next();
    if (result.done === true) return undefined;
    if (wanted(result.value.entry)) return result.value;
  }
}
