import { byteSize } from '../../model/byte-size.js';
import type { Capacity } from '../../model/capacity.js';
import type { Size } from '../../model/sizes.js';
import type { Loss } from './room.js';

/** Why a dyno isn't there, for the people of its app: who else is on the machine is none of their business. */

export const MAKING_ROOM = 'room is being made for it: others give way';

const BACK = 'it comes back by itself when there is room';

export function lossText({ to }: Loss, size: Size): string {
  if (to === undefined) return `${noRoomText(size)} any more; ${BACK}`;
  const whom = to.isProd ? 'a dyno of a prod space, which comes first' : 'a dyno that came first';
  return `gave way to ${whom}; ${BACK}`;
}

export function noRoomText({ name, memory }: Size): string {
  return `there is no room for its ${byteSize(memory)} (${name})`;
}

export function tooBigText({ name, memory, cpu }: Size, capacity: Capacity): string {
  return `${name} takes ${sizeText({ memory, cpu })}, and the platform has ${sizeText(capacity)} in all`;
}

function sizeText({ memory, cpu }: Capacity): string {
  return `${byteSize(memory)} and ${cpu} ${cpu === 1 ? 'core' : 'cores'}`;
}
