import type { AppsApi } from '../../contract/apps-api.js';
import { AppsApiError, conflict } from '../../contract/errors.js';
import type { PromotionTarget } from '../../contract/wire.js';
import { appKey } from '../../model/names.js';
import { isForward, stageAfter } from '../../model/pipelines.js';
import type { AppRecord } from '../store/apps.js';
import type { BuildRecord, SourceFacts } from '../store/builds.js';
import type { CouplingRecord, PipelineRecord } from '../store/pipelines.js';
import type { ReleaseRecord } from '../store/releases.js';
import type { SlugRecord } from '../store/slugs.js';
import type { Store } from '../store/store.js';
import { appFor, appOf } from './apps.js';
import { contextsFor, isWaiting } from './build-checks.js';
import { aboutApp, type Draft } from './change.js';
import { pipelineOf } from './pipelines.js';
import { mayUse } from './policy.js';
import { statesOf } from './release-statuses.js';
import { runs } from './releases.js';
import type { Session } from './session.js';
import { spaceFor } from './spaces.js';

/** What somebody wants to be promoted: from an app, to some apps or to every one of the next stage. */
interface Wish {
  readonly pipeline: string;
  readonly from: string;
  readonly to?: readonly string[] | undefined;
}

/** What is promoted: the slug of what the source runs. */
export interface Source {
  readonly app: AppRecord;
  readonly release: ReleaseRecord;
  readonly slug: SlugRecord;
  /** What that was made of, and who asked for it. */
  readonly facts: SourceFacts;
}

/** A target, and what of it there is to know before anything is done. */
export interface Target {
  readonly app: AppRecord;
  readonly coupling: CouplingRecord;
  /** The required contexts that are not well; null: nobody reported any. */
  readonly missing: readonly { readonly context: string; readonly state: string | null }[];
  /** The release by which it has that slug already, or the build of it that waits for its checks. */
  readonly has: Given | undefined;
  /** Whether the checks of its space come first. */
  readonly isChecked: boolean;
}

/** What a promotion gives an app: a release, or a build that makes one when its checks are well. */
export interface Given {
  readonly release?: ReleaseRecord | undefined;
  readonly build?: BuildRecord | undefined;
}

/** What a promotion would do now. */
export function promotionPlans(session: Session): Pick<AppsApi['pipelines'], 'plan'> {
  const { store } = session;
  return {
    plan: async ({ pipeline: key, from, to }) =>
      store.db.snapshot(() => {
        const { pipeline, source, targets } = planOf(session, { pipeline: key, from, to: to?.split(',') });
        return {
          ...showSource(store, pipeline, source),
          targets: targets.map((target) => {
            if (target.has !== undefined) return showTarget(target, 'none', target.has);
            if (target.missing.length > 0) return showTarget(target, 'blocked');
            return showTarget(target, target.isChecked ? 'wait' : 'release');
          }),
        };
      }),
  };
}

/**
 * Finds what is to be promoted, and to what. With a draft, the record of a refusal is about the app that it is for.
 * Throws an AppsApiError: 404 for what isn't there, 403 for what is not the caller's, 409 where there is no way.
 */
export function planOf(session: Session, wish: Wish, draft?: Draft) {
  const { store } = session;
  const about = (each: AppRecord): void => {
    if (draft !== undefined) aboutApp(draft, each);
  };
  const pipeline = pipelineOf(session, wish.pipeline);
  const couplings = store.pipelines.couplings({ pipeline: pipeline.id });
  const couplingOf = (app: AppRecord): CouplingRecord => {
    const coupling = couplings.find((each) => each.app === app.id);
    if (coupling === undefined) throw notIn(pipeline, app);
    return coupling;
  };
  const app = appOf(session, wish.from);
  about(app);
  const at = couplingOf(app);
  const to =
    wish.to === undefined
      ? nextOf(session, { pipeline, couplings, at })
      : wish.to.map((key) => appOf(session, key));
  const source = sourceOf(session, app);
  const apps = new Map(to.map((each) => [each.id, each]));
  const targets = [...apps.values()].map((target): Target => {
    about(target);
    const coupling = couplingOf(target);
    if (!isForward(at.stage, coupling.stage)) throw notForward(app, at, target, coupling);
    const states = statesOf(store, source.release);
    const missing = coupling.required
      .filter((context) => states.get(context) !== 'success')
      .map((context) => ({ context, state: states.get(context) ?? null }));
    const has = hasAlready(session, target, source);
    // Throws what a build of it would be refused for, too.
    const isChecked = has === undefined && contextsFor(store, target, source.facts).length > 0;
    return { app: target, coupling, missing, has, isChecked };
  });
  about(app);
  return { pipeline, source, targets };
}

/** Every app of the stage after one. Throws an AppsApiError if there is none, or one that is not the caller's. */
function nextOf(
  { store, caller }: Session,
  {
    pipeline,
    couplings,
    at,
  }: { pipeline: PipelineRecord; couplings: readonly CouplingRecord[]; at: CouplingRecord },
): AppRecord[] {
  const next = stageAfter(at.stage);
  if (next === undefined) {
    throw conflict(
      'last_stage',
      `${at.stage} is the last stage: there is nothing to promote to from there.`,
      `The stages of it: aka pipelines:info ${pipeline.name}`,
    );
  }
  const apps = couplings.filter(({ stage }) => stage === next).map(({ app }) => appFor(store, app));
  if (apps.length === 0) {
    throw conflict(
      'empty_stage',
      `Pipeline ${pipeline.name} has no app at stage ${next}.`,
      `Add one: aka pipelines:add ${pipeline.name} -a APP-SPACE --stage ${next}; or name apps of a later stage with --to`,
    );
  }
  if (apps.every(({ space }) => mayUse(caller, space))) return apps;
  throw new AppsApiError({
    id: 'not_your_space',
    status: 403,
    message: `Stage ${next} of pipeline ${pipeline.name} has apps in spaces that you may not use.`,
    hint: 'Name those that you may with --to.',
  });
}

/** What a target has of the source already: it runs, is being released, or waits for checks. */
function hasAlready({ store }: Session, { id }: AppRecord, { slug }: Source): Given | undefined {
  // What is under way counts, too: of two promotions at once the second finds it done.
  const build = store.builds
    .of(id)
    .find(
      (each) => isWaiting(store, each) && each.slug === slug.digest && each.source.commands === undefined,
    );
  if (build !== undefined) return { build };
  const release = store.releases.newest(id, 'pending') ?? runs(store, id);
  return release?.slug === slug.digest ? { release } : undefined;
}

/** What an app runs. Throws an AppsApiError (409) if that is nothing. */
function sourceOf({ store }: Session, app: AppRecord): Source {
  const release = runs(store, app.id);
  const slug = store.slugs.find(release?.slug);
  if (release !== undefined && slug !== undefined) {
    const build = release.build === null ? undefined : store.builds.byId(release.build);
    const author = build?.source.author ?? build?.user;
    // Of a build that is forgotten nothing is known but what it made.
    const facts =
      build === undefined
        ? { checksum: `sha256:${slug.digest}` }
        : { ...build.source, author, commands: undefined };
    return { app, release, slug, facts };
  }
  const key = appKey(app.name, app.space);
  throw conflict(
    'nothing_to_promote',
    `${key} runs nothing that could be promoted.`,
    `See what became of its releases: aka releases -a ${key}`,
  );
}

/** What is promoted, as the API shows it. */
export function showSource(store: Store, pipeline: PipelineRecord, { app, release }: Source) {
  const { id, name } = spaceFor(store, app.space);
  const space = { id, name };
  return {
    pipeline: { id: pipeline.id, name: pipeline.name },
    source: {
      app: { id: app.id, name: appKey(app.name, app.space) },
      release: { id: release.id, version: release.version },
      space,
    },
  };
}

/** What a promotion does, or would do, to a target. */
export function showTarget(
  { app, coupling, missing }: Target,
  effect: string,
  { release, build }: Given = {},
): PromotionTarget {
  return {
    app: { id: app.id, name: appKey(app.name, app.space) },
    stage: coupling.stage,
    effect,
    missing: missing.map((each) => ({ ...each })),
    release: release === undefined ? null : { id: release.id, version: release.version },
    build: build === undefined ? null : { id: build.id, number: build.number },
  };
}

function notIn({ name }: PipelineRecord, app: AppRecord) {
  const key = appKey(app.name, app.space);
  return conflict(
    'not_in_pipeline',
    `${key} is not in pipeline ${name}.`,
    `Add it: aka pipelines:add ${name} -a ${key} --stage STAGE`,
  );
}

function notForward(from: AppRecord, at: CouplingRecord, to: AppRecord, target: CouplingRecord) {
  return conflict(
    'not_forward',
    `${appKey(to.name, to.space)} is at stage ${target.stage}, ${appKey(from.name, from.space)} at ${at.stage}: only a later stage can be promoted to.`,
    'To go back, release an earlier version again: aka releases:rollback',
  );
}
