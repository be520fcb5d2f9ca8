import { StringDecoder } from 'node:string_decoder';
import { byteSize } from '../../model/byte-size.js';
import { Masker, maskText } from '../logs/masker.js';
import type { SecretSet } from '../logs/secret-set.js';

/** Takes a line of a log, without its end. While a promise of it is pending, the build waits. */
export type LineSink = (line: string) => void | Promise<void>;

const LINE_MAX = 4096;
/** Kept for the end of a log that was too long, since that says why a build failed. */
const LAST_LINES = 50;

/**
 * What a build says, as lines: the programs' output as it comes, decoded as UTF-8, long lines cut, and bounded as a
 * whole - of what is too much, the last lines are told. Lines of two streams are never mixed up. Secrets are masked
 * before anything is cut.
 */
export class BuildLog {
  private bytes = 0;
  private leftOut = 0;
  private readonly last: string[] = [];

  constructor(
    private readonly sink: LineSink,
    private readonly limitBytes: number,
    private readonly secrets: SecretSet,
  ) {}

  /** Resolves when the stream has ended, however. */
  async follow(stream: AsyncIterable<Uint8Array>): Promise<void> {
    const masker = new Masker(this.secrets);
    const decoder = new StringDecoder('utf8');
    let unread = '';
    const take = async (bytes: Buffer): Promise<void> => {
      const lines = (unread + decoder.write(bytes)).split('\n');
      unread = lines.pop() ?? '';
      for (const line of lines) await this.tell(line);
      // The rest of a line without end is nobody's loss.
      if (unread.length > 2 * LINE_MAX) unread = unread.slice(0, 2 * LINE_MAX);
    };
    try {
      for await (const chunk of stream) await take(masker.take(chunk));
    } catch {
      // The pipe broke with the program.
    }
    await take(masker.end());
    unread += decoder.end();
    if (unread !== '') await this.tell(unread);
  }

  /** Tells a line of the platform's own. */
  async line(text: string): Promise<void> {
    await this.tell(maskText(this.secrets, text));
  }

  private async tell(text: string): Promise<void> {
    const line = lastState(text);
    const bytes = Buffer.byteLength(line) + 1;
    if (this.leftOut === 0 && this.bytes + bytes <= this.limitBytes) {
      this.bytes += bytes;
      await this.sink(line);
      return;
    }
    this.leftOut++;
    this.last.push(line);
    if (this.last.length > LAST_LINES) this.last.shift();
  }

  /** Tells the last lines of a log that was too long. */
  async end(): Promise<void> {
    const more = this.leftOut - this.last.length;
    if (more > 0)
      await this.sink(`(${more} lines left out: the log has more than ${byteSize(this.limitBytes)})`);
    for (const line of this.last.splice(0)) await this.sink(line);
  }
}

/** What a terminal would show of a line in the end, since a carriage return begins it anew. */
function lastState(text: string): string {
  const line = text.replace(/\r+$/, '');
  const state = line.slice(line.lastIndexOf('\r') + 1);
  return state.length > LINE_MAX ? `${state.slice(0, LINE_MAX)}...` : state;
}
