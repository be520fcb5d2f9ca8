import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type LogStream, PLATFORM_LOG } from '../../contract/logs.js';
import { AppLog } from './app-log.js';
import { type LogSource, textOf } from './entry.js';
import { LOG_LIMITS, type LogLimits } from './limits.js';
import { MaskedLines } from './masked-lines.js';
import { NO_SECRETS, type SecretSet } from './secret-set.js';
import { folderOf, logsUsage, namesIn, segmentFile, sizesOf } from './segments.js';

const LINE_FEED = 10;

/** How long a line may wait for others to be written with, in milliseconds. */
const GATHERING = 20;

/** How long a line may wait for the rest of what could be a secret of several lines, in milliseconds. */
const HELD_BACK = 500;

export interface LogsOptions {
  /** The folder of all logs; see `logsFolder`. */
  readonly dir: string;
  readonly limits?: Partial<LogLimits>;
  /** What must not be kept of what an app says, as it is now. Where it throws, nothing is kept at all. */
  readonly secretsOf?: (app: string) => SecretSet;
  /** Only for tests that need another time. */
  readonly now?: () => Date;
}

/** What one dyno says by one of its streams. */
interface Stream {
  readonly source: LogSource;
  readonly lines: MaskedLines;
  /** Until when lines are held back. */
  held: NodeJS.Timeout | undefined;
}

/** What dynos, builds, the router and the platform say, kept on disk. One process writes; any number may read. */
export class Logs {
  readonly #dir: string;
  #limits: LogLimits;
  readonly #secretsOf: (app: string) => SecretSet;
  readonly #now: () => Date;
  readonly #apps = new Map<string, AppLog>();
  /** By app, dyno and program, and then by stream. */
  readonly #streams = new Map<string, Map<string, Stream>>();
  #timer: NodeJS.Timeout | undefined;

  constructor({ dir, limits, secretsOf = () => NO_SECRETS, now = () => new Date() }: LogsOptions) {
    this.#dir = dir;
    this.#limits = { ...LOG_LIMITS, ...limits };
    this.#secretsOf = secretsOf;
    this.#now = now;
  }

  /**
   * Takes what came from a stream, cut anywhere. The promise is settled at once unless the disk is behind: whoever
   * awaits it before reading on loses nothing. What can't be written is lost, and counted in the log, and so is that of
   * which the secrets can't be told; it rejects only where the id of the app could be a path.
   */
  async write(source: LogSource, said: Uint8Array | string): Promise<void> {
    const bytes = typeof said === 'string' ? Buffer.from(said) : said;
    const log = this.#take(source, bytes);
    if (log.isBehind) await log.flush();
  }

  /** A dyno is over: what it said last is a line, also without an end. */
  end(source: Omit<LogSource, 'stream'>): void {
    const key = keyOf(source);
    for (const stream of this.#streams.get(key)?.values() ?? []) this.#end(stream);
    this.#streams.delete(key);
  }

  /** Settles when all that was taken is written, but lines without an end. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await Promise.all([...this.#apps.values()].map((log) => log.flush()));
  }

  /** Writes what it can before it returns, for a process that is about to end. */
  flushNow(): void {
    for (const log of this.#apps.values()) log.flushNow();
  }

  /** Ends every stream and writes what is left. */
  async close(): Promise<void> {
    for (const streams of this.#streams.values()) for (const stream of streams.values()) this.#end(stream);
    this.#streams.clear();
    await this.flush();
  }

  /** What all logs take, in bytes. */
  usage(): Promise<number> {
    return logsUsage(this.#dir);
  }

  /** Keeps all logs together within so many bytes from now on. */
  async keepWithin(bytes: number): Promise<void> {
    this.#limits = { ...this.#limits, total: bytes };
    await this.#removeLargest();
  }

  /** Removes the logs of apps that are gone; `here` answers the ids of those that are there. */
  async prune(here: () => Promise<ReadonlySet<string>>): Promise<void> {
    // In this order: an app that is created meanwhile has no folder among these.
    const names = await namesIn(this.#dir);
    const apps = await here();
    for (const name of names) {
      if (name === PLATFORM_LOG || apps.has(name)) continue;
      this.#apps.delete(name);
      await rm(join(this.#dir, name), { recursive: true, force: true });
    }
  }

  #take(source: LogSource, bytes: Uint8Array): AppLog {
    const stream = this.#stream(source);
    let secrets: SecretSet;
    try {
      secrets = source.app === PLATFORM_LOG ? NO_SECRETS : this.#secretsOf(source.app);
    } catch {
      const log = this.#app(source.app);
      log.lose(Math.max(1, countOf(bytes, LINE_FEED)), 'what is secret in them could not be told');
      this.#flushSoon();
      return log;
    }
    const log = this.#add(source, stream.lines.take(bytes, secrets));
    if (!stream.lines.holdsLine) {
      clearTimeout(stream.held);
      stream.held = undefined;
    } else {
      stream.held ??= setTimeout(() => {
        stream.held = undefined;
        this.#add(source, stream.lines.release());
      }, HELD_BACK);
    }
    return log;
  }

  #end({ source, lines, held }: Stream): void {
    clearTimeout(held);
    this.#add(source, lines.end());
  }

  #add({ app, dyno, stream }: LogSource, lines: readonly string[]): AppLog {
    const log = this.#app(app);
    if (lines.length === 0) return log;
    const at = this.#now().toISOString();
    for (const line of lines) log.add(textOf({ at, app, dyno, stream, line }));
    this.#flushSoon();
    return log;
  }

  #flushSoon(): void {
    this.#timer ??= setTimeout(() => void this.flush(), GATHERING);
  }

  #app(app: string): AppLog {
    let log = this.#apps.get(app);
    if (log === undefined) {
      log = new AppLog({
        folder: folderOf(this.#dir, app),
        limits: this.#limits,
        lost: (count, why) => this.#lost(app, count, why),
        grown: () => this.#removeLargest(),
      });
      this.#apps.set(app, log);
    }
    return log;
  }

  #stream(source: LogSource): Stream {
    const key = keyOf(source);
    const streams = this.#streams.get(key) ?? new Map<LogStream, never>();
    this.#streams.set(key, streams);
    const there = streams.get(source.stream);
    if (there !== undefined) return there;
    const made = { source, lines: new MaskedLines(this.#limits.line), held: undefined };
    streams.set(source.stream, made);
    return made;
  }

  #lost(app: string, count: number, why: string): string {
    const line = `${count} ${count === 1 ? 'line' : 'lines'} lost: ${why}`;
    return textOf({ at: this.#now().toISOString(), app, dyno: PLATFORM_LOG, stream: 'system', line });
  }

  /** Keeps all logs together within their limit. */
  async #removeLargest(): Promise<void> {
    const folders = (await namesIn(this.#dir)).map((name) => join(this.#dir, name));
    const logs = await Promise.all(
      folders.map(async (folder) => {
        const segments = await sizesOf(folder);
        return { folder, segments, bytes: segments.reduce((sum, { bytes }) => sum + bytes, 0) };
      }),
    );
    let sum = logs.reduce((all, { bytes }) => all + bytes, 0);
    while (sum > this.#limits.total) {
      // Of each the last is left: it may be written to.
      const largest = logs.filter(({ segments }) => segments.length > 1).sort((a, b) => b.bytes - a.bytes)[0];
      const oldest = largest?.segments.shift();
      if (largest === undefined || oldest === undefined) return;
      await rm(segmentFile(largest.folder, oldest.number), { force: true });
      largest.bytes -= oldest.bytes;
      sum -= oldest.bytes;
    }
  }
}

/** Opens the logs in a folder for writing, making it if it isn't there. */
export function openLogs(options: LogsOptions): Logs {
  mkdirSync(options.dir, { recursive: true, mode: 0o700 });
  return new Logs(options);
}

function countOf(bytes: Uint8Array, wanted: number): number {
  let count = 0;
  for (const byte of bytes) if (byte === wanted) count += 1;
  return count;
}

function keyOf({ app, dyno, program = '' }: Omit<LogSource, 'stream'>): string {
  return `${app} ${dyno} ${program}`;
}
