import { randomUUID } from 'node:crypto';
import type { AppsApi } from '../../contract/apps-api.js';
import { apiOf } from '../../contract/endpoints.js';
import { AppsApiError, conflict, notFound } from '../../contract/errors.js';
import { logsOf } from '../../contract/streams.js';
import type { Reporter } from '../../contract/wire.js';
import { parseContext, parseReporterName, reporterNameFor } from '../../model/checks.js';
import { checkFreeText } from '../../model/free-text.js';
import { nearest } from '../../model/nearest.js';
import { RuleError } from '../../model/rule.js';
import type { ReporterRecord } from '../store/reporters.js';
import type { Store } from '../store/store.js';
import { appOf, subjectOf } from './apps.js';
import { aboutApp, change, type Draft } from './change.js';
import { pipelineOf } from './pipelines.js';
import { checkMayConfigure } from './policy.js';
import { reading } from './reads.js';
import { newSecret, secretDigest } from './secrets.js';
import type { Session } from './session.js';

/** So many reporters there may be. */
const REPORTERS_MAX = 1000;

/** Where the events of the webhook with this id go to. */
export function webhookPath<Id extends string>(id: Id): `/checks/${Id}/github` {
  return `/checks/${id}/github`;
}

/** Who may report of which check of builds. */
export function reportersService(session: Session): AppsApi['checks'] {
  const { store, caller } = session;
  return {
    async list({ context } = {}) {
      checkMayConfigure(caller, 'see who reports of checks');
      const wanted = context === undefined ? undefined : parseContext(context);
      return (wanted === undefined ? store.reporters.all() : store.reporters.of(wanted)).map(show);
    },

    async add({ context: given, kind, name: wished, follows, user }, options) {
      const input = { given, kind, wished, follows, user };
      const about = subjectOfContext(given);
      let secret: string | undefined;
      const added = change(session, { action: 'check.add', input, options, about }, (draft) => {
        checkMayConfigure(caller, 'decide who reports of checks');
        const context = parseContext(given);
        checkIsThere(session, context, draft);
        checkFits({ context, kind, follows, user });
        const name = parseReporterName(wished ?? reporterNameFor(context, kind));
        if (store.reporters.find(name) !== undefined) throw nameTaken(name);
        if (store.reporters.count() >= REPORTERS_MAX) throw tooMany();
        const reporter: ReporterRecord = {
          id: randomUUID(),
          name,
          context,
          kind,
          follows: follows ?? null,
          user: user ?? null,
          addedBy: caller.name,
          createdAt: draft.at,
        };
        secret = kind === 'user' ? undefined : newSecret();
        store.reporters.insert(
          reporter,
          secret === undefined ? {} : kind === 'token' ? { digest: secretDigest(secret) } : { secret },
        );
        draft.details = toldOf(reporter);
        return show(reporter);
      });
      // What is kept for a repeated request is an answer without it.
      if (kind === 'user') return added;
      if (secret === undefined) throw shownOnce(added.name);
      return { ...added, secret };
    },

    async remove({ reporter: key }) {
      return change(session, { action: 'check.remove', input: { key } }, (draft) => {
        // Also if it is refused: it stands with the app that the check is of.
        Object.assign(draft.about, subjectOfContext(store.reporters.find(key.toLowerCase())?.context ?? ''));
        checkMayConfigure(caller, 'decide who reports of checks');
        const reporter = reporterFor(store, key);
        const withdrawn = store.buildChecks.withdraw(reporter.id, draft.at);
        store.reporters.remove(reporter.id);
        draft.details = { ...toldOf(reporter), withdrawn };
        return show(reporter);
      });
    },
  };
}

/** The API of a reporter, who may report, hear who they are, and do nothing else; that they tried is recorded. */
export function reportsOnly(api: AppsApi, session: Session): AppsApi {
  const refuse =
    (name: string) =>
    async (input?: unknown): Promise<never> =>
      reading(session, name, named(input), () => {
        throw new AppsApiError({
          id: 'reports_only',
          status: 403,
          message: `${session.caller.name} may report of its check, and nothing else.`,
          hint: 'Use the token of somebody else for anything else.',
        });
      });
  const operations = apiOf((operation) =>
    operation.name === 'builds.report' || operation.name === 'account.get'
      ? operation.of(api)
      : refuse(operation.name),
  );
  const refuseUpload = refuse('sources.upload');
  return {
    ...operations,
    audits: { ...operations.audits, export: refuse('audits.export') },
    events: { read: refuse('events.read') },
    logs: logsOf(({ verb }) => refuse(`logs.${verb}`)),
    sources: { upload: () => refuseUpload() },
    close: () => api.close(),
  };
}

/** Which space or app some input names, if it does: nothing looked at its form before. */
function named(input: unknown): { readonly space?: string; readonly app?: string } {
  const { space, app } = (input ?? {}) as { readonly space?: unknown; readonly app?: unknown };
  return { ...(typeof space === 'string' && { space }), ...(typeof app === 'string' && { app }) };
}

function reporterFor(store: Store, key: string): ReporterRecord {
  const found = store.reporters.find(key.toLowerCase());
  if (found !== undefined) return found;
  const names = store.reporters.all().map(({ name }) => name);
  throw notFound('reporter', key, nearest(key, names), 'Every one of them: aka checks');
}

/** What nobody has can't be reported of, and a name that is written wrong would never be noticed. */
/** What a record of a check is about: the app, if it is one of an app. */
function subjectOfContext(context: string): { app?: string; space?: string } {
  const app = /^app\/(.+)$/i.exec(context)?.[1];
  return app === undefined ? {} : subjectOf(app.toLowerCase());
}

function checkIsThere(session: Session, context: string, draft: Draft): void {
  const [kind = '', name = ''] = /^([a-z]+)\/(.+)$/.exec(context)?.slice(1) ?? [];
  if (kind === 'app') {
    const app = appOf(session, name);
    aboutApp(draft, app);
  }
  if (kind === 'pipeline') pipelineOf(session, name);
}

function checkFits(wanted: {
  readonly context: string;
  readonly kind: ReporterRecord['kind'];
  readonly follows: string | undefined;
  readonly user: string | undefined;
}): void {
  const { context, kind, follows, user } = wanted;
  if (kind === 'webhook' && !context.startsWith('source/')) {
    throw new RuleError(
      'webhook_of_no_repository',
      'A webhook reports of a repository.',
      'Give its context: source/HOST/OWNER/NAME; for any other, add a token.',
    );
  }
  if (kind === 'webhook' && follows === undefined) {
    throw new RuleError(
      'check_not_named',
      'A repository has many checks, of which a webhook follows one.',
      'Name the one that stands for all of them.',
    );
  }
  if (kind !== 'webhook' && follows !== undefined) {
    throw new RuleError('no_webhook', 'Only a webhook follows a check of the repository.');
  }
  if ((kind === 'user') !== (user !== undefined)) {
    throw new RuleError(
      'user_not_named',
      'A user is named, and nothing else is.',
      'Give kind user with user.',
    );
  }
  for (const [what, text] of Object.entries({ follows, user })) checkFreeText(what, text ?? '');
}

function toldOf({ name, context, kind, follows, user }: ReporterRecord): Record<string, unknown> {
  return { name, context, kind, ...(follows !== null && { follows }), ...(user !== null && { user }) };
}

function nameTaken(name: string): AppsApiError {
  return conflict(
    'exists',
    `There is a reporter ${name} already.`,
    `Give this one another with --name NAME, or remove that one: aka checks:remove ${name}`,
  );
}

function shownOnce(name: string): AppsApiError {
  return conflict(
    'shown_once',
    `Reporter ${name} was added by an earlier request, and its secret is never shown again.`,
    `If it got lost: aka checks:remove ${name}, and add another one.`,
  );
}

function tooMany(): AppsApiError {
  return conflict(
    'too_many_reporters',
    `There are ${REPORTERS_MAX} reporters already, which is the most there may be.`,
    'Remove those that nobody needs: aka checks:remove NAME',
  );
}

function show(reporter: ReporterRecord): Reporter {
  const { id, name, context, kind, follows, user, addedBy, createdAt } = reporter;
  return {
    id,
    name,
    context,
    kind,
    follows,
    path: kind === 'webhook' ? webhookPath(id) : null,
    user,
    added_by: addedBy,
    created_at: createdAt,
  };
}
