import { type CheckState, checkTargetUrl, isRefusal, repositoryOf } from '../../model/checks.js';
import { type CommitEvent, supersedes } from '../../model/github-events.js';
import { RuleError } from '../../model/rule.js';
import type { ReporterRecord } from '../store/reporters.js';
import type { Store } from '../store/store.js';
import { appFor } from './apps.js';
import { isOwn, isWaiting, saidOf, takeReport } from './build-checks.js';
import { aboutApp, change } from './change.js';
import { redactedText } from './redaction.js';
import type { Session } from './session.js';

/** What came of an event: `taken`, or why nothing did. */
export interface Taken {
  readonly result: 'taken' | 'other_repository' | 'other_check' | 'seen_before';
  /** The builds whose check it was about. */
  readonly builds: number;
}

/**
 * Takes what a webhook says of a commit: it holds for builds that wait for it, and for those to come. An event of another
 * repository or check, or one that is older than what is known, changes nothing. `session` is on behalf of the webhook.
 */
export function takeCommitEvent(session: Session, reporter: ReporterRecord, event: CommitEvent): Taken {
  const { store, now } = session;
  if (!isOf(reporter, event)) return { result: 'other_repository', builds: 0 };
  if (event.check !== reporter.follows) return { result: 'other_check', builds: 0 };
  const { sha, state, at } = event;
  const description = redactedText(store, event.description);
  const commit = { sha, state, description, targetUrl: safeUrl(store, event.url), at };
  const isNews = store.db.transaction(() => {
    if (!supersedes(event, store.reporters.commit(reporter.id, sha))) return false;
    store.reporters.remember(reporter.id, commit, now().toISOString());
    return true;
  });
  // Whoever took it before may have ended before the builds were told.
  const held = isNews ? commit : (store.reporters.commit(reporter.id, sha) ?? commit);
  const waiting = store.buildChecks.waitingFor(reporter.context, sha);
  const told = waiting.filter((id) => tell(session, reporter, id, held, isNews));
  return { result: isNews ? 'taken' : 'seen_before', builds: told.length };
}

/**
 * Reports of one build; its record names the webhook. False if the build waits no more or may not be reported of, or if
 * this was said of it already: what is no news changes nothing that somebody else said since, either.
 */
function tell(
  session: Session,
  reporter: ReporterRecord,
  id: string,
  commit: {
    readonly sha: string;
    readonly state: CheckState;
    readonly description: string;
    readonly targetUrl: string;
  },
  isNews: boolean,
): boolean {
  const { store } = session;
  const { context } = reporter;
  const action = isRefusal(commit.state) ? 'build.refuse' : 'build.status';
  try {
    change(session, { action, input: {} }, (draft) => {
      const build = store.builds.byId(id);
      const check = store.buildChecks.find(id, context);
      if (build === undefined || check === undefined || check.overruledBy !== null) throw new NotWanted();
      // An approval of the content says more than one of the commit.
      if (check.checksum !== null && commit.state === 'success') throw new NotWanted();
      const isMine = check.reporter === reporter.id;
      if (isMine ? check.state === commit.state : !isNews && check.reporter !== null) throw new NotWanted();
      if (!isWaiting(store, build) || isOwn(store, build, reporter)) throw new NotWanted();
      const app = appFor(store, build.app);
      aboutApp(draft, app);
      const said = saidOf(store, app, build, commit, reporter);
      const verdict = takeReport(store, app, build, context, said, draft.at);
      const { sha } = commit;
      const { state } = said;
      draft.details = { build: build.number, context, state, sha, verdict };
    });
    return true;
  } catch (error) {
    if (error instanceof NotWanted) return false;
    throw error;
  }
}

class NotWanted extends Error {}

/** Whether an event is of the repository that a webhook was added for; GitHub knows no difference of case in its names. */
function isOf({ context }: ReporterRecord, { repo }: CommitEvent): boolean {
  try {
    return `source/${repositoryOf(repo)}`.toLowerCase() === context.toLowerCase();
  } catch (error) {
    if (error instanceof RuleError) return false;
    throw error;
  }
}

/** A link that is none is left out: what else the event says still holds. */
function safeUrl(store: Store, url: string): string {
  try {
    if (url !== '') checkTargetUrl(url);
    return redactedText(store, url);
  } catch (error) {
    if (error instanceof RuleError) return '';
    throw error;
  }
}
