import type { AppsApi } from '../../contract/apps-api.js';
import { AppsApiError, conflict, notFound } from '../../contract/errors.js';
import type { BuildCheck } from '../../contract/wire.js';
import { checkTargetUrl, isRefusal, parseReason } from '../../model/checks.js';
import { checkFreeText } from '../../model/free-text.js';
import { appKey } from '../../model/names.js';
import { shown } from '../../model/rule.js';
import type { AppRecord } from '../store/apps.js';
import { type BuildCheck as CheckRecord, isPassed, type Said } from '../store/build-checks.js';
import type { BuildRecord } from '../store/builds.js';
import type { ReporterRecord } from '../store/reporters.js';
import type { Store } from '../store/store.js';
import { appFor, appOf, changeApp, subjectOf } from './apps.js';
import { isOwn, isWaiting, letPass, takeReport } from './build-checks.js';
import { buildFor } from './build-of-app.js';
import { aboutApp, change } from './change.js';
import { showCheck, showChecks } from './check-view.js';
import { checkMayConfigure } from './policy.js';
import { hideSecrets } from './redaction.js';
import { secretDigest } from './secrets.js';
import type { Session } from './session.js';

/** The statuses of builds: what they need, what is reported of it, and what an administrator overrules. */
export function statusesService(
  session: Session,
): Pick<AppsApi['builds'], 'statuses' | 'report' | 'overrule'> {
  const { store, caller } = session;
  return {
    statuses: async ({ app: key, build: which }) =>
      store.db.snapshot(() => {
        const app = appOf(session, key);
        const build = buildFor(store, app, which);
        const statuses = showChecks(store, build);
        return { build: { id: build.id }, state: stateOf(statuses), statuses };
      }),

    async report({ app: key, build: which, token, ...report }, options) {
      const { context, state } = report;
      const action = isRefusal(state) ? 'build.refuse' : 'build.status';
      const input = { key, which, ...report, token: token && secretDigest(token).toString('hex') };
      const about = subjectOf(key);
      try {
        return change(session, { action, input, about, options }, (draft) => {
          const { app, build, check } = reportedOn(session, key, which, context);
          aboutApp(draft, app);
          const reporter = reporterOf(session, token, context);
          if (isOwn(store, build, reporter, caller.name)) throw ownBuild(caller.name, app, build);
          const said = saidBy(session, app, reporter, report);
          if (said.checksum !== null && said.checksum !== build.source.checksum)
            throw otherContent(app, build, said.checksum);
          if (isSaid(check, said)) throw new SaidAlready(showCheck(store, build, check));
          checkIsOpen(store, app, build, check);
          const verdict = takeReport(store, app, build, context, said, draft.at);
          draft.details = {
            build: build.number,
            context,
            state,
            verdict,
            ...(said.checksum !== null && { checksum: said.checksum }),
            ...(said.description !== '' && { description: said.description }),
            ...(reporter.name !== caller.name && { reporter: reporter.name }),
          };
          return shownNow(store, app, build, context);
        });
      } catch (error) {
        if (error instanceof SaidAlready) return error.check;
        throw error;
      }
    },

    async overrule({ app: key, build: which, context, reason: given }, options) {
      const input = { key, which, context, given };
      return changeApp(session, key, { action: 'build.overrule', input, options }, (draft, app) => {
        checkMayConfigure(caller, 'overrule checks');
        checkFreeText('reason', given);
        const reason = hideSecrets(store, app.id, parseReason(given));
        const build = buildFor(store, app, which);
        const check = checkOf(store, app, build, context);
        checkIsOpen(store, app, build, check);
        if (isPassed(check)) throw passedAlready(app, build, context);
        store.buildChecks.overrule(check, caller.name, reason, draft.at);
        const verdict = letPass(store, app, build, draft.at);
        draft.details = { build: build.number, context, reason, verdict };
        return shownNow(store, app, build, context);
      });
    },
  };
}

/** What is said again: nothing changes, so nothing is recorded. */
class SaidAlready extends Error {
  constructor(readonly check: BuildCheck) {
    super();
  }
}

/** The check that is reported of. A reporter hears of nothing but the builds that need it. */
function reportedOn(
  session: Session,
  key: string,
  which: string,
  context: string,
): { app: AppRecord; build: BuildRecord; check: CheckRecord } {
  const { store, caller } = session;
  if (caller.role !== 'reporter') {
    const app = appOf(session, key);
    const build = buildFor(store, app, which);
    return { app, build, check: checkOf(store, app, build, context) };
  }
  try {
    const app = appFor(store, key);
    const build = buildFor(store, app, which);
    const mine = store.reporters.find(caller.reporter ?? '')?.context === context;
    const check = mine ? store.buildChecks.find(build.id, context) : undefined;
    if (check !== undefined) return { app, build, check };
  } catch (error) {
    if (!(error instanceof AppsApiError)) throw error;
  }
  throw notYours(
    `${caller.name} may report of no ${shown(context)} of a build ${shown(which)} of ${shown(key)}.`,
  );
}

/** Who reports: by the token in hand, by that of the call, or as a user who was registered. */
function reporterOf({ store, caller }: Session, token: string | undefined, context: string): ReporterRecord {
  const found =
    token !== undefined
      ? store.reporters.byDigest(secretDigest(token))
      : caller.role === 'reporter'
        ? store.reporters.find(caller.reporter ?? '')
        : store.reporters.of(context).find(({ user }) => user?.toLowerCase() === caller.name.toLowerCase());
  if (found?.context === context) return found;
  throw notYours(
    token === undefined
      ? `${caller.name} was not registered to report of ${shown(context)}.`
      : `That token is not for reports of ${shown(context)}.`,
  );
}

function saidBy(
  { store, caller }: Session,
  app: AppRecord,
  reporter: ReporterRecord,
  report: {
    readonly state: Said['state'];
    readonly name?: string | undefined;
    readonly description?: string | undefined;
    readonly target_url?: string | null | undefined;
    readonly image_url?: string | null | undefined;
    readonly checksum?: string | undefined;
  },
): Said {
  const { state, name = '', description = '', target_url: targetUrl, image_url: imageUrl } = report;
  for (const [what, text] of Object.entries({ name, description })) checkFreeText(what, text);
  for (const url of [targetUrl, imageUrl]) if (url) checkTargetUrl(url);
  // A scanner may well quote what it found.
  const hidden = (text: string): string => hideSecrets(store, app.id, text);
  return {
    state,
    name: hidden(name),
    description: hidden(description),
    targetUrl: hidden(targetUrl ?? ''),
    imageUrl: hidden(imageUrl ?? ''),
    reporter: reporter.id,
    reportedBy: reporter.kind === 'user' ? caller.name : reporter.name,
    checksum: report.checksum?.toLowerCase() ?? null,
  };
}

function isSaid(check: CheckRecord, said: Said): boolean {
  return Object.entries(said).every(([member, value]) => check[member as keyof Said] === value);
}

function checkIsOpen(store: Store, app: AppRecord, build: BuildRecord, check: CheckRecord): void {
  const key = appKey(app.name, app.space);
  if (!isWaiting(store, build)) {
    const why =
      build.status === 'failed'
        ? `has failed: ${build.reason ?? ''}`
        : `is ${build.status === 'succeeded' ? 'built' : build.status}`;
    throw conflict(
      'not_waiting',
      `Build ${build.number} of ${key} waits for no checks: it ${why.replace(/\.+$/, '')}.`,
      build.status === 'failed' ? `Build it anew: aka deploy -a ${key}` : undefined,
    );
  }
  if (check.overruledBy === null) return;
  throw conflict(
    'overruled',
    `${check.context} of build ${build.number} of ${key} was overruled by ${check.overruledBy}.`,
    `See what else is missing: aka builds:info ${build.number} -a ${key}`,
  );
}

function checkOf(store: Store, app: AppRecord, build: BuildRecord, context: string): CheckRecord {
  const found = store.buildChecks.find(build.id, context);
  if (found !== undefined) return found;
  const contexts = store.buildChecks.of(build.id).map((check) => check.context);
  const needs = contexts.length === 0 ? 'no checks' : contexts.join(', ');
  throw notFound(
    'check',
    context,
    undefined,
    `Build ${build.number} of ${appKey(app.name, app.space)} needs ${needs}.`,
  );
}

function shownNow(store: Store, app: AppRecord, { id }: BuildRecord, context: string): BuildCheck {
  const build = buildFor(store, app, id);
  return showCheck(store, build, checkOf(store, app, build, context));
}

/** Of all of them: well, the worst that was reported, or not known yet. */
function stateOf(checks: readonly BuildCheck[]): string {
  const bad = checks.find(({ state, passed }) => !passed && isRefusal(state));
  return bad?.state ?? (checks.every(({ passed }) => passed) ? 'success' : 'pending');
}

function notYours(message: string): AppsApiError {
  return new AppsApiError({
    id: 'not_your_check',
    status: 403,
    message,
    hint: 'An administrator registers who reports of a check: aka checks:add CONTEXT',
  });
}

function ownBuild(name: string, app: AppRecord, build: BuildRecord): AppsApiError {
  return new AppsApiError({
    id: 'own_build',
    status: 403,
    message: `Nobody approves their own build: build ${build.number} of ${appKey(app.name, app.space)} is by ${build.source.author ?? build.user}, and what ${name} reports with is theirs.`,
    hint: 'Somebody else has to report, through what somebody else added; an administrator can overrule the check with a reason: aka builds:overrule',
  });
}

function otherContent(app: AppRecord, { number, source }: BuildRecord, checksum: string): AppsApiError {
  return conflict(
    'other_content',
    `Build ${number} of ${appKey(app.name, app.space)} is of ${source.checksum}, and the report is about ${checksum}.`,
    'Look at what was uploaded for this build before you report of it.',
  );
}

function passedAlready(app: AppRecord, { number }: BuildRecord, context: string): AppsApiError {
  return conflict(
    'passed_already',
    `${context} of build ${number} of ${appKey(app.name, app.space)} has passed, so there is nothing to overrule.`,
  );
}
