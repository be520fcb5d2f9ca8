import { type CheckState, isFullCommit } from './checks.js';

/** What GitHub says about a commit. */
export interface CommitEvent {
  /** The address of the repository. */
  readonly repo: string;
  readonly sha: string;
  /**
   * Which of the checks of the repository this is: the context of a status, the name of a check run, or the app of a check
   * suite.
   */
  readonly check: string;
  readonly state: CheckState;
  readonly description: string;
  /** Empty if there is no page about it. */
  readonly url: string;
  /** When it became so, by GitHub's clock: of two events, the later one holds. */
  readonly at: string;
}

/** What counts as well of what check runs and suites can come to. */
const CONCLUSIONS: Readonly<Record<string, CheckState>> = {
  success: 'success',
  failure: 'failure',
  timed_out: 'failure',
  cancelled: 'failure',
  startup_failure: 'error',
  action_required: 'failure',
  stale: 'failure',
  // GitHub lets these pass for a required check. What did not run has shown nothing, so that here they do not.
  neutral: 'failure',
  skipped: 'failure',
};

const TEXT_MAX = 500;
const URL_MAX = 2048;

/**
 * Reads an event of GitHub's webhooks: `status`, `check_run` or `check_suite`. Answers undefined for any other, and for
 * one that says nothing about a commit. What is in it may be anything.
 */
export function commitEvent(kind: string, payload: unknown): CommitEvent | undefined {
  const event = members(payload);
  const repo = text(members(event.repository).clone_url) || text(members(event.repository).html_url);
  const said =
    kind === 'status'
      ? ofStatus(event)
      : kind === 'check_run'
        ? ofRun(members(event.check_run))
        : kind === 'check_suite'
          ? ofSuite(members(event.check_suite))
          : undefined;
  if (said === undefined || repo === '' || !isFullCommit(said.sha) || said.check === '') return undefined;
  const at = new Date(said.at);
  return Number.isNaN(at.getTime())
    ? undefined
    : { ...said, sha: said.sha.toLowerCase(), repo, at: at.toISOString() };
}

type Said = Omit<CommitEvent, 'repo'>;
type Members = Readonly<Record<string, unknown>>;

function ofStatus(event: Members): Said | undefined {
  const state = (['pending', 'success', 'failure', 'error'] as const).find((each) => each === event.state);
  return (
    state && {
      sha: text(event.sha),
      check: text(event.context),
      state,
      description: cut(event.description),
      url: text(event.target_url, URL_MAX),
      at: text(event.updated_at) || text(event.created_at),
    }
  );
}

function ofRun(run: Members): Said | undefined {
  const state = stateOf(run);
  return (
    state && {
      sha: text(run.head_sha),
      check: text(run.name),
      state,
      description: cut(members(run.output).title),
      url: text(run.html_url, URL_MAX),
      at: text(run.completed_at) || text(run.started_at),
    }
  );
}

function ofSuite(suite: Members): Said | undefined {
  const state = stateOf(suite);
  return (
    state && {
      sha: text(suite.head_sha),
      check: text(members(suite.app).slug),
      state,
      description: '',
      url: '',
      at: text(suite.updated_at),
    }
  );
}

/** A conclusion that nobody knows of yet is no success. */
function stateOf({ status, conclusion }: Members): CheckState | undefined {
  if (typeof status !== 'string') return undefined;
  if (status !== 'completed') return 'pending';
  return typeof conclusion === 'string' && Object.hasOwn(CONCLUSIONS, conclusion)
    ? CONCLUSIONS[conclusion]
    : 'error';
}

function members(value: unknown): Members {
  return typeof value === 'object' && value !== null ? (value as Members) : {};
}

function cut(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, TEXT_MAX) : '';
}

function text(value: unknown, max = TEXT_MAX): string {
  return typeof value === 'string' && value.length <= max ? value : '';
}

/**
 * Whether what is said of a check of a commit holds against what was said before. Events may come twice, in any order,
 * or be sent again by somebody who kept them: the later one holds and, of one second, the one that is further on or worse.
 */
export function supersedes(
  next: Pick<CommitEvent, 'at' | 'state'>,
  before: Pick<CommitEvent, 'at' | 'state'> | undefined,
): boolean {
  if (before === undefined || next.at > before.at) return true;
  return next.at === before.at && RANK[next.state] > RANK[before.state];
}

const RANK: Readonly<Record<CheckState, number>> = { pending: 0, success: 1, failure: 2, error: 3 };
