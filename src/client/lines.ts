import { TransportError } from './transport.js';

/** A longer line is none of a log, in characters. */
const LINE_MAX = 1024 * 1024;

/**
 * The JSON documents of a stream that has one a line; empty lines are left out, and so is a last one that is cut off.
 * Throws a {@link TransportError} for a line that is too long. What is no JSON is undefined.
 */
export async function* documentsIn(bytes: AsyncIterable<Uint8Array>): AsyncGenerator {
  for await (const line of linesIn(bytes)) if (line !== '') yield parsed(line);
}

/** The lines of a stream, without a last one that is cut off. Throws a {@link TransportError} for one that is too long. */
export async function* linesIn(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of bytes) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LINE_MAX)
      throw new TransportError('too_large', 'It has a line without end.', true, false);
    yield* lines;
  }
}

/** A JSON document; undefined for text that is none. */
export function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
