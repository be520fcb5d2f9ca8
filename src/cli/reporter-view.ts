import type { Reporter } from '../contract/wire.js';
import { momentCell } from './moment.js';
import type { Cell, Output } from './output.js';

export const REPORTER_COLUMNS = ['CHECK', 'NAME', 'KIND', 'OF', 'ADDED BY', 'ADDED'];

/** Who may report of which check, as a row. */
export function reporterRow(out: Output, reporter: Reporter): Cell[] {
  const { context, name, kind, follows, user, added_by: by, created_at: at } = reporter;
  return [context, name, kind, follows ?? user ?? '', by, momentCell(out, at)];
}
