import { nearest } from './nearest.js';
import { RuleError, shown } from './rule.js';

/** What a dyno may take of its machine. */
export interface Size {
  readonly name: string;
  /** Bytes. */
  readonly memory: number;
  /** Cores. */
  readonly cpu: number;
  /** Processes and threads. */
  readonly pids: number;
}

const MIB = 1024 * 1024;

/** By name, smallest first: general purpose, then with much memory. The names are those of Akkeris. */
export const SIZES: readonly Size[] = [
  { name: 'gp1', memory: 512 * MIB, cpu: 1, pids: 256 },
  { name: 'gp2', memory: 1024 * MIB, cpu: 1, pids: 512 },
  { name: 'gp3', memory: 2048 * MIB, cpu: 2, pids: 1024 },
  { name: 'gp4', memory: 4096 * MIB, cpu: 2, pids: 1024 },
  { name: 'mp1', memory: 8192 * MIB, cpu: 4, pids: 2048 },
  { name: 'mp2', memory: 16_384 * MIB, cpu: 4, pids: 2048 },
];

export const DEFAULT_SIZE = 'gp1';

/** The size of this name, in any case. Throws a {@link RuleError} that lists them. */
export function parseSize(name: string): Size {
  const folded = name.toLowerCase();
  const size = SIZES.find((each) => each.name === folded);
  if (size !== undefined) return size;
  const names = SIZES.map((each) => each.name);
  const near = nearest(folded, names);
  throw new RuleError(
    'unknown_size',
    `There is no dyno size ${shown(name)}.`,
    `${near === undefined ? '' : `Did you mean ${near}? `}Sizes are ${names.join(', ')}.`,
  );
}
