import { printable } from './rule.js';

/** What a line of an exported audit log says. */
interface Members {
  readonly seq: number;
  readonly before: string;
  readonly record?: string | undefined;
  readonly digest?: string | undefined;
  readonly hash: string;
}

/**
 * The line itself, without its line feed. There is one way only to write it, so that every byte of a file can be checked;
 * nothing in it can move the cursor of a terminal.
 */
export function auditLineText({ seq, before, record, digest, hash }: Members): string {
  return printable(JSON.stringify({ seq, before, record, digest, hash }));
}
