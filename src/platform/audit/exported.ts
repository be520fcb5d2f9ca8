import type { AuditLine, AuditVerdict } from '../../contract/wire.js';
import { auditLineText } from '../../model/audit-line.js';
import { Chain, type ChainLink, digestOf } from './chain.js';

/** A longer line is none of an export, in bytes. */
const LINE_MAX = 1024 * 1024;

/** A record as an export tells it: its text or, where that is not for its reader, what stands for it in the chain. */
export function exportedLink(before: string, { seq, record, hash }: ChainLink, isTold: boolean): AuditLine {
  if (isTold) return { seq, before, record, hash };
  const digest = digestOf(record);
  return digest === undefined ? { seq, before, hash } : { seq, before, digest, hash };
}

/**
 * Follows the chain of an export, which its own lines are enough for, and stops at the first that doesn't fit. With
 * `against` it also looks for that head: in a chain of which the newest records were cut off it is not to be found.
 */
export async function verifyExport(
  bytes: AsyncIterable<Uint8Array>,
  against?: string,
): Promise<AuditVerdict & { readonly lines: number }> {
  let chain: Chain | undefined;
  let lines = 0;
  let first = 0;
  const count = { hidden: 0, unchecked: 0 };
  let found: number | undefined;
  const verdict = (broken?: AuditVerdict['broken']): AuditVerdict & { readonly lines: number } => ({
    ok: broken === undefined && (against === undefined || found !== undefined),
    records: lines,
    head: chain?.head ?? '',
    lines,
    first,
    ...count,
    ...(against !== undefined && { against: foundAt(against, found) }),
    ...(broken !== undefined && { broken }),
  });
  for await (const text of textLinesOf(bytes)) {
    const line = parsedLine(text);
    const place = (reason: string): AuditVerdict['broken'] => ({
      seq: chain === undefined ? (line?.seq ?? 1) : chain.records + 1,
      line: lines + 1,
      reason,
    });
    if (line === undefined) return verdict(place('it is not a line as an export has them'));
    if (chain === undefined) {
      chain = new Chain(line.before, line.seq - 1);
      first = line.seq;
      if (line.before === against) found = line.seq - 1;
    }
    const follows = line.seq !== chain.records + 1 || line.before === chain.head;
    const reason = follows ? chain.take(line) : 'it does not follow the record before it';
    if (reason !== undefined) return verdict(place(reason));
    lines += 1;
    if (line.hash === against) found = line.seq;
    if (line.record === undefined) count.hidden += 1;
    if (line.record === undefined && line.digest === undefined) count.unchecked += 1;
  }
  return verdict();
}

/** What a verdict says of a head that was looked for; it is that of the record of this number, 0 before the first. */
export function foundAt(head: string, seq: number | undefined): NonNullable<AuditVerdict['against']> {
  return seq === undefined ? { head, found: false } : { head, found: true, seq };
}

/** The line that a text is, if it is one in every byte. */
function parsedLine(text: string | undefined): AuditLine | undefined {
  if (text === undefined) return undefined;
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isLine(line) && auditLineText(line) === text ? line : undefined;
}

function isLine(value: unknown): value is AuditLine {
  if (typeof value !== 'object' || value === null) return false;
  const { seq, before, record, digest, hash } = value as Record<string, unknown>;
  return (
    Number.isSafeInteger(seq) &&
    Number(seq) > 0 &&
    [before, hash].every((each) => typeof each === 'string') &&
    [record, digest].every((each) => each === undefined || typeof each === 'string')
  );
}

/** The lines of a text in UTF-8; undefined for one that is not, or that does not end, and then no more. */
async function* textLinesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string | undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const read = (chunk?: Uint8Array): string | undefined => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch {
      return undefined;
    }
  };
  let rest = '';
  for await (const chunk of bytes) {
    const text = read(chunk);
    if (text === undefined) return yield undefined;
    const [first = '', ...more] = text.split('\n');
    rest += first;
    for (const next of more) {
      yield rest;
      rest = next;
    }
    if (rest.length > LINE_MAX) return yield undefined;
  }
  const end = read();
  if (end === undefined) return yield undefined;
  if (rest !== '') yield rest;
}
