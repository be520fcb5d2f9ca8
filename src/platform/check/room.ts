import type { SpacePromise } from '../../contract/wire.js';
import { byteSize } from '../../model/byte-size.js';
import { dynoName } from '../../model/formation.js';
import type { SpaceRecord } from '../store/spaces.js';
import type { Ground } from './ground.js';
import { broken, kept, named } from './verdict.js';

/** That no dyno of a prod space lacks room, and who has it. */
export function tryRoom({ session, room }: Ground, space: SpaceRecord): SpacePromise {
  const { store } = session;
  const lacking = store.db.snapshot(() =>
    store.apps.inSpace(space.name).flatMap((app) =>
      store.places
        .of(app.id)
        .filter(({ lack }) => lack !== null)
        .map(({ type, number, reason }) => `${dynoName(type, number)} of ${app.name}: ${reason ?? ''}`),
    ),
  );
  const { byProd, byOthers } = room.taken;
  const shares = `of ${byteSize(room.capacity.memory)} prod has ${byteSize(byProd.memory)}, others ${byteSize(byOthers.memory)}`;
  return lacking.length === 0
    ? kept('prod_first', `none of its dynos lacks room; ${shares}`)
    : broken('prod_first', `${named(lacking)}; ${shares}`, 'aka platform:status');
}
