import type { SpacePromise } from '../../contract/wire.js';

/** What a space promises, in the order in which it is shown. */
export const PROMISES = [
  'discovery',
  'domains_inside',
  'domains_outside',
  'listeners',
  'broadcast',
  'isolation',
  'machine',
  'files',
  'prod_first',
  'compliance',
  'credentials',
  'checks',
  'audit',
  'redaction',
  'availability',
  'digests',
] as const;
export type PromiseName = (typeof PROMISES)[number];

/** What was seen of a promise. Texts are for people, without a full stop. */
export function kept(promise: PromiseName, evidence: string): SpacePromise {
  return { promise, state: 'ok', evidence };
}

/** It is not kept; `hint` says what to type next. */
export function broken(promise: PromiseName, evidence: string, hint: string): SpacePromise {
  return { promise, state: 'failed', evidence, hint };
}

/** This machine can't keep it. */
export function notEnforced(promise: string, evidence: string): SpacePromise {
  return { promise, state: 'not_enforced', evidence, hint: 'aka platform:doctor' };
}

/** There is nothing that it could be tried with. */
export function nothing(promise: PromiseName, evidence: string): SpacePromise {
  return { promise, state: 'nothing', evidence };
}

/** So many are told by name. */
const NAMED = 5;

/** Some things by name, and how many more there are. */
export function named(all: readonly string[]): string {
  const more = all.length - NAMED;
  return `${all.slice(0, NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
