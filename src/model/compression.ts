import { RuleError } from './rule.js';

/** Up to this many bytes an archive may grow as it likes. */
const FREE_BYTES = 64 * 1024 * 1024;
/** How many times its size an archive may have when unpacked: text has a tenth of that, and zeros five times as much. */
const RATIO_MAX = 200;

/** Whether something of this size is large enough for its growth to matter. */
export function canGrow(unpacked: number): boolean {
  return unpacked > FREE_BYTES;
}

/** Whether an archive grows like one that is to fill a disk. */
export function growsTooMuch(packed: number, unpacked: number): boolean {
  return canGrow(unpacked) && unpacked > RATIO_MAX * packed;
}

/** Throws a {@link RuleError} for an archive that grows too much. `named` says which it is. */
export function checkGrowth(packed: number, unpacked: number, named = 'The archive', hint?: string): void {
  if (!growsTooMuch(packed, unpacked)) return;
  throw new RuleError(
    'source_too_compressed',
    `${named} has more than ${RATIO_MAX} times its size when it is unpacked, which no build takes.`,
    hint,
  );
}
