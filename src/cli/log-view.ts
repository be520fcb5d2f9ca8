import type { LogEntry } from '../contract/logs.js';
import type { Output } from './output.js';
import { taken } from './streams.js';

/** Shows the entries of a log as they come; `who` says of each whose it is, where that is not known anyway. */
export async function showLog(
  entries: AsyncIterable<LogEntry>,
  out: Output,
  who: (entry: LogEntry) => string = () => '',
): Promise<void> {
  for await (const entry of entries) {
    out.line([entry.at, who(entry), entry.line].filter((part) => part !== '').join(' '));
    await taken(process.stdout);
  }
}
