import { createHash } from 'node:crypto';
import type { CallOptions } from '../../contract/apps-api.js';
import { AppsApiError, type ErrorFacts, ruleBroken } from '../../contract/errors.js';
import { checkIdempotencyKey } from '../../model/idempotency.js';
import { isId } from '../../model/names.js';
import { Refusal } from '../../model/rule.js';
import type { AuditAction } from '../audit/chain.js';
import type { AppRecord } from '../store/apps.js';
import { keepHead } from '../store/kept-head.js';
import type { Store } from '../store/store.js';
import { tellHooks } from './hook-news.js';
import { redactedText } from './redaction.js';
import { countRefusal } from './refusal-limit.js';
import type { Session } from './session.js';

/** What a change is about. Space and app are filled in as they become known, so that a refusal names them too. */
interface Subject {
  space?: string;
  app?: string;
}

/** Where a change says what it did, for its audit record. */
export interface Draft {
  readonly about: Subject;
  /** What changed; sensitive values redacted already. */
  details: Record<string, unknown>;
  /** What else it changed, for a record each after its own: who reads those of another space must find it there. */
  readonly also: { readonly about: Subject; readonly details: Record<string, unknown> }[];
  /** What hooks are told besides what its records say. */
  news: Readonly<Record<string, unknown>>;
  /** When, for everything that the change writes: never before the change before it, whatever the clock says. */
  readonly at: string;
  /** What the clock says. */
  readonly now: string;
}

/** Says which app a change is about. */
export function aboutApp(draft: Draft, { name: app, space }: Pick<AppRecord, 'name' | 'space'>): void {
  Object.assign(draft.about, { app, space });
}

/** What is to be changed, for its record and for knowing it again under an idempotency key. */
export interface Operation {
  readonly action: AuditAction;
  readonly input: unknown;
  readonly about?: Subject;
  readonly options?: CallOptions | undefined;
  /** What its record says besides, also if it is refused. */
  readonly told?: Readonly<Record<string, unknown>>;
}

type Outcome<R> = { readonly done: R } | { readonly refused: ErrorFacts };

/**
 * The one way to change anything. `work` and its audit record are one transaction: both happen or neither. If the
 * work is refused, the refusal is recorded and thrown on; if it can't be, it says so and is a refusal all the same.
 * With an idempotency key the answer, either way, is kept in the same transaction and given again to the same question.
 */
export function change<R>(session: Session, operation: Operation, work: (draft: Draft) => R): R {
  const { store, caller } = session;
  const given = operation.options?.idempotencyKey;
  const key = given === undefined ? undefined : checkIdempotencyKey(given);
  const draft = {
    about: { ...operation.about },
    details: {},
    also: [],
    news: {},
    at: '',
    now: '',
  } satisfies Draft;
  const fingerprint = key === undefined ? '' : fingerprintOf(operation);

  const record = (
    outcome: 'done' | 'refused',
    details: Record<string, unknown>,
    about: Subject = draft.about,
  ): void => {
    const { space, app } = byName(store, about);
    store.audit.append(store.meta.dataId, {
      at: draft.at,
      action: operation.action,
      outcome,
      username: caller.name,
      role: caller.role,
      origin: caller.origin,
      space: nameOf(store, space),
      app: nameOf(store, app),
      details: { ...operation.told, ...details },
    });
  };
  /** Within the transaction: the change that waited for it longest is not the oldest one. */
  const begin = (): Outcome<R> | undefined => {
    const now = session.now();
    draft.now = now.toISOString();
    draft.at = store.audit.notBefore(now);
    const answer = key === undefined ? undefined : store.answers.find(caller.name, key, now);
    if (answer === undefined) return undefined;
    if (answer.fingerprint !== fingerprint) throw keyReused();
    return answer.outcome as Outcome<R>;
  };
  const keep = (outcome: Outcome<R>): Outcome<R> => {
    if (key !== undefined)
      store.answers.keep(caller.name, key, { fingerprint, outcome }, new Date(draft.now));
    return outcome;
  };

  let outcome: Outcome<R>;
  try {
    outcome = store.db.transaction(() => {
      const before = begin();
      if (before !== undefined) return before;
      const done = work(draft);
      for (const { about, details } of [draft, ...draft.also]) {
        tellHooks(store, {
          about,
          details,
          news: draft.news,
          action: operation.action,
          at: draft.at,
          now: draft.now,
        });
        record('done', details, about);
      }
      return keep({ done });
    });
  } catch (error) {
    const refused = refusal(error);
    if (refused === undefined) throw error;
    const unrecorded = countRefusal(session);
    try {
      outcome = store.db.transaction(() => {
        const before = begin();
        if (before !== undefined) return before;
        record('refused', {
          id: refused.id,
          reason: redactedText(store, refused.message),
          ...(unrecorded > 0 && { unrecorded }),
        });
        return keep({ refused });
      });
    } catch (failure) {
      throw notRecorded(refused, failure);
    }
  }
  keepHead(store.db, store.folders);
  if ('refused' in outcome) throw new AppsApiError(outcome.refused);
  return outcome.done;
}

/**
 * What the log calls a refusal: a policy, or what is there, stands against it. Input that could never be right (422)
 * is not recorded, or nonsense would drown the log; and of a failure nothing is known to be true.
 */
function refusal(error: unknown): ErrorFacts | undefined {
  const answer = error instanceof Refusal ? ruleBroken(error) : error;
  if (!(answer instanceof AppsApiError) || answer.status >= 500 || answer.status === 422) return undefined;
  const { id, status, message, hint, details } = answer;
  return { id, status, message, hint, details };
}

/** By names what was given by ids: also a refusal that came before they were looked up belongs to its space. */
function byName(store: Store, about: Subject): Subject {
  const app =
    about.app !== undefined && isId(about.app) ? store.apps.byId(about.app.toLowerCase()) : undefined;
  if (app !== undefined) return { app: app.name, space: app.space };
  const { space } = about;
  if (space === undefined || !isId(space)) return about;
  return { ...about, space: store.spaces.find(space.toLowerCase())?.name ?? space };
}

/** A refusal of which the record could not be written, as on a full disk: nothing happened, and both reasons are said. */
function notRecorded(refused: ErrorFacts, failure: unknown): unknown {
  if (!(failure instanceof AppsApiError) || failure.status < 500) return failure;
  const message = `${refused.message} That could not be recorded: ${failure.message}`;
  return new AppsApiError({ ...refused, message, hint: failure.hint }, { cause: failure });
}

/** Names and ids are recorded. What was refused may be neither, but a secret in the wrong place: that is left out. */
function nameOf(store: Store, subject: string | undefined): string | null {
  const isName = subject !== undefined && /^(?:[a-z][a-z0-9-]{0,62}|[0-9a-f-]{36})$/i.test(subject);
  return isName && redactedText(store, subject) === subject ? subject : null;
}

function keyReused(): AppsApiError {
  return new AppsApiError({
    id: 'idempotency_key_reused',
    status: 422,
    message: 'This idempotency key was used for another request.',
    hint: 'Use a new key for a new request, and the same one only to repeat a request unchanged.',
  });
}

/** Tells requests apart whatever the order of their members. */
function fingerprintOf(operation: { action: AuditAction; input: unknown }): string {
  const sorted = JSON.stringify(operation.input, (_, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return createHash('sha256').update(`${operation.action}\n${sorted}`).digest('hex');
}
