import { randomUUID } from 'node:crypto';
import type { AppsApi } from '../../contract/apps-api.js';
import { conflict, notFound } from '../../contract/errors.js';
import type { Build } from '../../contract/wire.js';
import { isLoopback } from '../../model/addresses.js';
import type { Digest } from '../../model/digest.js';
import { checkFreeText } from '../../model/free-text.js';
import { appKey } from '../../model/names.js';
import { Refusal, RuleError } from '../../model/rule.js';
import type { AppRecord } from '../store/apps.js';
import type { BuildRecord, SourceFacts } from '../store/builds.js';
import type { ReleaseRecord } from '../store/releases.js';
import type { SlugRecord } from '../store/slugs.js';
import type { Store } from '../store/store.js';
import { appOf, changeApp } from './apps.js';
import { contextsFor, isWaiting, letPass, requireChecks, type Verdict } from './build-checks.js';
import { buildFor } from './build-of-app.js';
import { releaseBuild } from './build-release.js';
import { aboutApp, change } from './change.js';
import { showChecks } from './check-view.js';
import { hideSecrets, maskSecrets } from './redaction.js';
import { releaseOf } from './releases.js';
import type { Session } from './session.js';
import { isUploaded } from './sources.js';
import { spaceFor } from './spaces.js';

/** So many builds of an app may wait for their turn. */
const QUEUE_MAX = 10;

/** Builds: what is to be built, and what came of it. The daemon does the building. */
export function buildsService(
  session: Session,
): Omit<AppsApi['builds'], 'result' | 'statuses' | 'report' | 'overrule'> {
  const { store } = session;
  return {
    list: async ({ app: key }) =>
      store.db.snapshot(() => {
        const app = appOf(session, key);
        return store.builds.of(app.id).map((build) => showBuild(store, app, build));
      }),

    get: async ({ app: key, build }) =>
      store.db.snapshot(() => {
        const app = appOf(session, key);
        return showBuild(store, app, buildFor(store, app, build));
      }),

    async create({ app: key, org: _org, checksum = null, ...facts }, options) {
      const source = { checksum, ...facts };
      const input = { key, source };
      return changeApp(session, key, { action: 'build.create', input, options }, (draft, app) => {
        checkSource(source);
        if (checksum === null) {
          if (source.url === undefined) throw sourceMissing();
          if (spaceFor(store, app.space).compliance.includes('socs')) throw checksumNeeded(app);
        } else if (source.url === undefined && !isUploaded(store.folders.dataDir, checksum)) {
          throw notUploaded(checksum);
        }
        const { build, verdict } = addBuild(store, app, { source, user: session.caller.name, at: draft.at });
        draft.details = {
          id: build.id,
          number: build.number,
          ...told(store, app, source),
          ...toldChecks(store, build, verdict),
        };
        return showBuild(store, app, build);
      });
    },

    async stop({ app: key, build: which }) {
      const input = { key, which };
      return changeApp(session, key, { action: 'build.stop', input }, (draft, app) => {
        const build = buildFor(store, app, which);
        if (!isUnderWay(build)) throw over(app, build);
        const reason = `${session.caller.name} stopped it`;
        store.builds.update(build.id, { status: 'failed', reason }, draft.at);
        draft.details = { id: build.id, number: build.number };
        return showBuild(store, app, buildFor(store, app, build.id));
      });
    },
  };
}

/**
 * Puts a build in its place, within a change: in the queue or, in a socs space, where it waits for its checks. One that
 * has a slug already, as a promotion's has, needs no building: it is released as soon as nothing is missing, which
 * outside of socs spaces is at once.
 *
 * Throws an AppsApiError (409) if too many wait already, and a Refusal in a socs space if its source names no repository
 * and commit.
 */
export function addBuild(
  store: Store,
  app: AppRecord,
  {
    source,
    user,
    at,
    slug = null,
  }: Pick<BuildRecord, 'source' | 'user'> & { readonly at: string; readonly slug?: string | null },
): { build: BuildRecord; verdict: Verdict } {
  const contexts = contextsFor(store, app, source);
  const waiting = store.builds.of(app.id).filter(isUnderWay).length;
  if (waiting >= QUEUE_MAX) throw queueFull(app, waiting);
  const build: BuildRecord = {
    id: randomUUID(),
    app: app.id,
    number: store.builds.nextNumber(app.id),
    status: contexts.length === 0 && slug === null ? 'queued' : 'pending',
    reason: null,
    source,
    user,
    madeOf: null,
    slug,
    createdAt: at,
    updatedAt: at,
  };
  store.builds.insert(build);
  if (build.status === 'queued') return { build, verdict: 'queued' };
  const verdict =
    contexts.length === 0 ? letPass(store, app, build, at) : requireChecks(store, app, build, contexts, at);
  return { build: buildFor(store, app, build.id), verdict };
}

/** Says that a build was begun. False if it isn't wanted any more. */
export function beginBuild({ store, now }: Session, id: string): boolean {
  return store.db.transaction(() => {
    if (store.builds.byId(id)?.status !== 'queued') return false;
    store.builds.update(id, { status: 'pending' }, now().toISOString());
    return true;
  });
}

/** A build that an earlier daemon had begun is begun again. */
export function requeueBuilds({ store, now }: Session): void {
  store.db.transaction(() => {
    for (const { id, status } of store.builds.toDo()) {
      if (status === 'pending') store.builds.update(id, { status: 'queued' }, now().toISOString());
    }
  });
}

/** Records what was fetched from the URL of a build that named no checksum. */
export function recordChecksum({ store, now }: Session, id: string, digest: Digest): void {
  store.db.transaction(() => store.builds.setChecksum(id, `sha256:${digest}`, now().toISOString()));
}

/** Says why a build failed, unless it was stopped meanwhile. */
export function failBuild(session: Session, id: string, reason: string): void {
  const { store } = session;
  finish(session, id, (app, build, at) => {
    store.builds.update(build.id, { status: 'failed', reason: maskSecrets(store, app, reason) }, at);
    return { details: { status: 'failed', reason: hideSecrets(store, app.id, reason) } };
  });
}

/**
 * Says what a build made, and releases it: with the process types that are new. Answers the release; nothing if the
 * build was stopped meanwhile, or its app is gone.
 */
export function succeedBuild(
  session: Session,
  id: string,
  made: { readonly slug: SlugRecord; readonly madeOf: string },
): ReleaseRecord | undefined {
  const { store } = session;
  return finish(session, id, (app, build, at) => {
    store.slugs.insert(made.slug);
    const release = releaseBuild(store, app, build, made.slug, { at, madeOf: made.madeOf });
    return {
      release,
      details: { status: 'succeeded', slug: made.slug.digest, release: release.version },
    };
  });
}

/** Records how a build ended. Nothing is recorded if it isn't wanted any more: that somebody stopped it is. */
function finish(
  session: Session,
  id: string,
  work: (
    app: AppRecord,
    build: BuildRecord,
    at: string,
  ) => { details: Record<string, unknown>; release?: ReleaseRecord },
): ReleaseRecord | undefined {
  const { store } = session;
  try {
    return change(session, { action: 'build.finish', input: {} }, (draft) => {
      const build = store.builds.byId(id);
      const app = build && store.apps.byId(build.app);
      if (build === undefined || app === undefined || !isUnderWay(build)) throw new NotWanted();
      if (isWaiting(store, build)) throw new NotWanted();
      aboutApp(draft, app);
      const { details, release } = work(app, build, draft.at);
      const { url, checksum } = build.source;
      draft.details = { id, number: build.number, ...(url !== undefined && { checksum }), ...details };
      return release;
    });
  } catch (error) {
    if (error instanceof NotWanted) return undefined;
    throw error;
  }
}

class NotWanted extends Error {}

/** Whether a build is not over: it waits for its checks or its turn, or is being built. */
export function isUnderWay({ status }: BuildRecord): boolean {
  return status === 'queued' || status === 'pending';
}

function checkSource({ url, repo = '', sha, branch = '', version = '' }: SourceFacts): void {
  for (const [name, text] of Object.entries({ repo, branch, version })) checkFreeText(name, text);
  if (sha !== undefined && !/^[0-9a-f]{6,64}$/i.test(sha)) {
    throw new RuleError(
      'invalid_commit',
      'A commit is 6 to 64 hexadecimal digits.',
      'See: git rev-parse HEAD',
    );
  }
  if (url === undefined) return;
  // It may hold a password, and is not repeated.
  if (/^docker:/i.test(url)) {
    throw new RuleError(
      'image_not_supported',
      'The URL of a source names a docker image, and this platform builds from source only.',
      'Give the https URL of a tar.gz or zip, or deploy a folder: aka deploy -a APP-SPACE',
    );
  }
  const address = URL.canParse(url) ? new URL(url) : undefined;
  const confidential =
    address?.protocol === 'https:' || (address?.protocol === 'http:' && isLoopback(address.hostname));
  if (!confidential) {
    throw new RuleError(
      'invalid_source_url',
      'The URL of a source must begin with https://.',
      'Download it and give the file, if it is nowhere else.',
    );
  }
  if (address.username !== '' || address.password !== '') {
    throw new RuleError(
      'invalid_source_url',
      'The URL of a source is kept and shown, so it must not hold a user or a password.',
      'Download it and give the file.',
    );
  }
}

/** As the audit log shows it. */
function told(store: Store, app: AppRecord, source: SourceFacts): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(source).map(([name, text]) => [name, text && hideSecrets(store, app.id, text)]),
  );
}

/** What the audit log shows of the checks that a new build needs, and of what was known of them before. */
function toldChecks(store: Store, { id }: BuildRecord, verdict: Verdict): Record<string, unknown> {
  const checks = store.buildChecks.of(id);
  if (checks.length === 0) return {};
  const known = checks.flatMap(({ context, state, reportedBy }) =>
    reportedBy === null ? [] : [{ context, state, by: reportedBy }],
  );
  return { needs: checks.map(({ context }) => context), verdict, ...(known.length > 0 && { known }) };
}

function sourceMissing(): RuleError {
  return new RuleError(
    'source_missing',
    'A build needs a source, and none is given.',
    'Give url, or the checksum of an upload.',
  );
}

function checksumNeeded(app: AppRecord): Refusal {
  return new Refusal(
    'checksum_needed',
    `${appKey(app.name, app.space)} is in a socs space, where checks approve a source by its checksum, and none is given.`,
    'Give checksum: sha256: and the digits that sha256sum prints.',
  );
}

function notUploaded(checksum: string) {
  return notFound(
    'upload',
    checksum,
    undefined,
    'Upload it first: aka builds:create does both, of a folder or a file.',
  );
}

function queueFull(app: AppRecord, waiting: number) {
  const key = appKey(app.name, app.space);
  return conflict(
    'too_many_builds',
    `${waiting} builds of ${key} are waiting already.`,
    `Wait for them, or stop one: aka builds:stop NUMBER -a ${key}`,
  );
}

function over(app: AppRecord, { number, status }: BuildRecord) {
  const key = appKey(app.name, app.space);
  return conflict('build_is_over', `Build ${number} of ${key} has ${status} already.`);
}

/** A build as the API shows it. */
export function showBuild(store: Store, app: AppRecord, build: BuildRecord): Build {
  const { checksum, url, repo, sha, branch, version } = build.source;
  const mask = (text: string | undefined): string | null =>
    text === undefined ? null : maskSecrets(store, app, text);
  return {
    app: { id: app.id, name: appKey(app.name, app.space) },
    buildpacks: [],
    checks: showChecks(store, build),
    ...(build.source.commands !== undefined && {
      commands: Object.fromEntries(
        Object.entries(build.source.commands).map(([type, command]) => [
          type,
          maskSecrets(store, app, command),
        ]),
      ),
    }),
    created_at: build.createdAt,
    id: build.id,
    number: build.number,
    output_stream_url: `/apps/${appKey(app.name, app.space)}/builds/${build.id}/result`,
    reason: build.reason,
    release: releaseOf(store, build) ?? null,
    slug: build.slug === null ? null : { id: build.slug },
    source_blob: {
      checksum,
      url: mask(url),
      version: mask(version),
      commit: sha ?? null,
      branch: mask(branch),
      repo: repo ?? null,
    },
    status: build.status,
    updated_at: build.updatedAt,
    user: { id: build.user, email: build.user },
  };
}
