import { AppsApiError, conflict, ruleBroken } from '../../contract/errors.js';
import type { Space } from '../../contract/wire.js';
import { RuleError, shown } from '../../model/rule.js';

/** Whether something is said not to be there, rather than not to be asked for at all. */
export function isMissing(error: unknown): error is AppsApiError {
  return error instanceof AppsApiError && error.status === 404;
}

/** The error for a name that several spaces have. */
export function severalOf(name: string, same: readonly Space[], at: string): AppsApiError {
  const ids = same.map(({ id }) => id);
  return conflict(
    SEVERAL,
    `${same.length} spaces are named ${shown(name)} on ${at}, which then finds none of them by name.`,
    `Ask an administrator there to remove all but one. Each is found by its id: ${ids.map((id) => shown(id)).join(', ')}`,
    { ids },
  );
}

/** The id of that error. */
export const SEVERAL = 'several_of_one_name';

/** What a rule of the model makes of something; its error is as the API answers it. */
export function ruled<T>(rule: () => T): T {
  try {
    return rule();
  } catch (error) {
    throw error instanceof RuleError ? ruleBroken(error) : error;
  }
}
