import type { Dyno } from '../../contract/wire.js';
import { dynosUp } from '../spaces/spaces-list.js';
import { State, toneOf } from './badge.js';

/** How many dynos are up, of how many, in the colour of the worst one. */
export function DynoCount({ dynos }: { dynos: readonly Pick<Dyno, 'state'>[] }) {
  const { up, all, state } = dynosUp(dynos);
  if (all === 0) return <span class="muted">no dynos</span>;
  return <State tone={state === 'down' ? 'bad' : toneOf(state)}>{`${up} of ${all} up`}</State>;
}
