import { byteSize } from '../../model/byte-size.js';
import { type Capacity, capacityText } from '../../model/capacity.js';
import type { Size } from '../../model/sizes.js';
import type { Loss } from './room.js';

/*
 * Why a dyno isn't there, for the people of its app: who else is on the machine is none of their business.
 */

/** Why it isn't there yet. */
export const MAKING_ROOM = 'room is being made for it: others give way';

const BACK = 'it comes back by itself when there is room';

/** Why it had to go, though it had room. */
export function lossText({ to }: Loss, size: Size): string {
  if (to === undefined) return `${noRoomText(size)} any more; ${BACK}`;
  const whom = to.isProd ? 'a dyno of a prod space, which comes first' : 'a dyno that came first';
  return `gave way to ${whom}; ${BACK}`;
}

/** Why it can't be started now. */
export function noRoomText({ name, memory }: Size): string {
  return `there is no room for its ${byteSize(memory)} (${name})`;
}

/** Why it can never be started here. */
export function tooBigText(size: Size, capacity: Capacity): string {
  return `${size.name} takes ${capacityText(size)}, and the platform has ${capacityText(capacity)} in all`;
}
