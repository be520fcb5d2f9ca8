import type { ReleaseStatus } from '../contract/wire.js';
import { isRefusal } from '../model/checks.js';
import { momentCell } from './moment.js';
import type { Cell, Output, Style } from './output.js';

/** What is said of a release, a line a context. */
export function showStatuses(out: Output, statuses: readonly ReleaseStatus[]): void {
  out.table(
    ['CONTEXT', 'STATE', 'BY', 'SAID', 'DESCRIPTION', 'LINK'],
    statuses.map((status) => [
      status.context,
      stateCell(status.state, out.style),
      status.user?.email ?? '',
      momentCell(out, status.updated_at),
      status.description ?? '',
      status.target_url ?? '',
    ]),
  );
}

function stateCell(state: string, style: Style): Cell {
  if (state === 'success') return { text: state, style: style.good };
  return isRefusal(state) ? { text: state, style: style.bad } : state;
}
