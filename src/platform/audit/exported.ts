import { isUtf8 } from 'node:buffer';
import type { AuditLine, AuditVerdict } from '../../contract/wire.js';
import { parseAuditLine } from '../../model/audit-line.js';
import { Chain, type ChainLink, recordDigest } from './chain.js';

/** A longer line is none of an export, in bytes. */
const LINE_MAX = 1024 * 1024;

const LINE_FEED = 0x0a;

/** A record as an export tells it: its text or, where that is not for its reader, what stands for it in the chain. */
export function exportedLink(before: string, { seq, record, hash }: ChainLink, isTold: boolean): AuditLine {
  if (isTold) return { seq, before, record, hash };
  const digest = recordDigest(record);
  return digest === undefined ? { seq, before, hash } : { seq, before, digest, hash };
}

/**
 * Follows the chain of an export, which its own lines are enough for, and stops at the first that doesn't fit. With
 * `against` it also looks for that head: in a chain of which the newest records were cut off it is not to be found.
 */
export async function verifyExport(
  bytes: AsyncIterable<Uint8Array>,
  against?: string,
): Promise<AuditVerdict> {
  const counts = { records: 0, first: 0, hidden: 0, unchecked: 0 };
  let chain: Chain | undefined;
  let found: number | undefined;
  let broken: AuditVerdict['broken'];
  for await (const text of textLinesOf(bytes)) {
    const line = text === undefined ? undefined : parseAuditLine(text);
    if (chain === undefined && line !== undefined) {
      chain = new Chain(line.before, line.seq - 1);
      counts.first = line.seq;
      if (line.before === against) found = line.seq - 1;
    }
    const reason = faultOf(chain, line);
    if (reason !== undefined) {
      broken = { seq: (chain?.records ?? 0) + 1, line: counts.records + 1, reason };
      break;
    }
    counts.records += 1;
    if (line?.record === undefined) counts.hidden += 1;
    if (line?.record === undefined && line?.digest === undefined) counts.unchecked += 1;
    if (line?.hash === against) found = line?.seq;
  }
  return {
    ok: broken === undefined && (against === undefined || found !== undefined),
    ...counts,
    head: chain?.head ?? '',
    ...(against !== undefined && { against: foundAt(against, found) }),
    ...(broken !== undefined && { broken }),
  };
}

/** What a verdict says of a head that was looked for; it is that of the record of this number, 0 before the first. */
export function foundAt(head: string, seq: number | undefined): NonNullable<AuditVerdict['against']> {
  return seq === undefined ? { head, found: false } : { head, found: true, seq };
}

function faultOf(chain: Chain | undefined, line: ReturnType<typeof parseAuditLine>): string | undefined {
  if (chain === undefined || line === undefined) return 'it is not a line as exports have them';
  if (line.seq === chain.records + 1 && line.before !== chain.head) {
    return 'it does not follow the record before it';
  }
  return chain.take(line);
}

/**
 * The lines of a text in UTF-8; undefined for one that is not, or that does not end, after which there are no more. What
 * editors add is left out: a byte order mark, blanks at the end of a line, and empty lines.
 */
async function* textLinesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string | undefined> {
  let isFirst = true;
  for await (const line of rawLinesOf(bytes)) {
    const text = (isFirst ? line?.replace(/^\ufeff/, '') : line)?.replace(/[ \t\r]+$/, '');
    isFirst = false;
    if (text !== '') yield text;
  }
}

async function* rawLinesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string | undefined> {
  let rest = Buffer.alloc(0);
  for await (const chunk of bytes) {
    const all = Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = all.indexOf(LINE_FEED); end !== -1; end = all.indexOf(LINE_FEED, start)) {
      yield textOf(all.subarray(start, end));
      start = end + 1;
    }
    rest = all.subarray(start);
    if (rest.length > LINE_MAX) return yield undefined;
  }
  if (rest.length > 0) yield textOf(rest);
}

function textOf(line: Buffer): string | undefined {
  return isUtf8(line) ? line.toString() : undefined;
}
