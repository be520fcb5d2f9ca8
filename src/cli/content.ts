import { createReadStream } from 'node:fs';
import { usage } from './failure.js';

/**
 * What is in a file, or comes on standard input for `-`. Throws a CommandError if that is more than `most` characters: it
 * may have no end.
 */
export async function contentOf(file: string, most: number): Promise<string> {
  const stream = file === '-' ? process.stdin : createReadStream(file);
  let content = '';
  for await (const text of stream.setEncoding('utf8') as AsyncIterable<string>) {
    content += text;
    if (content.length <= most) continue;
    throw usage(`${file === '-' ? 'Standard input' : 'The file'} holds more than ${most} characters.`);
  }
  return content;
}
