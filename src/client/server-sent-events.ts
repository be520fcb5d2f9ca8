import { linesIn, parsed } from './lines.js';

/**
 * The events of a stream (HTML Standard, 9.2.6), each with its name as `event` and the members of its data; comments
 * are left out. What has no data of that form is undefined. Throws a TransportError for a line that is too long.
 */
export async function* eventsIn(bytes: AsyncIterable<Uint8Array>): AsyncGenerator {
  let event = '';
  let data: string[] = [];
  for await (const line of linesIn(bytes)) {
    if (line === '') {
      if (data.length > 0) yield withName(event, parsed(data.join('\n')));
      event = '';
      data = [];
      continue;
    }
    const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === 'event') event = value;
    if (field === 'data') data.push(value);
  }
}

function withName(event: string, document: unknown): unknown {
  return typeof document === 'object' && document !== null ? { ...document, event } : undefined;
}
