import { randomUUID } from 'node:crypto';
import type { AppsApi } from '../../contract/apps-api.js';
import { AppsApiError, conflict, notFound } from '../../contract/errors.js';
import type { ReleaseStatus } from '../../contract/wire.js';
import { type CheckState, checkTargetUrl, worstState } from '../../model/checks.js';
import { checkFreeText } from '../../model/free-text.js';
import { appKey } from '../../model/names.js';
import { namesOfPerson } from '../../model/person-names.js';
import { checkContext } from '../../model/pipelines.js';
import type { AppRecord } from '../store/apps.js';
import type { ReleaseStatusRecord } from '../store/release-statuses.js';
import type { ReleaseRecord } from '../store/releases.js';
import type { Store } from '../store/store.js';
import { appOf, changeApp } from './apps.js';
import type { Draft } from './change.js';
import { hideSecrets, maskSecrets } from './redaction.js';
import { releaseFor, showReleases } from './releases.js';
import type { Session } from './session.js';
import { spaceFor } from './spaces.js';

/** So many contexts may be reported for a release. */
const STATUSES_MAX = 100;

/** What is said about releases, which promotions look at. */
export function releaseStatusesService(session: Session): AppsApi['releaseStatuses'] {
  const { store } = session;
  const put = (draft: Draft, app: AppRecord, release: ReleaseRecord, given: ReleaseStatusRecord) => {
    checkTexts(given);
    const said = masked(store, app, given);
    checkMaySay(session, app, release, said);
    store.releaseStatuses.put(said);
    const { context, state, description, targetUrl } = said;
    draft.details = {
      version: release.version,
      context,
      state,
      description: hideSecrets(store, app.id, description),
      target_url: hideSecrets(store, app.id, targetUrl),
    };
    return show(said);
  };
  return {
    list: async ({ app: key, release }) =>
      store.db.snapshot(() => {
        const app = appOf(session, key);
        const found = releaseFor(store, app, release);
        const statuses = store.releaseStatuses.of(found.id);
        return {
          state: worstState(statuses),
          statuses: statuses.map(show),
          release: showReleases(store, app)(found),
        };
      }),

    get: async ({ app: key, release, status }) =>
      store.db.snapshot(() =>
        show(statusFor(store, releaseFor(store, appOf(session, key), release), status)),
      ),

    async create({ app: key, release: which, ...said }, options) {
      const input = { key, which, said };
      return changeApp(session, key, { action: 'release.status', input, options }, (draft, app) => {
        const release = releaseFor(store, app, which);
        checkContext(said.context);
        const statuses = store.releaseStatuses.of(release.id);
        const before = statuses.find(({ context }) => context === said.context);
        if (before === undefined && statuses.length >= STATUSES_MAX) throw tooMany(app, release);
        return put(draft, app, release, {
          id: before?.id ?? randomUUID(),
          release: release.id,
          context: said.context,
          state: said.state,
          name: said.name ?? '',
          description: said.description ?? '',
          targetUrl: said.target_url ?? '',
          imageUrl: said.image_url ?? '',
          user: session.caller.name,
          createdAt: before?.createdAt ?? draft.at,
          updatedAt: draft.at,
        });
      });
    },

    async update({ app: key, release: which, status: id, ...said }) {
      const input = { key, which, id, said };
      return changeApp(session, key, { action: 'release.status', input }, (draft, app) => {
        const release = releaseFor(store, app, which);
        const before = statusFor(store, release, id);
        return put(draft, app, release, {
          ...before,
          state: said.state ?? before.state,
          name: said.name ?? before.name,
          description: said.description ?? before.description,
          targetUrl: said.target_url ?? before.targetUrl,
          imageUrl: said.image_url ?? before.imageUrl,
          user: session.caller.name,
          updatedAt: draft.at,
        });
      });
    },
  };
}

function statusFor(store: Store, release: ReleaseRecord, id: string): ReleaseStatusRecord {
  const found = store.releaseStatuses.of(release.id).find((each) => each.id === id.toLowerCase());
  if (found !== undefined) return found;
  throw notFound('status', id, undefined, 'What is said of a release: aka releases:info');
}

/**
 * The state of every context that is reported for a release, or was a check of the build that it runs. One that is
 * reported of both is well only if both are.
 */
export function statesOf(store: Store, { id, build }: ReleaseRecord): ReadonlyMap<string, CheckState> {
  const states = new Map<string, CheckState>();
  const said = [...store.releaseStatuses.of(id), ...(build === null ? [] : store.buildChecks.of(build))];
  for (const { context, state } of said) {
    if ((states.get(context) ?? 'success') === 'success') states.set(context, state);
  }
  return states;
}

/**
 * Throws an AppsApiError (403) if the caller may not say this: of a check for which others are registered nothing, and
 * in a socs space not that what they made themselves is well, be it the release or what it runs.
 */
function checkMaySay(
  { store, caller }: Session,
  app: AppRecord,
  { version, user, build }: ReleaseRecord,
  { context, state }: ReleaseStatusRecord,
): void {
  const isCaller = (name: string | null | undefined) => name?.toLowerCase() === caller.name.toLowerCase();
  const reporters = store.reporters.of(context);
  if (reporters.length > 0 && !reporters.some((each) => isCaller(each.user))) {
    throw new AppsApiError({
      id: 'not_your_check',
      status: 403,
      message: `Others are registered to report of ${context}, and ${caller.name} is not.`,
      hint: 'Who is: aka checks',
    });
  }
  if (state !== 'success' || !spaceFor(store, app.space).compliance.includes('socs')) return;
  const made = build === null ? undefined : store.builds.byId(build);
  // Whoever made the token of the caller could say it as well.
  const behind = store.tokens.behind(caller.name);
  const makers = [user, made?.user, made?.source.author].flatMap((name) =>
    name === undefined ? [] : namesOfPerson(name.toLowerCase()),
  );
  if (!makers.some((name) => behind.includes(name))) return;
  throw new AppsApiError({
    id: 'own_work',
    status: 403,
    message: `${caller.name} made v${version} of ${appKey(app.name, app.space)}, and nobody approves their own work in a socs space.`,
    hint: 'Have somebody else look at it.',
  });
}

function checkTexts({ name, description, targetUrl, imageUrl }: ReleaseStatusRecord): void {
  checkFreeText('name', name);
  checkFreeText('description', description);
  for (const url of [targetUrl, imageUrl]) if (url !== '') checkTargetUrl(url);
}

/** As it is kept: whoever looks at the release reads it. */
function masked(store: Store, app: AppRecord, said: ReleaseStatusRecord): ReleaseStatusRecord {
  const mask = (text: string): string => maskSecrets(store, app, text);
  return {
    ...said,
    name: mask(said.name),
    description: mask(said.description),
    targetUrl: mask(said.targetUrl),
    imageUrl: mask(said.imageUrl),
  };
}

function tooMany(app: AppRecord, { version }: ReleaseRecord) {
  return conflict(
    'too_many_statuses',
    `v${version} of ${appKey(app.name, app.space)} has ${STATUSES_MAX} statuses, and can have no more.`,
    'Report under a context that it has already.',
  );
}

function show(status: ReleaseStatusRecord): ReleaseStatus {
  return {
    id: status.id,
    context: status.context,
    state: status.state,
    name: status.name,
    description: status.description,
    target_url: status.targetUrl,
    image_url: status.imageUrl,
    user: { id: status.user, email: status.user },
    release: { id: status.release },
    created_at: status.createdAt,
    updated_at: status.updatedAt,
  };
}
