import type { SpacePromise } from '../contract/wire.js';
import type { Cell, Output } from './output.js';

/** Promises as people know them; those of other platforms are shown as they are. */
const TITLES: Readonly<Record<string, string>> = {
  discovery: 'siblings found by discovery vars',
  domains_inside: 'domains from inside',
  domains_outside: 'domains from outside',
  listeners: 'listeners',
  broadcast: 'broadcast inside',
  isolation: 'other spaces out of reach',
  machine: 'this machine out of reach',
  files: "the platform's files out of reach",
  compliance: 'compliance for ever',
  audit: 'audit chain whole',
};

const STATES: Readonly<Record<string, string>> = {
  not_enforced: 'not enforced here',
  nothing: 'nothing to check',
};

/** One line a promise: what it is, whether it holds, what was seen, and what to do. */
export function showPromises(out: Output, promises: readonly SpacePromise[]): void {
  const rows = promises.map(({ promise, state, evidence, hint = '' }) => {
    // Programs tell promises apart by their names.
    const title = out.isTerminal ? (TITLES[promise] ?? promise) : promise;
    return [title, stateCell(out, state), evidence, state === 'failed' ? hint : ''];
  });
  out.table(['PROMISE', 'IS', 'SEEN', 'NEXT'], rows);
}

function stateCell({ style }: Output, state: string): Cell {
  const text = STATES[state] ?? state;
  if (state === 'ok') return { text, style: style.good };
  if (state === 'failed') return { text, style: style.bad };
  return { text, style: state === 'not_enforced' ? style.caution : style.faint };
}
