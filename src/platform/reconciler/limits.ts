import { RANKS, SPIKE } from '../../model/ranks.js';
import type { Limits } from '../engine/engine.js';
import type { Place } from './wanted.js';

/** What a dyno may take of its machine, and how far before others. */
export function limitsOf({ size, isProd }: Pick<Place, 'size' | 'isProd'>): Limits {
  const { memory, cpu, pids } = size;
  if (!isProd) return { memory, cpu, pids, ...RANKS.other };
  const memorySpike = Math.floor(memory * SPIKE.share);
  return { memory, memorySpike, memorySpikeMs: SPIKE.ms, cpu, pids, ...RANKS.prod };
}
