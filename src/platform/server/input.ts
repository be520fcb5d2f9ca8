import type { Endpoint } from '../../contract/endpoints.js';
import { AppsApiError } from '../../contract/errors.js';
import { isId } from '../../model/names.js';
import { quote } from '../../model/rule.js';

/**
 * Puts the one input of an operation together from what came in its path and the rest: the query of a GET or DELETE,
 * else the body. Throws an AppsApiError (422) for a member that is in both, and not the same.
 */
export function inputOf(
  endpoint: Endpoint,
  inPath: Readonly<Record<string, string>>,
  rest: unknown,
): unknown {
  if (endpoint.body !== undefined) return { ...inPath, [endpoint.body]: rest };
  // What is no object is refused by the schema, in the words it has for all of them.
  if (typeof rest !== 'object' || rest === null || Array.isArray(rest)) return rest;
  for (const member of Object.keys(inPath)) {
    if (!Object.hasOwn(rest, member)) continue;
    // Clients of Akkeris name an app in the body once more, some by its id; the path is what counts.
    const said = (rest as Record<string, unknown>)[member];
    const isOtherForm = typeof said === 'string' && isId(said) !== isId(inPath[member] ?? '');
    if (said !== inPath[member] && !isOtherForm) throw unexpected(member, 'is in the path already');
  }
  return { ...rest, ...inPath };
}

/** The members of a query string; one that is there several times is an array. */
export function queryOf(search: string): Record<string, string | string[]> {
  const members = new Map<string, string | string[]>();
  for (const [name, value] of new URLSearchParams(search)) {
    const before = members.get(name);
    members.set(name, before === undefined ? value : [before, value].flat());
  }
  return Object.fromEntries(members);
}

/** Throws an AppsApiError (422) if there is a query where a body belongs. */
export function refuseQuery(search: string): void {
  const [member] = new URLSearchParams(search).keys();
  if (member !== undefined) throw unexpected(member, 'is in the query, but belongs into the body');
}

function unexpected(member: string, why: string): AppsApiError {
  return new AppsApiError({ id: 'unexpected_member', status: 422, message: `${quote(member)} ${why}.` });
}
