/** Who goes before whom when a machine has too little for all. */
export interface Rank {
  /** The share of CPU, relative to that of the others here. */
  readonly cpuWeight: number;
  /** How soon the kernel ends it when memory runs out: the sooner the higher. */
  readonly oomScore: number;
}

export const RANKS = {
  prod: { cpuWeight: 100, oomScore: 200 },
  other: { cpuWeight: 25, oomScore: 500 },
  build: { cpuWeight: 10, oomScore: 900 },
} as const satisfies Readonly<Record<string, Rank>>;

/** By how much of its memory a dyno of a prod space may go over it, and for how many milliseconds at a time. */
export const SPIKE = { share: 0.5, ms: 300_000 } as const;

/** Said wherever spikes are. */
export const SPIKE_TEXT = `half as much memory again, for ${SPIKE.ms / 60_000} minutes at a time`;
