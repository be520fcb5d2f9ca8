import { AppsApiError } from '../../contract/errors.js';
import { codeVarReason } from '../../model/code-vars.js';
import { appKey } from '../../model/names.js';
import type { AppRecord } from '../store/apps.js';
import type { Session } from './session.js';
import { spaceFor } from './spaces.js';

/**
 * Throws an AppsApiError (403) if somebody who isn't an administrator changes a var of an app in a socs space by which
 * a runtime loads code: that code would run without the checks of the app.
 */
export function checkMayLoadCode({ store, caller }: Session, app: AppRecord, names: readonly string[]): void {
  if (caller.role === 'admin' || !spaceFor(store, app.space).compliance.includes('socs')) return;
  for (const name of names) {
    const reason = codeVarReason(name);
    if (reason === undefined) continue;
    throw new AppsApiError({
      id: 'administrators_only',
      status: 403,
      message: `Only administrators change ${name} of ${appKey(app.name, app.space)}, in a socs space: ${reason}.`,
      hint: 'Put it into the code, which passes the checks: aka deploy. Or ask an administrator of this platform.',
    });
  }
}
