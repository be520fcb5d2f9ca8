import { randomUUID } from 'node:crypto';
import type { AppsApi } from '../../contract/apps-api.js';
import { conflict, notFound } from '../../contract/errors.js';
import type { Release } from '../../contract/wire.js';
import { worstState } from '../../model/checks.js';
import { checkFreeText } from '../../model/free-text.js';
import { appKey } from '../../model/names.js';
import { RuleError } from '../../model/rule.js';
import type { AppRecord } from '../store/apps.js';
import type { BuildRecord } from '../store/builds.js';
import type { ReleaseRecord } from '../store/releases.js';
import type { Store } from '../store/store.js';
import { appOf, changeApp } from './apps.js';
import { buildFor } from './build-of-app.js';
import { aboutApp, change } from './change.js';
import { checkPassed } from './passed-slugs.js';
import { hideSecrets, maskSecrets } from './redaction.js';
import type { Session } from './session.js';

/** What apps run: every successful build, every change of config and every rollback makes a release. */
export function releasesService(session: Session): AppsApi['releases'] {
  const { store } = session;
  return {
    list: async ({ app: key }) =>
      store.db.snapshot(() => {
        const app = appOf(session, key);
        return store.releases.of(app.id).map(showReleases(store, app));
      }),

    get: async ({ app: key, release }) =>
      store.db.snapshot(() => {
        const app = appOf(session, key);
        return showReleases(store, app)(releaseFor(store, app, release));
      }),

    async create({ app: key, release: earlier, slug, description = '' }, options) {
      const input = { key, earlier, slug, description };
      return changeApp(session, key, { action: 'release.create', input, options }, (draft, app) => {
        checkFreeText('description', description);
        if ((earlier === undefined) === (slug === undefined)) throw oneOfTwo();
        if (slug !== undefined) {
          const build = buildThatMade(store, app, slug);
          const release = makeRelease(store, app, {
            slug: build.slug,
            build: build.id,
            description: description === '' ? `Build ${build.number}` : description,
            user: session.caller.name,
            at: draft.at,
          });
          draft.details = { version: release.version, build: build.number, slug: build.slug };
          return showReleases(store, app)(release);
        }
        const from = releaseFor(store, app, earlier ?? '');
        if (from.slug === null) throw nothingToRun(app, from);
        const release = makeRelease(store, app, {
          slug: from.slug,
          build: from.build,
          description: description === '' ? `Rollback to v${from.version}` : description,
          user: session.caller.name,
          at: draft.at,
        });
        draft.details = { version: release.version, from: from.version, slug: from.slug };
        return showReleases(store, app)(release);
      });
    },
  };
}

/**
 * Makes the next release of an app, with its config vars of now; one that was still pending gives way to it. Without a
 * slug there is nothing to start, and it succeeds at once. Called within a change. Throws an AppsApiError (409) for a slug
 * that a socs space may not run.
 */
export function makeRelease(
  store: Store,
  app: AppRecord,
  {
    at,
    ...facts
  }: Pick<ReleaseRecord, 'slug' | 'build' | 'description' | 'user'> & {
    at: string;
  },
): ReleaseRecord {
  if (facts.slug !== null) checkPassed(store, app, facts.slug);
  const last = store.releases.newest(app.id);
  const version = (last?.version ?? 0) + 1;
  for (const older of store.releases.pending(app.id)) {
    store.releases.settle(older.id, 'failed', `v${version} took its place`, at);
  }
  const release: ReleaseRecord = {
    id: randomUUID(),
    app: app.id,
    version,
    status: facts.slug === null ? 'succeeded' : 'pending',
    reason: null,
    ...facts,
    createdAt: at,
    updatedAt: at,
  };
  store.releases.insert(release, store.configVars.of(app.id));
  return release;
}

/**
 * Makes the release that a change of config vars is: of what is being released or runs. Where nothing ever ran, it is
 * of what was built last, for the change may be what that lacked.
 */
export function releaseConfig(
  store: Store,
  app: AppRecord,
  facts: { description: string; user: string; at: string },
): ReleaseRecord {
  const base =
    store.releases.newest(app.id, 'pending') ?? runs(store, app.id) ?? store.releases.newest(app.id);
  return makeRelease(store, app, { slug: base?.slug ?? null, build: base?.build ?? null, ...facts });
}

/**
 * Says what came of a release: it runs, or why it failed. Nothing happens if it is settled already, as one is that a
 * newer one took the place of, or gone with its app.
 */
export function settleRelease(session: Session, id: string, failure: string | undefined): void {
  const { store } = session;
  if (store.releases.byId(id)?.status !== 'pending') return;
  change(session, { action: 'release.finish', input: {} }, (draft) => {
    const release = store.releases.byId(id);
    const app = release && store.apps.byId(release.app);
    if (release?.status !== 'pending' || app === undefined) return;
    aboutApp(draft, app);
    const status = failure === undefined ? 'succeeded' : 'failed';
    store.releases.settle(
      id,
      status,
      failure === undefined ? null : maskSecrets(store, app, failure),
      draft.at,
    );
    draft.details = {
      version: release.version,
      status,
      ...(failure !== undefined && { reason: hideSecrets(store, app.id, failure) }),
    };
  });
}

/** The release that runs or, with the daemon, would. */
export function runs(store: Store, app: string): ReleaseRecord | undefined {
  return store.releases.newest(app, 'succeeded');
}

/** The release with this version (`v7` or `7`) or id. */
export function releaseFor(store: Store, app: AppRecord, key: string): ReleaseRecord {
  const version = /^v?(\d{1,9})$/i.exec(key)?.[1];
  const found =
    version === undefined
      ? store.releases.byId(key.toLowerCase())
      : store.releases.byVersion(app.id, Number(version));
  if (found?.app === app.id) return found;
  const newest = store.releases.newest(app.id);
  throw notFound(
    'release',
    key,
    undefined,
    newest === undefined
      ? `${appKey(app.name, app.space)} has no releases yet.`
      : `The newest is v${newest.version}: aka releases -a ${appKey(app.name, app.space)}`,
  );
}

/** The build of an app with this number or id, which made something. */
function buildThatMade(store: Store, app: AppRecord, key: string): BuildRecord {
  const build = buildFor(store, app, key);
  if (build.status === 'succeeded' && build.slug !== null) return build;
  const name = appKey(app.name, app.space);
  throw conflict('no_slug', `Build ${build.number} of ${name} has made nothing that could be released.`);
}

function oneOfTwo(): RuleError {
  return new RuleError(
    'release_or_slug',
    'What is released is a slug or an earlier release, and one of the two must be named.',
  );
}

function nothingToRun(app: AppRecord, { version }: ReleaseRecord) {
  return conflict(
    'no_slug',
    `v${version} of ${appKey(app.name, app.space)} holds config vars only: nothing had been built by then.`,
    'Roll back to a later one, or build: aka builds:create',
  );
}

/** Shows releases, looking up only once which one runs. */
export function showReleases(store: Store, app: AppRecord): (release: ReleaseRecord) => Release {
  const current = runs(store, app.id)?.id;
  return (release) => ({
    id: release.id,
    app: { id: app.id, name: appKey(app.name, app.space) },
    version: release.version,
    description: release.description,
    status: release.status,
    state: worstState(store.releaseStatuses.of(release.id)),
    reason: release.reason,
    current: release.id === current,
    slug: release.slug === null ? null : { id: release.slug },
    build: release.build === null ? null : { id: release.build },
    promoted_from: originOf(store, release),
    user: { id: release.user, email: release.user },
    created_at: release.createdAt,
    updated_at: release.updatedAt,
  });
}

function originOf(store: Store, { app, id, build }: ReleaseRecord): Release['promoted_from'] {
  const promotion = store.promotions.ofRelease(app, id, build);
  if (promotion === undefined) return null;
  return { pipeline: promotion.pipeline, app: promotion.source, version: promotion.version };
}

/** A release as the audit log names it. */
export function releaseOf(store: Store, build: BuildRecord): { id: string; version: number } | undefined {
  const release = store.releases.ofBuild(build.id);
  return release && { id: release.id, version: release.version };
}
