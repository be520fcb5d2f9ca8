import { randomUUID } from 'node:crypto';
import type { AppsApi } from '../../contract/apps-api.js';
import { AppsApiError, conflict } from '../../contract/errors.js';
import type { PromotionTarget } from '../../contract/wire.js';
import { checkFreeText } from '../../model/free-text.js';
import { appKey, splitAppKey } from '../../model/names.js';
import { isForward, stageAfter } from '../../model/pipelines.js';
import { RuleError } from '../../model/rule.js';
import type { AppRecord } from '../store/apps.js';
import type { CouplingRecord, PipelineRecord } from '../store/pipelines.js';
import type { ReleaseRecord } from '../store/releases.js';
import type { SlugRecord } from '../store/slugs.js';
import { appFor, appOf } from './apps.js';
import { change, type Draft } from './change.js';
import { adoptProcessTypes } from './formations.js';
import { pipelineOf } from './pipelines.js';
import { checkMayConfigure, mayUse } from './policy.js';
import { redactedText } from './redaction.js';
import { statesOf } from './release-statuses.js';
import { makeRelease, runs } from './releases.js';
import type { Session } from './session.js';

/** What somebody wants to be promoted: from an app, to some apps or to every one of the next stage. */
interface Wish {
  readonly pipeline: string;
  readonly from: string;
  readonly to?: readonly string[] | undefined;
}

/** What is promoted: the slug of what the source runs. */
interface Source {
  readonly app: AppRecord;
  readonly release: ReleaseRecord;
  readonly slug: SlugRecord;
}

/** A target, and what of it there is to know before anything is done. */
interface Target {
  readonly app: AppRecord;
  readonly coupling: CouplingRecord;
  /** The required contexts that are not well; null: nobody reported any. */
  readonly missing: readonly { readonly context: string; readonly state: string | null }[];
  /** The release by which it has that slug already. */
  readonly has: ReleaseRecord | undefined;
}

/** Promotions: what an app runs goes to the apps of a later stage, slug by slug; config stays where it is. */
export function promotionsService(session: Session): AppsApi['pipelinePromotions'] {
  return {
    async create(input, options) {
      const about = splitAppKey(input.source.app.id) ?? {};
      return change(session, { action: 'pipeline.promote', input, options, about }, (draft) => {
        const wish = {
          pipeline: input.pipeline.id,
          from: input.source.app.id,
          to: input.targets?.map(({ app }) => app.id),
        };
        const { pipeline, source, targets } = planOf(session, wish, draft);
        const reason = input.safe === false ? reasonFor(session, input.reason) : undefined;
        const blocked = targets.filter(({ missing, has }) => missing.length > 0 && has === undefined);
        if (reason === undefined && blocked[0] !== undefined) {
          aboutApp(draft, blocked[0].app);
          throw checksMissing(source, blocked);
        }
        const id = randomUUID();
        const from = { pipeline: pipeline.name, from: appKey(source.app.name, source.app.space) };
        const why = reason === undefined ? {} : { reason: redactedText(session.store, reason) };
        const done = targets.map((target) => {
          if (target.has !== undefined) return show(target, 'none', target.has);
          const release = promote(session, { id, ...from }, source, target, draft.at);
          const { name: app, space } = target.app;
          const overruled = reason === undefined ? {} : { overruled: target.missing };
          const { version } = source.release;
          const details = { ...from, version, release: release.version, ...overruled, ...why };
          draft.also.push({ about: { app, space }, details });
          return show(target, 'release', release);
        });
        draft.details = {
          pipeline: pipeline.name,
          version: source.release.version,
          slug: source.slug.digest,
          targets: done.map(({ app, effect }) => ({ app: app.name, effect })),
          ...why,
        };
        return {
          id,
          ...showSource(pipeline, source),
          status: done.every(({ effect }) => effect === 'none') ? 'succeeded' : 'pending',
          targets: done,
          created_at: draft.at,
          updated_at: draft.at,
        };
      });
    },
  };
}

/** What a promotion would do now. */
export function promotionPlans(session: Session): Pick<AppsApi['pipelines'], 'plan'> {
  const { store } = session;
  return {
    plan: async ({ pipeline: key, from, to }) =>
      store.db.snapshot(() => {
        const { pipeline, source, targets } = planOf(session, { pipeline: key, from, to: to?.split(',') });
        return {
          ...showSource(pipeline, source),
          targets: targets.map((target) => {
            if (target.has !== undefined) return show(target, 'none', target.has);
            return show(target, target.missing.length > 0 ? 'blocked' : 'release');
          }),
        };
      }),
  };
}

/**
 * Finds what is to be promoted, and to what. With a draft, the record of a refusal is about the app that it is for.
 * Throws an AppsApiError: 404 for what isn't there, 403 for what is not the caller's, 409 where there is no way.
 */
function planOf(session: Session, wish: Wish, draft?: Draft) {
  const { store } = session;
  const pipeline = pipelineOf(session, wish.pipeline);
  const couplings = store.pipelines.couplings({ pipeline: pipeline.id });
  const couplingOf = (app: AppRecord): CouplingRecord => {
    const coupling = couplings.find((each) => each.app === app.id);
    if (coupling === undefined) throw notIn(pipeline, app);
    return coupling;
  };
  const app = appOf(session, wish.from);
  aboutApp(draft, app);
  const at = couplingOf(app);
  const to =
    wish.to === undefined
      ? nextOf(session, { pipeline, couplings, at })
      : wish.to.map((key) => appOf(session, key));
  const source = sourceOf(session, app);
  const apps = new Map(to.map((each) => [each.id, each]));
  const targets = [...apps.values()].map((target): Target => {
    aboutApp(draft, target);
    const coupling = couplingOf(target);
    if (!isForward(at.stage, coupling.stage)) throw notForward(app, at, target, coupling);
    const states = statesOf(store, source.release);
    const missing = coupling.required
      .filter((context) => states.get(context) !== 'success')
      .map((context) => ({ context, state: states.get(context) ?? null }));
    // What is being released counts, too: of two promotions at once the second finds it done.
    const newest = store.releases.newest(target.id, 'pending') ?? runs(store, target.id);
    return { app: target, coupling, missing, has: newest?.slug === source.slug.digest ? newest : undefined };
  });
  aboutApp(draft, app);
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

/** What an app runs. Throws an AppsApiError (409) if that is nothing. */
function sourceOf({ store }: Session, app: AppRecord): Source {
  const release = runs(store, app.id);
  const slug = store.slugs.find(release?.slug);
  if (release !== undefined && slug !== undefined) return { app, release, slug };
  const key = appKey(app.name, app.space);
  throw conflict(
    'nothing_to_promote',
    `${key} runs nothing that could be promoted.`,
    `See what became of its releases: aka releases -a ${key}`,
  );
}

/** Releases the slug of the source at a target, with the config of the target. Called within a change. */
function promote(
  { store, caller }: Session,
  { id, pipeline, from }: { readonly id: string; readonly pipeline: string; readonly from: string },
  { release: { version, build }, slug }: Source,
  { app }: Target,
  at: string,
): ReleaseRecord {
  adoptProcessTypes(store, app, Object.keys(slug.processTypes), at);
  const description = `Promotion of v${version} of ${from}`;
  const release = makeRelease(store, app, { slug: slug.digest, build, description, user: caller.name, at });
  store.promotions.insert({
    id,
    target: app.id,
    release: release.id,
    build: null,
    pipeline,
    source: from,
    version,
    createdAt: at,
  });
  return release;
}

/** Why an administrator leaves required contexts out of account. Throws if they are none, or say nothing. */
function reasonFor({ caller }: Session, reason = ''): string {
  checkMayConfigure(caller, 'promote what the required checks do not vouch for');
  checkFreeText('reason', reason);
  if (reason.trim() !== '') return reason;
  throw new RuleError(
    'reason_missing',
    'Required checks are only left out of account for a reason.',
    'Give it: --overrule REASON',
  );
}

function aboutApp(draft: Draft | undefined, { name: app, space }: AppRecord): void {
  if (draft !== undefined) Object.assign(draft.about, { app, space });
}

function showSource(pipeline: PipelineRecord, { app, release }: Source) {
  return {
    pipeline: { id: pipeline.id, name: pipeline.name },
    source: {
      app: { id: app.id, name: appKey(app.name, app.space) },
      release: { id: release.id, version: release.version },
    },
  };
}

function show({ app, coupling, missing }: Target, effect: string, release?: ReleaseRecord): PromotionTarget {
  return {
    app: { id: app.id, name: appKey(app.name, app.space) },
    stage: coupling.stage,
    effect,
    missing: missing.map((each) => ({ ...each })),
    release: release === undefined ? null : { id: release.id, version: release.version },
    build: null,
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

function checksMissing({ app, release }: Source, blocked: readonly Target[]) {
  const key = appKey(app.name, app.space);
  const needs = blocked.map(
    ({ app: target, coupling, missing }) =>
      `${appKey(target.name, target.space)} at stage ${coupling.stage} needs ${missing
        .map(({ context, state }) => `${context} (${state ?? 'not reported'})`)
        .join(', ')}`,
  );
  return conflict(
    'checks_missing',
    `v${release.version} of ${key} is not promoted: ${needs.join('; ')} to be success.`,
    `What is said of it: aka releases:info v${release.version} -a ${key}. An administrator can promote it nevertheless: --overrule REASON`,
    {
      missing: Object.fromEntries(
        blocked.map(({ app: { name, space }, missing }) => [
          appKey(name, space),
          missing.map(({ context }) => context),
        ]),
      ),
    },
  );
}
