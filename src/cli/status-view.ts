import type { Build, BuildCheck } from '../contract/wire.js';
import { isRefusal } from '../model/checks.js';
import { buildName } from './build-view.js';
import { asTyped } from './called-as.js';
import { EXIT } from './exit-codes.js';
import { CommandError } from './failure.js';
import { momentCell } from './moment.js';
import type { Cell, Facts, Output, Style } from './output.js';
import { endedBy } from './reason.js';
import type { Unfinished } from './waiting.js';

/** The checks that a build still waits for; none of one that waits for no check. */
export function missingChecks({ status, checks }: Build): BuildCheck[] {
  return status === 'pending' ? checks.filter(({ passed }) => !passed) : [];
}

/** Whether a check ended a build for good. */
export function isRefused({ status, checks }: Build): boolean {
  return status === 'failed' && checks.some(({ state }) => isRefusal(state));
}

/** What a build waits for, each with what there is to know about it. */
export function missingText(build: Build): string {
  return missingChecks(build)
    .map(({ context, reporters }) =>
      reporters.length === 0 ? `${context}, which nobody may report yet` : context,
    )
    .join('; ');
}

/** What goes on when nobody waits for the checks of a build any more. */
export function unfinishedChecks(build: Build): Unfinished {
  const name = buildName(build);
  const app = build.app.name;
  return {
    says: `Build ${name} of ${app} waits for ${missingText(build)}.`,
    hint: `See it: aka builds:info ${name} -a ${app}; stop it: aka builds:stop ${name} -a ${app}`,
  };
}

/** The error of a build that a check ended. */
export function buildRefused(build: Build): CommandError {
  const name = buildName(build);
  return new CommandError({
    id: 'build_refused',
    message: `Build ${name} of ${build.app.name} was refused for good: ${endedBy(build.reason)}`,
    hint: `Mend what it found, and build anew; all of its checks: aka builds:info ${name} -a ${build.app.name}`,
    exit: EXIT.refused,
  });
}

/** The facts about a check that every command shows alike. */
export function checkFacts(check: BuildCheck, style: Style): Facts {
  return [
    ['Check', check.context],
    ['State', stateCell(check, style)],
    ...known('Covers', coverage(check)),
    ...known('Name', check.name),
    ...known('By', check.overruled?.by ?? check.by),
    ...known('Why', check.overruled?.reason ?? check.description),
    ...known('See', check.target_url),
  ];
}

/** The checks that a build needs: how they stand, by whom, and what they say. */
export function showChecks(out: Output, { checks }: Build): void {
  if (checks.length === 0) return;
  out.heading('Checks');
  out.table(
    ['CHECK', 'STATE', 'BY', 'SINCE', 'WHY'],
    checks.map((check) => [
      check.context,
      stateCell(check, out.style),
      check.overruled?.by ?? check.by ?? '',
      momentCell(out, check.updated_at),
      whyOf(check),
    ]),
  );
}

/** What success vouches for. */
function coverage({ covers, checksum }: BuildCheck): string | null {
  return covers === 'commit' ? 'the commit only, not what was uploaded' : checksum;
}

function whyOf(check: BuildCheck): string {
  const { overruled, description, by, passed, context, reporters, covers } = check;
  if (overruled !== null) return overruled.reason;
  if (passed && covers === 'commit') return [description, coverage(check)].filter(Boolean).join('; ');
  if (passed || by !== null) return description ?? '';
  return reporters.length === 0
    ? `nobody may report it: ${asTyped(`aka checks:add ${context} --token`)}`
    : `waits for ${reporters.join(' or ')}`;
}

function stateCell({ state, overruled, passed }: BuildCheck, style: Style): Cell {
  if (overruled !== null) return { text: 'overruled', style: style.caution };
  if (passed) return { text: state, style: style.good };
  return isRefusal(state) ? { text: state, style: style.bad } : state;
}

function known(name: string, value: string | null | undefined): Facts {
  return value == null || value === '' ? [] : [[name, value]];
}
