import { randomUUID } from 'node:crypto';
import type { AppsApi } from '../../contract/apps-api.js';
import { conflict } from '../../contract/errors.js';
import { parseReason } from '../../model/checks.js';
import { checkFreeText } from '../../model/free-text.js';
import { appKey, isId, splitAppKey } from '../../model/names.js';
import type { AppRecord } from '../store/apps.js';
import type { BuildRecord } from '../store/builds.js';
import type { ReleaseRecord } from '../store/releases.js';
import { addBuild } from './builds.js';
import { aboutApp, change } from './change.js';
import { checkMayConfigure } from './policy.js';
import { adoptProcessTypes } from './process-types.js';
import { type Given, planOf, type Source, showSource, showTarget, type Target } from './promotion-plan.js';
import { hideSecrets } from './redaction.js';
import { makeRelease } from './releases.js';
import type { Session } from './session.js';

/** Promotions: what an app runs goes to the apps of a later stage, slug by slug; config stays where it is. */
export function promotionsService(session: Session): AppsApi['pipelinePromotions'] {
  return {
    async create(input, options) {
      const { id: key } = input.source.app;
      const about = isId(key) ? {} : (splitAppKey(key) ?? {});
      return change(session, { action: 'pipeline.promote', input, options, about }, (draft) => {
        const wish = {
          pipeline: input.pipeline.id,
          from: key,
          to: input.targets?.map(({ app }) => app.id),
        };
        const { pipeline, source, targets } = planOf(session, wish, draft);
        const named = input.source.app.release?.id;
        if (named !== undefined && named.toLowerCase() !== source.release.id) throw notWhatRuns(source);
        const blocked = targets.filter(({ missing, has }) => missing.length > 0 && has === undefined);
        // Clients of Akkeris say so without a reason, also where there is nothing to leave out of account.
        const overrules = input.safe === false && (blocked.length > 0 || input.reason !== undefined);
        const reason = overrules ? reasonFor(session, [source, ...targets], input.reason) : undefined;
        if (reason === undefined && blocked[0] !== undefined) {
          aboutApp(draft, blocked[0].app);
          throw checksMissing(source, blocked);
        }
        const id = randomUUID();
        const from = { pipeline: pipeline.name, from: appKey(source.app.name, source.app.space) };
        const why = reason === undefined ? {} : { reason };
        const done = targets.map((target) => {
          if (target.has !== undefined) return showTarget(target, 'none', target.has);
          aboutApp(draft, target.app);
          const given = promote(session, { id, ...from }, source, target, draft.at);
          const { name: app, space } = target.app;
          const overruled = reason === undefined ? {} : { overruled: target.missing };
          const { version } = source.release;
          const { release, build } = given;
          const made = { release: release?.version, build: build?.number };
          draft.also.push({
            about: { app, space },
            details: { ...from, version, ...made, ...overruled, ...why },
          });
          return showTarget(target, release === undefined ? 'wait' : 'release', given);
        });
        aboutApp(draft, source.app);
        draft.details = {
          pipeline: pipeline.name,
          version: source.release.version,
          slug: source.slug.digest,
          targets: done.map(({ app, effect }) => ({ app: app.name, effect })),
          ...why,
        };
        return {
          id,
          ...showSource(session.store, pipeline, source),
          status: done.every(({ effect }) => effect === 'none') ? 'succeeded' : 'pending',
          targets: done,
          created_at: draft.at,
          updated_at: draft.at,
        };
      });
    },
  };
}

/**
 * Releases the slug of the source at a target, with the config of the target; where the checks of its space come first,
 * it gets a build with that slug, which waits for them. Called within a change. Throws an AppsApiError (409) if such a
 * check is known to have failed.
 */
function promote(
  session: Session,
  { id, pipeline, from }: { readonly id: string; readonly pipeline: string; readonly from: string },
  source: Source,
  { app, isChecked }: Target,
  at: string,
): Given {
  const { store } = session;
  const given = isChecked
    ? askChecks(session, source, app, at)
    : { release: releaseAt(session, source, app, { from, at }) };
  store.promotions.insert({
    id,
    target: app.id,
    release: given.release?.id ?? null,
    build: given.build?.id ?? null,
    pipeline,
    source: from,
    version: source.release.version,
    createdAt: at,
  });
  return given;
}

function releaseAt(
  { store, caller }: Session,
  { slug, release: { version, build } }: Source,
  app: AppRecord,
  { from, at }: { readonly from: string; readonly at: string },
): ReleaseRecord {
  adoptProcessTypes(store, app, Object.keys(slug.processTypes), at);
  const description = `Promotion of v${version} of ${from}`;
  return makeRelease(store, app, { slug: slug.digest, build, description, user: caller.name, at });
}

/** Makes the build of a target that needs no building but waits for checks; it may be known that all are well. */
function askChecks({ store, caller }: Session, { slug, facts }: Source, app: AppRecord, at: string): Given {
  const { build, verdict } = addBuild(store, app, {
    source: facts,
    user: caller.name,
    slug: slug.digest,
    at,
  });
  if (verdict === 'refused') throw checkFailed(app, build);
  return { build, release: store.releases.ofBuild(build.id) };
}

/** Why an administrator leaves required contexts out of account. Throws if they are none, or say nothing. */
function reasonFor(
  { store, caller }: Session,
  about: readonly { readonly app: AppRecord }[],
  reason = '',
): string {
  checkMayConfigure(caller, 'promote what the required checks do not vouch for');
  checkFreeText('reason', reason);
  return about.reduce((text, { app }) => hideSecrets(store, app.id, text), parseReason(reason));
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
    `What is said of it: aka releases:info v${release.version} -a ${key}. An administrator can promote it nevertheless: --overrule --reason TEXT`,
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

function notWhatRuns({ app, release }: Source) {
  const key = appKey(app.name, app.space);
  return conflict(
    'not_what_runs',
    `${key} runs v${release.version}, and only what it runs is promoted.`,
    `Release what is to be promoted first: aka releases:rollback VERSION -a ${key}`,
  );
}

function checkFailed(app: AppRecord, { reason }: BuildRecord) {
  return conflict(
    'check_failed',
    `Nothing is promoted: of ${appKey(app.name, app.space)}, ${reason ?? 'a check has failed'}.`,
    'Mend what it found, and build anew.',
  );
}
