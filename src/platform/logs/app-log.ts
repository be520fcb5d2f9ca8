import { appendFileSync } from 'node:fs';
import { appendFile, mkdir, open, rm, truncate } from 'node:fs/promises';
import { errorCode } from '../../model/error-code.js';
import type { LogLimits } from './limits.js';
import { segmentFile, segmentsOf, sizesOf } from './segments.js';

/** The most that is written at once, in bytes. */
const BATCH = 256 * 1024;

/** The file that is written, and how much is in it. */
interface Segment {
  readonly number: number;
  bytes: number;
  /** Its last line may be without its end: the writer was killed, or the disk was full. */
  torn: boolean;
}

/** Some entries, to be written at once. */
interface Batch {
  readonly text: string;
  readonly bytes: number;
  readonly count: number;
}

interface AppLogOptions {
  readonly folder: string;
  readonly limits: LogLimits;
  /** The entry that says that lines are lost. */
  readonly lost: (count: number, why: string) => string;
  /** Called when a new file was begun. */
  readonly grown: () => Promise<void>;
}

/** The log of one app: takes entries at once, and writes them in their order. Nothing it meets on the disk is thrown. */
export class AppLog {
  readonly #options: AppLogOptions;
  #queue: string[] = [];
  /** What is in the queue or just being written, in bytes. */
  #waiting = 0;
  #segment: Segment | undefined;
  #writing: Promise<void> | undefined;
  #lost = { count: 0, why: '' };

  constructor(options: AppLogOptions) {
    this.#options = options;
  }

  /** Whether whoever writes should wait for {@link flush} first. */
  get isBehind(): boolean {
    return this.#waiting > this.#options.limits.queue / 2;
  }

  /** Takes the text of an entry; one that there is no room for is lost. */
  add(entry: string): void {
    const bytes = Buffer.byteLength(entry);
    if (this.#waiting + bytes > this.#options.limits.queue)
      return this.lose(1, 'written faster than the disk');
    this.#queue.push(entry);
    this.#waiting += bytes;
  }

  /** So many lines are lost; the log will say so. */
  lose(count: number, why: string): void {
    this.#lost = { count: this.#lost.count + count, why };
  }

  /** Writes what waits. */
  flush(): Promise<void> {
    if (this.#queue.length > 0 || this.#lost.count > 0) this.#writing ??= this.#writeAll();
    return this.#writing ?? Promise.resolve();
  }

  /** Writes what waits before it returns, for a process that is about to end. */
  flushNow(): void {
    if (this.#segment === undefined || this.#queue.length === 0) return;
    const text = this.#queue.join('');
    this.#queue = [];
    try {
      appendFileSync(segmentFile(this.#options.folder, this.#segment.number), text);
    } catch {
      // There is nobody left to tell.
    }
  }

  async #writeAll(): Promise<void> {
    try {
      while (this.#queue.length > 0 || this.#lost.count > 0) {
        // Without a line to lose it would try for ever; the next one tries again.
        if (!(await this.#write(this.#nextBatch())) && this.#queue.length === 0) return;
      }
    } finally {
      // In the same turn as the last look at the queue: what comes later is not left lying.
      this.#writing = undefined;
    }
  }

  /** Writes a batch, with a word on what was lost before. False if it is lost, too. */
  async #write(batch: Batch): Promise<boolean> {
    const { count, why } = this.#lost;
    try {
      await this.#append((count === 0 ? '' : this.#options.lost(count, why)) + batch.text);
      this.#lost.count -= count;
      return true;
    } catch (error) {
      this.lose(batch.count, errorCode(error) ?? 'the disk failed');
      return false;
    } finally {
      this.#waiting -= batch.bytes;
    }
  }

  #nextBatch(): Batch {
    let [bytes, count] = [0, 0];
    for (const entry of this.#queue) {
      if (count > 0 && bytes + Buffer.byteLength(entry) > BATCH) break;
      bytes += Buffer.byteLength(entry);
      count += 1;
    }
    return { text: this.#queue.splice(0, count).join(''), bytes, count };
  }

  async #append(text: string): Promise<void> {
    try {
      await this.#appendTo(await this.#current(), text);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
      // Somebody removed the folder: it is made again.
      this.#segment = undefined;
      await this.#appendTo(await this.#current(), text);
    }
  }

  async #appendTo(segment: Segment, text: string): Promise<void> {
    const whole = segment.torn ? `\n${text}` : text;
    const file = segmentFile(this.#options.folder, segment.number);
    try {
      await appendFile(file, whole, { mode: 0o600 });
    } catch (error) {
      // What of it got there is taken back: it is counted as lost.
      segment.torn ||= await truncate(file, segment.bytes).then(
        () => false,
        () => true,
      );
      throw error;
    }
    segment.torn = false;
    segment.bytes += Buffer.byteLength(whole);
  }

  /** The file to write to: the last one, or a new one if that is full. */
  async #current(): Promise<Segment> {
    const { folder, limits } = this.#options;
    this.#segment ??= await this.#found();
    if (this.#segment.bytes < limits.segment) return this.#segment;
    const next: Segment = { number: this.#segment.number + 1, bytes: 0, torn: false };
    await (await open(segmentFile(folder, next.number), 'a', 0o600)).close();
    this.#segment = next;
    await this.#removeOldest();
    await this.#options.grown();
    return next;
  }

  /** The file where an earlier process stopped, or the first one. */
  async #found(): Promise<Segment> {
    const { folder } = this.#options;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const number = (await segmentsOf(folder)).at(-1) ?? 1;
    const file = await open(segmentFile(folder, number), 'a+', 0o600);
    try {
      const { size } = await file.stat();
      const { bytesRead, buffer } = await file.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1));
      return { number, bytes: size, torn: bytesRead > 0 && buffer[0] !== 10 };
    } finally {
      await file.close();
    }
  }

  async #removeOldest(): Promise<void> {
    const { folder, limits } = this.#options;
    const sizes = await sizesOf(folder);
    // The one that is about to be filled counts as full: so the files never take more than they may.
    let sum = sizes.reduce((all, { bytes }) => all + bytes, limits.segment);
    for (const { number, bytes } of sizes.slice(0, -1)) {
      if (sum <= limits.app) return;
      await rm(segmentFile(folder, number), { force: true });
      sum -= bytes;
    }
  }
}
