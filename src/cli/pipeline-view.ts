import { Flags } from '@oclif/core';
import type { AppsApi } from '../contract/apps-api.js';
import { notFound } from '../contract/errors.js';
import type { Pipeline, PipelineCoupling, PromotionTarget } from '../contract/wire.js';
import { STAGES } from '../model/pipelines.js';
import { momentCell } from './moment.js';
import type { Cell, Facts, Output, Style } from './output.js';

export const stageFlag = Flags.string({
  description: `stage: ${STAGES.join(', ')}`,
  helpValue: 'STAGE',
  required: true,
});

/** The facts about a pipeline that every command shows alike. */
export function pipelineFacts({ name, description, created_at: created }: Pipeline): Facts {
  return [
    ['Pipeline', name],
    ...(description ? ([['Description', description]] as const) : []),
    ['Created', created],
  ];
}

/** The facts about an app in a pipeline. */
export function couplingFacts(coupling: PipelineCoupling): Facts {
  return [
    ['App', appOf(coupling)],
    ['Pipeline', coupling.pipeline.name ?? coupling.pipeline.id],
    ['Stage', coupling.stage],
    ['Requires', contextsOf(coupling).join(', ') || 'nothing'],
  ];
}

/** The apps of a pipeline, by stage, with what they run. */
export function showStages(out: Output, couplings: readonly PipelineCoupling[]): void {
  out.table(
    ['STAGE', 'APP', 'RELEASE', 'COMMIT', 'RELEASED', 'REQUIRES'],
    couplings.map((coupling) => {
      const { stage, release } = coupling;
      return [
        stage,
        appOf(coupling),
        release == null ? '' : `v${release.version}`,
        commitText(release?.commit, out),
        release?.created_at === undefined ? '' : momentCell(out, release.created_at),
        contextsOf(coupling).join(', '),
      ];
    }),
  );
}

/** What a promotion did, or would do, a line an app. */
export function showTargets(out: Output, targets: readonly PromotionTarget[], isPlan = false): void {
  out.table(
    ['APP', 'STAGE', 'RESULT', 'RELEASE', 'LACKS'],
    targets.map((target) => [
      target.app.name,
      target.stage,
      effectCell(target, isPlan ? PLANNED : DONE, out.style),
      target.release === null ? '' : `v${target.release.version}`,
      target.missing.map(({ context, state }) => `${context} (${state ?? 'not reported'})`).join(', '),
    ]),
  );
}

const DONE: Readonly<Record<string, string>> = { release: 'released', wait: 'waits for its checks' };
const PLANNED: Readonly<Record<string, string>> = {
  release: 'would be released',
  wait: 'would wait for its checks',
};

function effectCell(
  { effect, release }: PromotionTarget,
  texts: Readonly<Record<string, string>>,
  style: Style,
): Cell {
  if (effect === 'blocked') return { text: effect, style: style.bad };
  if (effect === 'none') return release === null ? 'waits already' : 'has it already';
  return texts[effect] ?? effect;
}

/** The coupling of an app in a pipeline. Throws an AppsApiError (404) if it is not in it. */
export async function couplingNamed(api: AppsApi, pipeline: string, app: string): Promise<PipelineCoupling> {
  const [{ id, name }, couplings] = await Promise.all([
    api.apps.get({ app }),
    api.pipelines.couplings({ pipeline }),
  ]);
  const found = couplings.find((each) => each.app.id === id);
  if (found !== undefined) return found;
  throw notFound('app in that pipeline named', name, undefined, `Its apps: aka pipelines:info ${pipeline}`);
}

/** As it is named to people, where its platform says its name. */
export function appOf({ app }: PipelineCoupling): string {
  return app.name ?? app.id;
}

function contextsOf({ required_status_checks: required }: PipelineCoupling): readonly string[] {
  return required?.contexts ?? [];
}

/** At a terminal as much of a commit as people tell it by. */
function commitText(commit: string | null | undefined, out: Output): string {
  return (out.isTerminal ? commit?.slice(0, 10) : commit) ?? '';
}
