import { AppsApiError } from '../../contract/errors.js';
import { subjectOf } from './apps.js';
import { change } from './change.js';
import type { Session } from './session.js';

/**
 * Reads something, and records that somebody was not let (403): who may see what is a promise of spaces as much as who
 * may change it. `name` is that of the operation. What is not there is no refusal: that is nobody's.
 */
export async function reading<R>(
  session: Session,
  name: string,
  input: unknown,
  read: () => R | Promise<R>,
): Promise<R> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof AppsApiError) || error.status !== 403) throw error;
    const { space, app } = input as { readonly space?: string; readonly app?: string };
    const about =
      app === undefined ? { ...(space !== undefined && { space: space.toLowerCase() }) } : subjectOf(app);
    return change(session, { action: 'access.refuse', input, about, told: { look: name } }, () => {
      throw error;
    });
  }
}
