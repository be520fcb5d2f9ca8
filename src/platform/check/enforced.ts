import type { EngineFacts, Promised } from '../engine/engine.js';

/** Why something is not enforced here; undefined for what is. */
export function enforcement({ enforced }: EngineFacts): Readonly<Partial<Record<Promised, string>>> {
  const lacking = enforced.filter(({ holds }) => !holds).map(({ promise, how }) => [promise, how] as const);
  return Object.fromEntries(lacking);
}
