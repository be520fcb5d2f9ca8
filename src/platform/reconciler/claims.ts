import type { Claim } from '../../model/capacity.js';
import type { AppRecord } from '../store/apps.js';
import type { Place, Run } from './wanted.js';

/** For a dyno in a place; of the size of the one that is there, if there is one. */
export function claimOf(app: AppRecord, place: Place, there: Place = place): Claim {
  const { isProd, since, number } = place;
  const { memory, cpu } = there.size;
  return { key: `${app.id} ${place.name}`, isProd, isExtra: false, since, number, memory, cpu };
}

/** For one that is to take the place of another, and is beside it for a while. */
export function replacementOf(app: AppRecord, place: Place): Claim {
  const claim = claimOf(app, place);
  return { ...claim, key: `${claim.key} again`, isExtra: true };
}

/** For one that tries a release, beside the one that runs. */
export function trialOf(app: AppRecord, { release }: Run, place: Place): Claim {
  const claim = claimOf(app, place);
  return { ...claim, key: `${claim.key} v${release.version}`, isExtra: true };
}
