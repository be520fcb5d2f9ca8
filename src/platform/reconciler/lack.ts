import { byteSize } from '../../model/byte-size.js';
import { type Capacity, capacityText, coresText, fits } from '../../model/capacity.js';
import type { Size } from '../../model/sizes.js';
import type { Loss } from './room.js';

/*
 * Why a dyno isn't there, for the people of its app: who else is on the machine is none of their business.
 */

/** Why it isn't there yet. */
export const MAKING_ROOM = 'room is being made for it: others give way';

const BACK = 'it comes back by itself when there is room';

/** Why it had to go, though it had room; `room` is what the plan leaves for it. */
export function lossText({ to }: Loss, size: Size, room: Capacity): string {
  if (to === undefined) return `${noRoomText(size, room)} any more; ${BACK}`;
  const whom = to.isProd ? 'a dyno of a prod space, which comes first' : 'a dyno that came first';
  return `gave way to ${whom}: ${noRoomText(size, room)}; ${BACK}`;
}

/** Why it can't be started now: which of memory and cores `room` has too little of. */
export function noRoomText(size: Size, room: Capacity): string {
  const { name, memory, cpu } = size;
  const hasMemory = fits({ memory, cpu: 0 }, room);
  const hasCores = fits({ memory: 0, cpu }, room);
  const short = hasCores ? byteSize(memory) : hasMemory ? coresText(cpu) : capacityText(size);
  return `there is no room for its ${short} (${name})`;
}

/** Why it can never be started here. */
export function tooBigText(size: Size, capacity: Capacity): string {
  return `${size.name} takes ${capacityText(size)}, and the platform has ${capacityText(capacity)} in all`;
}
