import { randomUUID } from 'node:crypto';
import { isRefusal, requiredContexts } from '../../model/checks.js';
import { appKey } from '../../model/names.js';
import { namesOfPerson } from '../../model/person-names.js';
import type { AppRecord } from '../store/apps.js';
import type { Said } from '../store/build-checks.js';
import type { BuildRecord, SourceFacts } from '../store/builds.js';
import type { ReporterRecord } from '../store/reporters.js';
import type { Store } from '../store/store.js';
import { releaseBuild } from './build-release.js';
import { isOutdated } from './commands.js';
import { hideSecrets } from './redaction.js';
import { spaceFor } from './spaces.js';

/** Why a commit that is well does not pass another source that is uploaded as it. */
const OTHER_CONTENT = 'this commit was approved with other content: approve this source by its checksum';

/** What became of a build when something was said of one of its checks. */
export type Verdict = 'waits' | 'queued' | 'released' | 'refused';

/**
 * What a build of an app has to pass before it is built: nothing outside of socs spaces. Throws a Refusal if it does not
 * say there which commit of which repository it is.
 */
export function contextsFor(store: Store, app: AppRecord, { repo, sha }: SourceFacts): string[] {
  if (!spaceFor(store, app.space).compliance.includes('socs')) return [];
  const pipelines = store.pipelines.ofApp(app.id).map(({ name }) => name);
  return requiredContexts({ repo, sha, app: appKey(app.name, app.space), pipelines });
}

/**
 * Has a new build need these checks. What a webhook said of its commit already, before there was a build of it, counts.
 * Answers what became of it.
 */
export function requireChecks(
  store: Store,
  app: AppRecord,
  build: BuildRecord,
  contexts: readonly string[],
  at: string,
): Verdict {
  for (const context of contexts) store.buildChecks.require(build.id, context, randomUUID(), at);
  const sha = build.source.sha?.toLowerCase() ?? '';
  let verdict: Verdict = 'waits';
  for (const context of contexts) {
    for (const reporter of store.reporters.of(context)) {
      const known = isOwn(store, build, reporter) ? undefined : store.reporters.commit(reporter.id, sha);
      if (known === undefined || verdict === 'refused') continue;
      verdict = takeReport(store, app, build, context, saidOf(store, app, build, known, reporter), at);
    }
  }
  return verdict;
}

/**
 * What a webhook's report of a commit is for the check of a build. It knows no content: where that of the commit was
 * approved by its checksum, success doesn't cover a source with another one.
 */
export function saidOf(
  store: Store,
  app: AppRecord,
  { source }: BuildRecord,
  known: Pick<Said, 'state' | 'description' | 'targetUrl'>,
  reporter: ReporterRecord,
): Said {
  const sha = source.sha?.toLowerCase() ?? '';
  const isOther =
    known.state === 'success' &&
    (source.checksum === null ||
      store.buildChecks.isApprovedOtherwise(reporter.context, sha, source.checksum));
  return {
    state: isOther ? 'pending' : known.state,
    name: reporter.follows ?? '',
    description: isOther ? OTHER_CONTENT : hideSecrets(store, app.id, known.description),
    targetUrl: hideSecrets(store, app.id, known.targetUrl),
    imageUrl: '',
    reporter: reporter.id,
    reportedBy: reporter.name,
    checksum: null,
  };
}

/**
 * Writes down what is said of a check of a build that waits, and does what follows: a failure ends it for good; when
 * nothing is missing any more, it is queued, or released if there is nothing to build. Called within a change.
 */
export function takeReport(
  store: Store,
  app: AppRecord,
  build: BuildRecord,
  context: string,
  said: Said,
  at: string,
): Verdict {
  store.buildChecks.report({ build: build.id, context }, said, at);
  if (!isRefusal(said.state)) return letPass(store, app, build, at);
  const why = said.description === '' ? '' : `: ${said.description}`;
  const reason = `${context} is ${said.state}, says ${said.reportedBy}${why}`;
  store.builds.update(build.id, { status: 'failed', reason }, at);
  return 'refused';
}

/**
 * Makes the builds of an app that aren't released yet need the checks that are required now, such as that of a pipeline
 * which the app has just joined. A build that is queued, or being built, waits again. Called within a change.
 */
export function requireNewChecks(store: Store, app: AppRecord, at: string): void {
  for (const build of store.builds.of(app.id)) {
    if (build.status === 'queued' || build.status === 'pending') requireNewChecksOf(store, app, build, at);
  }
}

function requireNewChecksOf(store: Store, app: AppRecord, build: BuildRecord, at: string): void {
  const known = new Set(store.buildChecks.of(build.id).map(({ context }) => context));
  const missing = contextsFor(store, app, build.source).filter((context) => !known.has(context));
  if (missing.length === 0) return;
  if (build.status === 'queued') store.builds.update(build.id, { status: 'pending' }, at);
  requireChecks(store, app, build, missing, at);
}

/**
 * Lets a build go on if none of the checks that are required now is missing. Called within a change.
 */
export function letPass(store: Store, app: AppRecord, build: BuildRecord, at: string): Verdict {
  requireNewChecksOf(store, app, build, at);
  if (store.buildChecks.isMissingAny(build.id)) return 'waits';
  const slug = store.slugs.find(build.slug);
  if (slug === undefined) {
    store.builds.update(build.id, { status: 'queued' }, at);
    return 'queued';
  }
  if (isOutdated(store, app, build)) {
    const reason = 'other code was released meanwhile: set the command again';
    store.builds.update(build.id, { status: 'failed', reason }, at);
    return 'refused';
  }
  releaseBuild(store, app, build, slug, { at });
  return 'released';
}

/** Whether a build waits for its checks. */
export function isWaiting(store: Store, { id, status }: BuildRecord): boolean {
  return status === 'pending' && store.buildChecks.isMissingAny(id);
}

/**
 * Whether what somebody reports would be about a build of their own: they asked for it, or they know the secret that the
 * report is proved with, as whoever added the reporter does, or made the token that somebody reports by.
 */
export function isOwn(
  store: Store,
  build: BuildRecord,
  reporter: ReporterRecord,
  reportedBy = reporter.name,
): boolean {
  const authors = [build.user, build.source.author].flatMap((name) =>
    name === undefined ? [] : namesOfPerson(name.toLowerCase()),
  );
  const knowsSecret = reporter.kind === 'user' ? [] : [reporter.addedBy];
  return [reportedBy, reporter.name, reporter.user, ...knowsSecret].some(
    (name) => name !== null && store.tokens.behind(name).some((each) => authors.includes(each)),
  );
}
