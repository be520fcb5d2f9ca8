import { RANKS, SPIKE } from '../../model/ranks.js';
import type { Limits } from '../engine/engine.js';
import { PACE, type Pace } from './pace.js';
import type { Place } from './wanted.js';

/** What a dyno may take of its machine, and how far before others; one of a prod space may go over it for `spikeMs`. */
export function limitsOf(
  { size, isProd }: Pick<Place, 'size' | 'isProd'>,
  { spike: memorySpikeMs }: Pick<Pace, 'spike'> = PACE,
): Limits {
  const { memory, cpu, pids } = size;
  if (!isProd) return { memory, cpu, pids, ...RANKS.other };
  const memorySpike = Math.floor(memory * SPIKE.share);
  return { memory, memorySpike, memorySpikeMs, cpu, pids, ...RANKS.prod };
}
