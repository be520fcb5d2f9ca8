import { isId, splitAppKey } from './names.js';
import { checkContext, parsePipelineName } from './pipelines.js';
import { Refusal, RuleError, shown } from './rule.js';

/** What may be reported of a check. */
export const CHECK_STATES = ['pending', 'success', 'failure', 'error'] as const;
export type CheckState = (typeof CHECK_STATES)[number];

/** Returns the state of something with several reports: the worst of them; success if there are none, as on Akkeris. */
export function worstState(reported: readonly { readonly state: CheckState }[]): CheckState {
  const states = reported.map(({ state }) => state);
  const worst = (['error', 'failure', 'pending'] as const).find((state) => states.includes(state));
  return worst ?? 'success';
}

/** Whether what was reported ends a build for good; states of other platforms are of their own kinds. */
export function isRefusal(state: string): boolean {
  return state === 'failure' || state === 'error';
}

/** Where upper and lower case name the same repository, as their operators say. */
const FOLDING_HOSTS: ReadonlySet<string> = new Set(['github.com', 'gitlab.com', 'bitbucket.org']);
const HOST = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
/** Longer than any that is in use, and short enough to be looked through at once. */
const ADDRESS_MAX = 500;
const WITH_SCHEME = /^(?:https?|ssh|git|git\+ssh):\/\/(?:[^@:/\s]*@)?([^@:/\s]+)(?::\d+)?\/(.+)$/i;

/**
 * The one name of a repository, `host/path`, whichever way its address is written: for ssh, https or git, with or
 * without user, port, `.git` and slashes at the end. Its own name is such an address, too.
 *
 * Throws a {@link RuleError} for what is no address that others could use, or has a password in it.
 */
export function repositoryOf(address: string): string {
  if (address.length > ADDRESS_MAX) throw noRepository(address);
  const { host, path } = placeOf(address.trim());
  const folded = host.toLowerCase();
  const segments = path
    .replace(/^\/+/, '')
    .replace(/(?:\.git|\/)+$/i, '')
    .split('/');
  const isPath = segments.every((segment) => /^[A-Za-z0-9._+-]+$/.test(segment) && !/^\.+$/.test(segment));
  if (!HOST.test(folded) || !isPath) throw noRepository(address);
  const name = `${folded}/${segments.join('/')}`;
  return FOLDING_HOSTS.has(folded) ? name.toLowerCase() : name;
}

function placeOf(address: string): { host: string; path: string } {
  // What stands before an @ is a user, or holds a password: SCHEME://USER@HOST:PORT/PATH, or USER@HOST:PATH.
  if (/^(?:[a-z+]+:\/\/)?[^/\s]*:[^/\s]*@/i.test(address)) throw secretInside();
  const [, host = '', path = ''] =
    WITH_SCHEME.exec(address) ??
    /^(?:[^@:/\s]+@)?([^@:/\s]+):(?!\/\/)(.+)$/.exec(address) ??
    /^([^@:/\s]+\.[^@:/\s]+)\/(.+)$/.exec(address) ??
    [];
  return { host, path };
}

function noRepository(address: string): RuleError {
  return new RuleError(
    'invalid_repository',
    `${shown(address.slice(0, ADDRESS_MAX).replace(/\/\/[^/@]*@/, '//'), 200) || 'An empty word'} is not the address of a repository that others could use.`,
    'It reads https://HOST/OWNER/NAME or git@HOST:OWNER/NAME, without a password.',
  );
}

function secretInside(): RuleError {
  return new RuleError(
    'secret_in_address',
    'The address of the repository holds a password, which would be kept with the build.',
    'Leave it out: https://HOST/OWNER/NAME',
  );
}

/** What a build of an app has to pass before it is built, where checks are required. */
export interface Gate {
  /** The address of its source control repository, and the commit in full. */
  readonly repo?: string | undefined;
  readonly sha?: string | undefined;
  /** `app-space`. */
  readonly app: string;
  /** The names of the pipelines that it is in. */
  readonly pipelines: readonly string[];
}

/**
 * The contexts that a build needs: one of its repository, one of its app, and one of each pipeline. Throws a
 * {@link Refusal} if the build does not say which commit of which repository it is, and a {@link RuleError} if what it
 * says is neither.
 */
export function requiredContexts({ repo = '', sha = '', app, pipelines }: Gate): string[] {
  if (repo === '' || sha === '') throw unnamedSource(repo === '' ? 'repository' : 'commit');
  if (!isFullCommit(sha)) {
    throw new Refusal(
      'commit_not_whole',
      `${shown(sha)} is only a part of a commit's name, which others may have, too.`,
      'Give all of it, as git prints it: git rev-parse HEAD',
    );
  }
  const contexts = [
    `source/${repositoryOf(repo)}`,
    `app/${app}`,
    ...pipelines.map((name) => `pipeline/${name}`),
  ];
  for (const context of contexts) checkContext(context);
  return contexts;
}

/** Whether this is the whole name of a commit: of SHA-1 or SHA-256. */
export function isFullCommit(sha: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i.test(sha);
}

function unnamedSource(what: string): Refusal {
  return new Refusal(
    'source_not_named',
    `In a socs space a build names its repository and its commit, and this one names no ${what}.`,
    'Deploy from a git checkout without changes whose remote is origin, or say: --repo URL --sha COMMIT',
  );
}

/**
 * Parses the context of a check as somebody types it: `source/` with the address of a repository, `app/` with
 * `app-space`, or `pipeline/` with a name. Answers it as builds need it. Throws a {@link RuleError} for any other.
 */
export function parseContext(input: string): string {
  const [, kind = '', rest = ''] = /^([a-z]+)\/(.+)$/i.exec(input.trim()) ?? [];
  const context = contextOf(kind.toLowerCase(), rest);
  if (context === undefined) {
    throw new RuleError(
      'invalid_context',
      `${shown(input) || 'An empty word'} is not the context of a check.`,
      'It is source/HOST/OWNER/NAME for a repository, app/APP-SPACE, or pipeline/NAME.',
    );
  }
  checkContext(context);
  return context;
}

function contextOf(kind: string, rest: string): string | undefined {
  if (kind === 'source') return `source/${repositoryOf(rest)}`;
  if (kind === 'pipeline') return `pipeline/${parsePipelineName(rest)}`;
  const isKey = !isId(rest) && splitAppKey(rest) !== undefined;
  return kind === 'app' && isKey ? `app/${rest.toLowerCase()}` : undefined;
}

/** The name of a reporter, lower-cased: 2 to 40 letters, digits and single dashes. Throws a {@link RuleError}. */
export function parseReporterName(input: string): string {
  const name = input.toLowerCase();
  if (/^[a-z0-9](?:-?[a-z0-9])+$/.test(name) && name.length <= 40) return name;
  throw new RuleError(
    'invalid_reporter_name',
    `${shown(input) || 'An empty word'} is not a name for a reporter.`,
    'It has 2 to 40 letters, digits and single dashes.',
  );
}

/** A name for the reporter of a check for which none is given. */
export function reporterNameFor(context: string, kind: string): string {
  const last = context.slice(context.lastIndexOf('/') + 1);
  const folded = `${last}-${kind}`.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return folded.replace(/^-+/, '').slice(-40).replace(/^-+/, '');
}

/** Throws a {@link RuleError} if a link with more about a check is none that a browser should follow. */
export function checkTargetUrl(url: string): void {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  const isWeb = address?.protocol === 'https:' || address?.protocol === 'http:';
  if (isWeb && address.username === '' && address.password === '') return;
  throw new RuleError(
    'invalid_target_url',
    'A target URL begins with https:// or http://, and holds no user or password.',
    'Leave it out, or give the address of a page about the check.',
  );
}

/** The reason for overruling a check. Throws a {@link RuleError} if it says nothing. */
export function parseReason(input: string): string {
  const reason = input.trim();
  if (reason.length >= 3) return reason;
  throw new RuleError(
    'reason_missing',
    'A check is overruled for a reason, which stands in the audit log.',
    'Give it: --reason "what makes it right this time"',
  );
}
