import { randomUUID } from 'node:crypto';
import { RELEASE, WEB } from '../../model/formation.js';
import { sizeIn } from '../../model/sizes.js';
import type { AppRecord } from '../store/apps.js';
import type { FormationRecord } from '../store/formations.js';
import type { SpaceRecord } from '../store/spaces.js';
import type { Store } from '../store/store.js';
import { spaceFor } from './spaces.js';

/**
 * Gives an app the process types of a slug that it doesn't have yet: one dyno of `web`, or of the only type there is;
 * the others are there to be scaled. Returns the new ones. Called within a change.
 */
export function adoptProcessTypes(
  store: Store,
  app: AppRecord,
  processTypes: readonly string[],
  at: string,
): FormationRecord[] {
  const space = spaceFor(store, app.space);
  const known = new Set(store.formations.of(app.id).map(({ type }) => type));
  const types = processTypes.filter((type) => type !== RELEASE);
  const fresh = types.filter((type) => !known.has(type));
  return fresh.map((type) => {
    const starts = type === WEB || (types.length === 1 && known.size === 0);
    const formation = { ...formationOf(app, space, type, at), quantity: starts ? 1 : 0 };
    store.formations.insert(formation);
    return formation;
  });
}

/** A process type with one dyno and no settings of its own. */
export function formationOf(
  app: AppRecord,
  { compliance }: SpaceRecord,
  type: string,
  at: string,
): FormationRecord {
  return {
    id: randomUUID(),
    app: app.id,
    type,
    command: null,
    quantity: 1,
    size: sizeIn(compliance).name,
    port: null,
    healthcheck: null,
    grace: null,
    createdAt: at,
    updatedAt: at,
  };
}
