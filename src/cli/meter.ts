import { byteSize } from '../model/byte-size.js';
import { printable } from '../model/rule.js';

/** How often it is shown, in milliseconds. */
const PACE = 100;
const CLEAR = '\r\u001b[K';

/** Passes bytes on, and shows at a terminal how many have been: a line of standard error that is gone at the end. */
export async function* metered(
  content: AsyncIterable<Uint8Array>,
  what: string,
  total?: number,
): AsyncGenerator<Uint8Array> {
  const shown = process.stderr.isTTY === true && process.env.TERM !== 'dumb';
  let [bytes, next] = [0, 0];
  try {
    for await (const chunk of content) {
      bytes += chunk.length;
      yield chunk;
      if (!shown || performance.now() < next) continue;
      next = performance.now() + PACE;
      const of = total === undefined ? '' : ` of ${byteSize(total)}`;
      process.stderr.write(`${CLEAR}${printable(what)} ${byteSize(bytes)}${of}`);
    }
  } finally {
    if (shown && next > 0) process.stderr.write(CLEAR);
  }
}
