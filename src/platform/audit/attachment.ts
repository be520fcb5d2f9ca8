import { auditLineText } from '../../model/audit-line.js';
import type { ChainLink } from './chain.js';
import { exportedLink } from './exported.js';
import { spaceIn } from './readable.js';

/** So much of the log goes with a mail, in lines and in bytes: mail servers refuse larger ones. */
export const ATTACHED_MOST = { lines: 10_000, bytes: 4 * 1024 * 1024 };

/** Records that go with a digest, in the form of an export. */
export interface Attachment {
  readonly filename: string;
  readonly content: string;
  readonly first: number;
  readonly last: number;
  /** Whether there are more than go with it. */
  readonly isCut: boolean;
}

/**
 * The records that follow the one with the hash `before`, as `audits:verify --file` checks them: those of a space by
 * their text, others by their digest alone. Undefined if there are none.
 */
export function attachmentOf(
  space: string,
  until: string,
  before: string,
  links: Iterable<ChainLink>,
  most = ATTACHED_MOST,
): Attachment | undefined {
  const lines: string[] = [];
  let bytes = 0;
  let head = before;
  let [first, last, isCut] = [0, 0, false];
  for (const link of links) {
    const line = `${auditLineText(exportedLink(head, link, spaceIn(link) === space))}\n`;
    bytes += Buffer.byteLength(line);
    isCut = lines.length === most.lines || bytes > most.bytes;
    if (isCut) break;
    lines.push(line);
    [head, last] = [link.hash, link.seq];
    if (lines.length === 1) first = link.seq;
  }
  if (lines.length === 0) return undefined;
  return { filename: `${space}-${until.slice(0, 10)}.jsonl`, content: lines.join(''), first, last, isCut };
}
