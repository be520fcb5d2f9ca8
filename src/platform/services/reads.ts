import { AppsApiError } from '../../contract/errors.js';
import { splitAppKey } from '../../model/names.js';
import { change } from './change.js';
import type { Session } from './session.js';

/**
 * Reads something, and records that somebody was not let (403): who may see what is a promise of spaces as much as who
 * may change it. `name` is that of the operation. What is not there is no refusal.
 */
export async function reading<R>(
  session: Session,
  name: string,
  input: unknown,
  read: () => Promise<R>,
): Promise<R> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof AppsApiError) || error.status !== 403) throw error;
    const told = { operation: name };
    return change(session, { action: 'platform.read', input, about: subjectOf(input), told }, () => {
      throw error;
    });
  }
}

function subjectOf(input: unknown): { space?: string; app?: string } {
  const { space, app } = input as { readonly space?: string; readonly app?: string };
  if (app !== undefined) return splitAppKey(app) ?? { app };
  return space === undefined ? {} : { space: space.toLowerCase() };
}
