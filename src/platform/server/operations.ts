import type { AppsApi, CallOptions } from '../../contract/apps-api.js';
import { type Endpoint, endpoints, type Noun } from '../../contract/endpoints.js';
import { AppsApiError } from '../../contract/errors.js';
import { quote } from '../../model/rule.js';

/** An operation of the Apps API, found by its name, with what it is on the wire. */
export interface Operation {
  /** Such as `spaces.create`. */
  readonly name: string;
  readonly endpoint: Endpoint;
  /** Calls it. The platform parses the input, so anything may be handed in. */
  readonly call: (api: AppsApi, input: unknown, options: CallOptions) => Promise<unknown>;
}

/** Every operation of the contract. */
export const operations: readonly Operation[] = Object.entries(endpoints).flatMap(([noun, verbs]) =>
  Object.entries(verbs as Record<string, Endpoint>).map(([verb, endpoint]) => ({
    name: `${noun}.${verb}`,
    endpoint,
    call: async (api, input, options) => {
      // The interface has the nouns and verbs of the table; the contract's tests hold it to that.
      const service = api[noun as Noun] as unknown as Record<string, Call>;
      return (service[verb] as Call)(input, options);
    },
  })),
);

type Call = (input: unknown, options: CallOptions) => Promise<unknown>;

/** The members of its input that an endpoint has in its path. */
export function pathMembers(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, member]) => member as string);
}

/**
 * Puts the one input of an operation together from what came in its path and the rest: the query of a GET or DELETE,
 * else the body. Throws an AppsApiError (422) for a member that is in both.
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
    if (Object.hasOwn(rest, member)) throw unexpected(member, 'is in the path already');
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
