import type { Compliance } from './compliance.js';
import { nearest } from './nearest.js';
import { Refusal, RuleError, shown } from './rule.js';

/** What a dyno may take of its machine. */
export interface Size {
  readonly name: string;
  /** Bytes. */
  readonly memory: number;
  /** Cores. */
  readonly cpu: number;
  /** Processes and threads. */
  readonly pids: number;
  /** For prod spaces, and only there. */
  readonly prod: boolean;
}

const MIB = 1024 * 1024;

/** Smallest first: general purpose, then with much memory. The names are those of Akkeris. */
const PLAIN: readonly Omit<Size, 'prod'>[] = [
  { name: 'gp1', memory: 512 * MIB, cpu: 1, pids: 256 },
  { name: 'gp2', memory: 1024 * MIB, cpu: 1, pids: 512 },
  { name: 'gp3', memory: 2048 * MIB, cpu: 2, pids: 1024 },
  { name: 'gp4', memory: 4096 * MIB, cpu: 2, pids: 1024 },
  { name: 'mp1', memory: 8192 * MIB, cpu: 4, pids: 2048 },
  { name: 'mp2', memory: 16_384 * MIB, cpu: 4, pids: 2048 },
];

/** What the sizes of prod spaces have at the end of their names. */
export const PROD_SIZE = '-prod';

/** All there are: those of spaces that are not prod, smallest first, then those of prod spaces. */
export const SIZES: readonly Size[] = [
  ...PLAIN.map((size) => ({ ...size, prod: false })),
  ...PLAIN.map((size) => ({ ...size, name: `${size.name}${PROD_SIZE}`, prod: true })),
];

export const DEFAULT_SIZE = 'gp1';

/**
 * The size that a dyno gets in a space of this compliance: `gp1` is `gp1-prod` in a prod space, as on Akkeris. The
 * smallest unless one is named. Throws a {@link RuleError} for a name that is none, and a {@link Refusal} for a size
 * of prod spaces elsewhere.
 */
export function sizeIn(compliance: readonly Compliance[], name: string = DEFAULT_SIZE): Size {
  const size = parseSize(name);
  const prod = compliance.includes('prod');
  if (size.prod === prod) return size;
  const plain = size.name.replace(PROD_SIZE, '');
  if (prod) return parseSize(`${plain}${PROD_SIZE}`);
  throw new Refusal('prod_size', `Size ${size.name} is for dynos of prod spaces only.`, `Use ${plain}.`);
}

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
