import { type AppsApiError, conflict } from '../../contract/errors.js';
import { type Capacity, capacityText, fits } from '../../model/capacity.js';
import type { Size } from '../../model/sizes.js';
import { measuredCapacity } from '../machine/capacity.js';
import type { Store } from '../store/store.js';

/** What this platform has for dynos: as an administrator set it, or as measured. */
export function capacityIn({ settings }: Store): Capacity {
  const { capacity_memory: memory, capacity_cpu: cpu } = settings.all();
  if (memory !== null && cpu !== null) return { memory, cpu };
  const measured = measuredCapacity();
  return { memory: memory ?? measured.memory, cpu: cpu ?? measured.cpu };
}

/** Refuses a size of which not even one dyno would fit here. */
export function checkFitsHere(store: Store, size: Size): void {
  const capacity = capacityIn(store);
  if (!fits(size, capacity)) throw tooBig(size, capacity);
}

function tooBig(size: Size, capacity: Capacity): AppsApiError {
  return conflict(
    'too_big',
    `A ${size.name} takes ${capacityText(size)}, and this platform has ${capacityText(capacity)} for all dynos.`,
    'Choose a smaller one: aka sizes. What there is for dynos: aka platform:configure --capacity-memory',
    { size: size.name },
  );
}
