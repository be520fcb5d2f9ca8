import { printable } from './rule.js';

/** What a line of an exported audit log says. */
interface Members {
  readonly seq: number;
  readonly before: string;
  readonly record?: string | undefined;
  readonly digest?: string | undefined;
  readonly hash: string;
}

/** The line itself, without its line feed. Nothing in it can move the cursor of a terminal. */
export function auditLineText({ seq, before, record, digest, hash }: Members): string {
  return printable(JSON.stringify({ seq, before, record, digest, hash }));
}

const LINE = new RegExp(
  String.raw`^\{"seq":([1-9]\d{0,15}),"before":"([0-9a-f]{64})",` +
    String.raw`(?:"record":("(?:[^"\\]|\\["\\bfnrt]|\\u[0-9a-f]{4})*"),|"digest":"([0-9a-f]{64})",)?` +
    String.raw`"hash":"([0-9a-f]{64})"\}$`,
);

/**
 * What a line says; undefined if it is none. No other member, order, blank or case is taken than is written, so that a
 * byte that was changed is either here amiss, or in what the line says.
 */
export function parseAuditLine(text: string): Members | undefined {
  const [, seq, before = '', quoted, digest, hash = ''] = LINE.exec(text) ?? [];
  if (seq === undefined) return undefined;
  try {
    const record = quoted === undefined ? undefined : (JSON.parse(quoted) as string);
    return { seq: Number(seq), before, record, digest, hash };
  } catch {
    // A control character in a string, which JSON has none of.
    return undefined;
  }
}
