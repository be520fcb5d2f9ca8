import { byteSize } from './byte-size.js';

/** What dynos may take of a machine in all. */
export interface Capacity {
  /** Bytes. */
  readonly memory: number;
  /** Cores. */
  readonly cpu: number;
}

const MIB = 1024 ** 2;

/**
 * Memory is given once: what a dyno's size says is there for it. Cores are given many times over, for most dynos wait
 * most of the time; when they don't, those of prod spaces get the larger share.
 */
export const CPU_SHARED_BY = 20;

/** What stays with the machine, the platform and builds: an eighth of its memory, within bounds. */
const RESERVE = { share: 1 / 8, least: 256 * MIB, most: 2048 * MIB } as const;

/** What an administrator may set. */
export const CAPACITY_MIN: Capacity = { memory: 64 * MIB, cpu: 0.1 };

/** The capacity of a machine of which the platform may use so much. */
export function capacityOf(machine: Capacity): Capacity {
  const reserve = Math.min(Math.max(machine.memory * RESERVE.share, RESERVE.least), RESERVE.most);
  return { memory: Math.floor(machine.memory - Math.min(reserve, machine.memory / 2)), cpu: machine.cpu };
}

/** So much memory and so many cores, for people: `512 MiB and 1 core`. */
export function capacityText({ memory, cpu }: Capacity): string {
  return `${byteSize(memory)} and ${coresText(cpu)}`;
}

/** Such as `1 core`. */
export function coresText(cpu: number): string {
  return `${cpu} ${cpu === 1 ? 'core' : 'cores'}`;
}

/** One dyno that is to run. */
export interface Claim {
  /** No other claim has it. */
  readonly key: string;
  readonly isProd: boolean;
  /** Whether it is wanted only for a while, beside the one that it is to replace. */
  readonly isExtra: boolean;
  /** Since when it is wanted, as ISO 8601. */
  readonly since: string;
  /** Its number within its type. */
  readonly number: number;
  /** Bytes. */
  readonly memory: number;
  /** Cores. */
  readonly cpu: number;
}

/** `waits`: there is no room beside those before it; `too_big`: there would be none without them, either. */
export type Verdict = 'runs' | 'waits' | 'too_big';

/**
 * Says who runs. From the first in order to the last, each does that fits beside those before it; so the last give way
 * first, no more of them than must, and what comes of it depends on nothing but the claims themselves.
 */
export function plan(capacity: Capacity, claims: readonly Claim[]): ReadonlyMap<string, Verdict> {
  let room: Capacity = capacity;
  const verdicts = new Map<string, Verdict>();
  for (const claim of inOrder(claims)) {
    const verdict = fits(claim, room) ? 'runs' : fits(claim, capacity) ? 'waits' : 'too_big';
    if (verdict === 'runs') room = without(room, claim);
    verdicts.set(claim.key, verdict);
  }
  return verdicts;
}

/**
 * Those of prod spaces first; of them, and of the others, those that replace others last. Then those that were wanted
 * first, and of several wanted at once the one with the lowest number.
 */
export function inOrder<C extends Claim>(claims: readonly C[]): C[] {
  return [...claims].sort(
    (a, b) =>
      rank(a) - rank(b) ||
      compare(a.since, b.since) ||
      a.number - b.number ||
      // So that there is always one answer.
      compare(a.key, b.key),
  );
}

/** Whether something fits, given so much room. */
export function fits({ memory, cpu }: Pick<Claim, 'memory' | 'cpu'>, room: Capacity): boolean {
  return memory <= room.memory && share(cpu) <= room.cpu + ROUNDING;
}

/** The room that is left. */
export function without(room: Capacity, { memory, cpu }: Pick<Claim, 'memory' | 'cpu'>): Capacity {
  return { memory: room.memory - memory, cpu: room.cpu - share(cpu) };
}

/** Sums of fractions are a little off. */
const ROUNDING = 1e-6;

function share(cpu: number): number {
  return cpu / CPU_SHARED_BY;
}

function rank({ isProd, isExtra }: Claim): number {
  return (isProd ? 0 : 2) + (isExtra ? 1 : 0);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
