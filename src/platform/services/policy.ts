import { AppsApiError } from '../../contract/errors.js';
import type { Compliance } from '../../model/compliance.js';
import { nearest } from '../../model/nearest.js';
import { shown } from '../../model/rule.js';
import type { Caller } from '../caller.js';

/** Compliances under which only administrators delete, and take away what stands before an app. */
const GUARDED: readonly Compliance[] = ['socs', 'prod'];

/** Whether somebody may use every space: nothing need be looked up to know what they may see. */
export function mayUseAll({ spaces }: Caller): boolean {
  return spaces === undefined;
}

/** Whether somebody may see a space and what is in it, and use it as their role allows. */
export function mayUse({ spaces }: Caller, space: string): boolean {
  return spaces === undefined || spaces.includes(space);
}

/**
 * Refuses what is not in one of the caller's spaces, whether or not it is there. It is called what they called it
 * (`named`, unless that is the space's name): who gives an id is not told of which space it is.
 */
export function checkMayUse(caller: Caller, space: string, named = `space ${shown(space)}`): void {
  if (mayUse(caller, space)) return;
  const near = nearest(space, caller.spaces ?? []);
  throw new AppsApiError({
    id: 'not_your_space',
    status: 403,
    message: `${caller.name} may not use ${named}.`,
    hint:
      near === undefined
        ? 'Ask an administrator of this platform for a token that may.'
        : `Did you mean ${near}?`,
  });
}

/** Refuses to let somebody who has been given some spaces decide which there are; "Only administrators ...". */
export function checkMayDecideSpaces(caller: Caller, what: string): void {
  if (caller.spaces !== undefined) checkMayConfigure(caller, what);
}

/** Refuses to let anybody but an administrator do something to the platform; "Only administrators ...". */
export function checkMayConfigure(caller: Caller, what: string): void {
  if (caller.role !== 'admin') throw administratorsOnly(`Only administrators ${what}.`);
}

/** Refuses to let anybody but an administrator delete something in a socs or prod space. */
export function checkMayDelete(caller: Caller, what: string, compliance: readonly Compliance[]): void {
  const guarded = guardedBy(caller, compliance);
  if (guarded === undefined) return;
  throw administratorsOnly(`${what} is in a ${guarded} space, where only administrators delete.`);
}

/** Refuses to let anybody but an administrator take away what stands before an app of a socs or prod space. */
export function checkMayLoosen(
  caller: Caller,
  what: string,
  { name, space }: { readonly name: string; readonly space: string },
  compliance: readonly Compliance[],
): void {
  const guarded = guardedBy(caller, compliance);
  if (guarded === undefined) return;
  throw administratorsOnly(`Only administrators ${what}: ${name}-${space} is in a ${guarded} space.`);
}

/** The compliances that keep something from whoever isn't an administrator; undefined if none does. */
function guardedBy(caller: Caller, compliance: readonly Compliance[]): string | undefined {
  const guard = GUARDED.filter((each) => compliance.includes(each));
  return caller.role === 'admin' || guard.length === 0 ? undefined : guard.join(' and ');
}

function administratorsOnly(message: string): AppsApiError {
  return new AppsApiError({
    id: 'administrators_only',
    status: 403,
    message,
    hint: 'Ask an administrator of this platform.',
  });
}
