import type { AppsApi, CallOptions } from '../../contract/apps-api.js';
import { conflict, notFound } from '../../contract/errors.js';
import type {
  Pipeline,
  PipelineCoupling,
  Promotion,
  PromotionPlan,
  PromotionTarget,
  Release,
} from '../../contract/wire.js';
import { type Stage, stageAfter } from '../../model/pipelines.js';
import { shown } from '../../model/rule.js';

type PlanKey = Parameters<AppsApi['pipelines']['plan']>[0];
type Wanted = Parameters<AppsApi['pipelinePromotions']['create']>[0];

/** What is promoted from which app to which. */
interface Course {
  readonly pipeline: Pipeline;
  readonly source: PipelineCoupling;
  readonly targets: readonly PipelineCoupling[];
  readonly release: Release;
}

/** Says what a promotion would do, and what the required status checks of its targets lack. */
export async function planPromotion(api: AppsApi, { pipeline, from, to }: PlanKey): Promise<PromotionPlan> {
  const course = await courseOf(api, pipeline, from, to?.split(','));
  const { id, name } = course.pipeline;
  const { release, source } = course;
  return {
    pipeline: { id, name },
    source: { app: source.app, release: { id: release.id, version: release.version } },
    targets: await unreleasedTargets(api, course),
  };
}

/** Promotes to the apps of the next stage, unless some of them are named; returns also the releases that it made. */
export async function promote(
  api: AppsApi,
  { pipeline, source, targets, safe }: Wanted,
  options: CallOptions | undefined,
): Promise<Promotion> {
  const named = targets?.map(({ app }) => app.id);
  const course = await courseOf(api, pipeline.id, source.app.id, named);
  const planned = await unreleasedTargets(api, course);
  const promotion = await api.pipelinePromotions.create(
    {
      pipeline: { id: course.pipeline.id },
      source: { app: { id: course.source.app.id } },
      targets: course.targets.map(({ app: { id } }) => ({ app: { id } })),
      // Its other word for it compares config vars.
      ...(safe === false && { safe }),
    },
    options,
  );
  return { ...promotion, targets: await Promise.all(planned.map((target) => released(api, target))) };
}

/** Removes an app from its pipeline. The installation answers with the pipeline, so the app is what was found before. */
export async function removeCoupling(
  { pipelineCouplings }: AppsApi,
  found: Promise<PipelineCoupling>,
): Promise<PipelineCoupling> {
  const coupling = await found;
  await pipelineCouplings.destroy({ coupling: coupling.id });
  return coupling;
}

/** Throws an AppsApiError for what the installation would refuse, or promote although it doesn't run. */
async function courseOf(
  api: AppsApi,
  key: string,
  from: string,
  to: readonly string[] | undefined,
): Promise<Course> {
  const [pipeline, couplings] = await Promise.all([
    api.pipelines.get({ pipeline: key }),
    api.pipelines.couplings({ pipeline: key }),
  ]);
  const named = (app: string): PipelineCoupling => {
    const found = couplings.find(({ app: { id, name } }) => id === app || name === app.toLowerCase());
    if (found !== undefined) return found;
    throw notFound(
      'app in that pipeline named',
      app,
      undefined,
      `Its apps: aka pipelines:info ${pipeline.name}`,
    );
  };
  const source = named(from);
  const next = stageAfter(source.stage as Stage);
  const targets = to === undefined ? couplings.filter(({ stage }) => stage === next) : to.map(named);
  const other = targets.find(({ stage }) => stage !== next);
  if (other !== undefined) {
    throw conflict(
      'not_next_stage',
      `${nameOf(other)} is at ${other.stage}; from ${source.stage} there it goes to ${next ?? 'nowhere'} only.`,
      `See its stages: aka pipelines:info ${pipeline.name}`,
    );
  }
  if (targets.length === 0) {
    throw conflict(
      'nowhere_to_promote',
      next === undefined
        ? `${nameOf(source)} is at ${source.stage}, the last stage.`
        : `Pipeline ${pipeline.name} has no app at ${next}, the stage after ${source.stage}.`,
      `See its stages: aka pipelines:info ${pipeline.name}`,
    );
  }
  return { pipeline, source, targets, release: await promotable(api, source) };
}

/** The newest release of an app: the installation promotes it even if it failed. */
async function promotable({ releases }: AppsApi, source: PipelineCoupling): Promise<Release> {
  const app = nameOf(source);
  const [newest] = await releases.list({ app });
  if (newest === undefined) {
    throw conflict('no_release', `${app} has no release to promote.`, `Make one: aka deploy -a ${app}`);
  }
  if (newest.status === 'succeeded' || newest.status === 'unknown') return newest;
  throw conflict(
    'not_running',
    `The newest release of ${app}, v${newest.version}, is ${shown(newest.status)}; it would be promoted, and not what runs.`,
    `See its releases: aka releases -a ${app}`,
  );
}

async function unreleasedTargets(
  { releaseStatuses }: AppsApi,
  { source, release, targets }: Course,
): Promise<PromotionTarget[]> {
  const { statuses } = await releaseStatuses.list({ app: nameOf(source), release: release.id });
  const stateOf = (context: string): string | null =>
    statuses.find((each) => each.context === context)?.state ?? null;
  return targets.map((target) => {
    const required = target.required_status_checks?.contexts ?? [];
    const missing = required
      .map((context) => ({ context, state: stateOf(context) }))
      .filter(({ state }) => state !== 'success');
    return {
      app: { id: target.app.id, name: nameOf(target) },
      stage: target.stage,
      effect: missing.length > 0 ? 'blocked' : 'release',
      missing,
      release: null,
      build: null,
    };
  });
}

/** With the release that the promotion made; that it can't be looked up is no failure of the promotion. */
async function released({ releases }: AppsApi, target: PromotionTarget): Promise<PromotionTarget> {
  const [newest] = await releases.list({ app: target.app.name }).catch(() => []);
  const release = newest === undefined ? null : { id: newest.id, version: newest.version };
  return { ...target, effect: 'release', missing: [], release };
}

function nameOf({ app }: PipelineCoupling): string {
  return app.name ?? app.id;
}
