import { once } from 'node:events';

/** Whether a result comes bit by bit. */
export function isStream(result: unknown): result is AsyncIterable<unknown> {
  return typeof result === 'object' && result !== null && Symbol.asyncIterator in result;
}

/** Settles when what was written has been taken, as far as whoever writes on has to wait for that. */
export async function taken(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.writableNeedDrain) await once(stream, 'drain');
}
