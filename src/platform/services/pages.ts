import type { Page } from '../../contract/apps-api.js';
import { AppsApiError } from '../../contract/errors.js';

/**
 * A part of a list, or all of it without a limit. One row more than asked for is read, to know whether there is a
 * next page; so a page costs the same wherever it is.
 */
export function page<Row, Item>(
  limit: number | undefined,
  read: (atMost: number) => Row[],
  show: (row: Row) => Item,
  cursor: (row: Row) => string,
): Page<Item> {
  if (limit === undefined) return { items: read(-1).map(show) };
  const rows = read(limit + 1);
  const items = rows.slice(0, limit).map(show);
  const last = rows[limit - 1];
  return rows.length > limit && last !== undefined ? { items, next: cursor(last) } : { items };
}

/** Where a page ended, in a form that is only to be handed back. */
export function cursorAfter(...keys: string[]): string {
  return Buffer.from(JSON.stringify(keys)).toString('base64url');
}

/** The keys of a cursor; none without one. */
export function readCursor(cursor: string | undefined, length: number): string[] {
  if (cursor === undefined) return [];
  try {
    const keys: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(keys) && keys.length === length && keys.every((key) => typeof key === 'string'))
      return keys;
  } catch {
    // Said below, with every other form that a cursor doesn't have.
  }
  throw new AppsApiError({
    id: 'invalid_cursor',
    status: 422,
    message: 'The cursor is not one of this list.',
    hint: 'Start again without one, and hand back the Next-Cursor of an answer as it is.',
  });
}
