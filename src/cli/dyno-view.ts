import type { AppsApi, LogLines } from '../contract/apps-api.js';
import { AppsApiError } from '../contract/errors.js';
import type { Discovery, Dyno, LogLine } from '../contract/wire.js';
import { discoveryNames } from '../model/discovery.js';
import { withoutLines } from '../model/last-lines.js';
import { momentCell } from './moment.js';
import type { Cell, Output, Style } from './output.js';

/** So many of its last lines are shown with a dyno that isn't up. */
const LAST = 10;

/** A dyno with what it printed last, if it crashed. */
export type DynoReport = Dyno & { readonly last_lines?: readonly LogLine[] };

/** Looks up what crashed dynos printed last. */
export async function reportDynos(api: AppsApi, dynos: readonly Dyno[]): Promise<DynoReport[]> {
  return Promise.all(
    dynos.map(async (dyno) =>
      dyno.state === 'crashed' ? { ...dyno, last_lines: await lastLines(api, dyno) } : dyno,
    ),
  );
}

/**
 * What a dyno printed last; not what an earlier one of the same name did. Nothing where its platform can't tell, which is
 * no reason not to show the dyno.
 */
export async function lastLines(
  { logs }: AppsApi,
  { app, name, created_at: since }: Dyno,
): Promise<LogLine[]> {
  try {
    const lines = await collected(await logs.ofApp({ app: app.name, dyno: name, lines: LAST }));
    return lines.filter(({ at }) => !(Date.parse(at) < Date.parse(since ?? '')));
  } catch (error) {
    if (error instanceof AppsApiError) return [];
    throw error;
  }
}

async function collected(lines: LogLines): Promise<LogLine[]> {
  const all: LogLine[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

/** Dynos in a table, and at a terminal what crashed ones printed last; `withApp` where they are of several apps. */
export function showDynos(out: Output, dynos: readonly DynoReport[], withApp = false): void {
  out.table(
    [...(withApp ? ['APP'] : []), 'DYNO', 'STATE', 'SIZE', 'RELEASE', 'RESTARTS', 'SINCE', 'WHY'],
    dynos.map((dyno) => [
      ...(withApp ? [dyno.app.name] : []),
      dyno.name,
      stateCell(dyno, out.style),
      dyno.size,
      dyno.release?.version == null ? '' : `v${dyno.release.version}`,
      dyno.restarts === 0 ? '' : dyno.restarts,
      momentCell(out, dyno.updated_at),
      withoutLines(dyno.reason ?? ''),
    ]),
  );
  if (!out.isTerminal) return;
  for (const { app, name, last_lines: lines = [] } of dynos) {
    if (lines.length === 0) continue;
    out.heading(`${withApp ? `${app.name} ` : ''}${name} printed last`);
    for (const { line } of lines) out.styled(out.style.program(line));
  }
}

/** What is to be done about dynos that lack the vars of newer apps, a sentence each. */
export function lackingVars(dynos: readonly Dyno[]): string[] {
  return dynos.flatMap(({ app, name, lacks = [] }) =>
    lacks.length === 0
      ? []
      : [
          `${name} of ${app.name} started before ${lacks.join(', ')} ${lacks.length === 1 ? 'was' : 'were'} created, and lacks the vars. Renew it: aka ps:restart ${name} -a ${app.name}`,
        ],
  );
}

/** Returns a sentence for each destroyed app of a space that running dynos still have the discovery vars of. */
export function staleVarsTexts(stale: Discovery['stale']): string[] {
  return (stale ?? []).map(({ name, held_by }) => staleVarsText(name, held_by));
}

/** Says which dynos still have the discovery vars of a destroyed app, and how to end that. */
export function staleVarsText(
  name: string,
  heldBy: readonly { readonly app: string; readonly dyno: string }[],
): string {
  const { host, port } = discoveryNames(name);
  const named = heldBy.slice(0, DYNOS_NAMED).map(({ app, dyno }) => `${dyno} of ${app}`);
  const more = heldBy.length - named.length;
  const apps = [...new Set(heldBy.map(({ app }) => app))];
  const restart = apps.slice(0, DYNOS_NAMED).map((app) => `aka ps:restart -a ${app}`);
  return `${host} and ${port} lead nowhere in ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}, until restarted: ${restart.join('; ')}`;
}

const DYNOS_NAMED = 5;

function stateCell({ state }: Dyno, style: Style): Cell {
  if (state === 'up') return { text: state, style: style.good };
  if (state === 'crashed') return { text: state, style: style.bad };
  return state === 'down' || state === 'evicted' ? { text: state, style: style.caution } : state;
}
