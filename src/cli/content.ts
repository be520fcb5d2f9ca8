import { createReadStream } from 'node:fs';
import { usage } from './failure.js';

/**
 * Returns the text of a file, or of standard input for `-`. Throws a CommandError if it is not UTF-8, since it would be
 * stored with other characters in it, or has more than `most` characters, since it may have no end.
 */
export async function contentOf(file: string, most: number): Promise<string> {
  const stream = file === '-' ? process.stdin : createReadStream(file);
  const name = file === '-' ? 'Standard input' : 'The file';
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const decoded = (bytes?: Buffer): string => {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
    } catch {
      throw usage(
        `${name} is not UTF-8 text. Nothing was done.`,
        'Convert it, or encode it, for example with base64.',
      );
    }
  };
  let content = '';
  for await (const bytes of stream as AsyncIterable<Buffer>) {
    content += decoded(bytes);
    if (content.length > most) throw usage(`${name} holds more than ${most} characters.`);
  }
  return content + decoded();
}
