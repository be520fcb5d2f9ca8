import type { StatusSection } from '../../contract/daemon.js';
import { dynoName } from '../../model/formation.js';
import { appKey } from '../../model/names.js';
import type { Room } from '../reconciler/room.js';
import type { Lack } from '../store/places.js';
import type { Store } from '../store/store.js';

/** So many are told by name. */
const NAMED = 100;

/** What there is for dynos, who has it, and who has not. */
export function capacitySection(
  store: Store,
  { capacity, taken }: Pick<Room, 'capacity' | 'taken'>,
): StatusSection {
  const { byProd, byOthers } = taken;
  const lacking = store.db.snapshot(() =>
    store.places.lacking().map(({ app: id, type, number, lack, reason }) => {
      const app = store.apps.byId(id);
      const key = app === undefined ? id : appKey(app.name, app.space);
      return { lack, text: `${dynoName(type, number)} of ${key}: ${reason ?? ''}` };
    }),
  );
  const those = (which: Lack): string[] => {
    const texts = lacking.filter(({ lack }) => lack === which).map(({ text }) => text);
    const more = texts.length - NAMED;
    return more > 0 ? [...texts.slice(0, NAMED), `and ${more} more`] : texts;
  };
  return {
    name: 'capacity',
    facts: {
      memory_bytes: capacity.memory,
      taken_by_prod_bytes: byProd.memory,
      taken_by_others_bytes: byOthers.memory,
      cores: capacity.cpu,
      cores_of_prod: byProd.cpu,
      cores_of_others: byOthers.cpu,
      evicted: those('evicted'),
      waiting_for_room: those('waiting'),
      too_big: those('down'),
    },
  };
}
