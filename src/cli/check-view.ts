import type { SpaceCheck, SpacePromise } from '../contract/wire.js';
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
  prod_first: 'prod comes first',
  compliance: 'compliance for ever',
  checks: 'builds checked first',
  credentials: 'credentials where they belong',
  audit: 'audit chain whole',
  redaction: 'secrets hidden',
  availability: 'high availability',
  digests: 'digests mailed to administrators',
  compliance_meant: 'compliance as it was meant',
  audit_kept: 'audit events kept',
  created_whole: 'created whole',
  one_of_its_name: 'one of its name',
  room_for_apps: 'room for apps',
  discovery_names: 'names that discovery vars can have',
  domains: 'a domain for each app',
};

const STATES: Readonly<Record<string, string>> = {
  not_enforced: 'not enforced here',
  nothing: 'nothing to check',
};

/** A line a promise: what it is, whether it holds, what was seen, and what to do about it. */
export function showPromises(out: Output, promises: readonly SpacePromise[]): void {
  if (out.isTerminal) {
    out.facts(promises.map((each) => [TITLES[each.promise] ?? each.promise, seen(out, each)]));
    return;
  }
  // Programs tell promises apart by their names.
  const rows = promises.map(({ promise, state, evidence, hint = '' }) => [
    promise,
    stateText(state),
    evidence,
    hint,
  ]);
  out.table([], rows);
}

function seen({ style }: Output, { state, evidence, hint }: SpacePromise): readonly Cell[] {
  const text = `${stateText(state)}: ${evidence}`;
  if (state === 'failed')
    return [{ text, style: style.bad }, ...(hint === undefined ? [] : [`next: ${hint}`])];
  return [state === 'not_enforced' ? { text, style: style.caution } : text];
}

function stateText(state: string): string {
  return STATES[state] ?? state;
}

/** A line a space, and what is not as it should be in a line each. */
export function showVerdicts(out: Output, checks: readonly SpaceCheck[]): void {
  if (checks.length === 0) return out.note('No spaces: there is nothing to check.');
  if (!out.isTerminal) {
    const rows = checks.flatMap(({ space, promises }) =>
      promises.map(({ promise, state, evidence, hint = '' }) => [
        space.name,
        promise,
        stateText(state),
        evidence,
        hint,
      ]),
    );
    return out.table([], rows);
  }
  const bad = checks.filter(({ ok }) => !ok);
  for (const { space, promises } of bad) {
    out.heading(space.name);
    const failed = promises.filter(({ state }) => state === 'failed');
    out.facts(failed.map((each) => [TITLES[each.promise] ?? each.promise, seen(out, each)]));
  }
  out.heading(
    bad.length === 0
      ? `${checks.length === 1 ? 'The space keeps' : `All ${checks.length} spaces keep`} what ${checks.length === 1 ? 'it promises' : 'they promise'}.`
      : `${bad.length} of ${checks.length} spaces do not keep what they promise.`,
  );
}
