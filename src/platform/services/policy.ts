import { AppsApiError } from '../../contract/errors.js';
import type { Compliance } from '../../model/compliance.js';
import { shown } from '../../model/rule.js';
import type { Caller } from '../caller.js';

/** Compliances under which only administrators delete. */
const GUARDED: readonly Compliance[] = ['socs', 'prod'];

/** Whether somebody may see a space and what is in it, and use it as their role allows. */
export function mayUse({ spaces }: Caller, space: string): boolean {
  return spaces === undefined || spaces.includes(space);
}

/** Refuses what is not in one of the caller's spaces, whether or not it is there. */
export function checkMayUse(caller: Caller, space: string): void {
  if (mayUse(caller, space)) return;
  throw new AppsApiError({
    id: 'not_your_space',
    status: 403,
    message: `${caller.name} may not use space ${shown(space)}.`,
    hint: 'Ask an administrator of this platform for a token that may.',
  });
}

/** Refuses to let anybody but an administrator do something to the platform; "Only administrators ...". */
export function checkMayConfigure(caller: Caller, what: string): void {
  if (caller.role === 'admin') return;
  throw new AppsApiError({
    id: 'administrators_only',
    status: 403,
    message: `Only administrators ${what}.`,
    hint: 'Ask an administrator of this platform.',
  });
}

/** Refuses to let anybody but an administrator delete something in a socs or prod space. */
export function checkMayDelete(caller: Caller, what: string, compliance: readonly Compliance[]): void {
  const guard = GUARDED.filter((each) => compliance.includes(each));
  if (caller.role === 'admin' || guard.length === 0) return;
  throw new AppsApiError({
    id: 'administrators_only',
    status: 403,
    message: `${what} is in a ${guard.join(' and ')} space, where only administrators delete.`,
    hint: 'Ask an administrator of this platform.',
  });
}

/** Refuses to let anybody but an administrator take away what stands before an app of a socs or prod space. */
export function checkMayLoosen(
  caller: Caller,
  what: string,
  { name, space }: { readonly name: string; readonly space: string },
  compliance: readonly Compliance[],
): void {
  const guard = GUARDED.filter((each) => compliance.includes(each));
  if (caller.role === 'admin' || guard.length === 0) return;
  throw new AppsApiError({
    id: 'administrators_only',
    status: 403,
    message: `Only administrators ${what}: ${name}-${space} is in a ${guard.join(' and ')} space.`,
    hint: 'Ask an administrator of this platform.',
  });
}
