import { expect } from '@jest/globals';
import type { Page } from '../../../src/contract/apps-api.js';
import { AppsApiError, type ErrorFacts } from '../../../src/contract/errors.js';

export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The id of nothing. */
export const NOWHERE = '00000000-0000-4000-8000-000000000000';

/** The error that a call must end with. */
export async function refused(call: Promise<unknown>): Promise<ErrorFacts> {
  const error: unknown = await call.then(
    (result) => new Error(`It should have been refused, but answered ${JSON.stringify(result)}`),
    (reason: unknown) => reason,
  );
  if (!(error instanceof AppsApiError)) throw error;
  const { id, status, message, hint, details } = error;
  expect(message).toMatch(/\S/);
  return { id, status, message, hint, details };
}

/** What the error has in it when there is no such thing. */
export function missing(noun: string, name: string): object {
  return { id: 'not_found', status: 404, details: expect.objectContaining({ noun, name }) as unknown };
}

/** All pages of a list, first to last. */
export async function pagesOf<Item>(
  read: (cursor: string | undefined) => Promise<Page<Item>>,
): Promise<Item[][]> {
  const pages: Item[][] = [];
  let cursor: string | undefined;
  do {
    const { items, next } = await read(cursor);
    pages.push(items);
    cursor = next;
  } while (cursor !== undefined);
  return pages;
}
