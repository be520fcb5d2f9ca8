import { setImmediate as turn } from 'node:timers/promises';
import type { AppsApi } from '../../contract/apps-api.js';
import { AppsApiError, conflict } from '../../contract/errors.js';
import type { Digest as WireDigest } from '../../contract/wire.js';
import type { ReadyMail } from '../../model/mail.js';
import { parseSince } from '../../model/since.js';
import type { ChainState } from '../audit/chain.js';
import type { Digest, Told } from '../audit/digest.js';
import { digestHtml } from '../audit/digest-html.js';
import { digestSubject, digestText } from '../audit/digest-text.js';
import { DAEMON } from '../caller.js';
import { messageIdOf } from '../mail/smtp.js';
import type { DigestMark } from '../store/digests.js';
import type { SpaceRecord } from '../store/spaces.js';
import type { Store } from '../store/store.js';
import { auditsService } from './audits.js';
import { change } from './change.js';
import { type DigestRange, digestOf } from './digest-message.js';
import { HOUR } from './digest-state.js';
import { mailNotSet, mailServer, postNow } from './mail.js';
import { deliver } from './outbox.js';
import { checkMayConfigure } from './policy.js';
import type { Session } from './session.js';
import { changeSpace, spaceOf } from './spaces.js';

/** How long is remembered what was sent, in milliseconds. */
const REMEMBERED = 400 * 24 * HOUR;

/** Digests of what happened in socs spaces: shown, and mailed when somebody asks. */
export function digestsService(session: Session, post = postNow): AppsApi['digests'] {
  const { store, caller } = session;
  return {
    async get({ space: key, since }) {
      spaceOf(session, key);
      const state = await stateOf(session);
      return store.db.snapshot(() => {
        const mark = markFor(store, spaceOf(session, key));
        return showDigest(digestOf(store, rangeOf(session, mark, state, since), caller.role === 'admin'));
      });
    },

    async send({ space: key, since }, options) {
      const state = await stateOf(session);
      const input = { key, since };
      const operation = { action: 'digest.send', input, options } as const;
      const messageId = changeSpace(session, key, operation, (draft, space) => {
        checkMayConfigure(caller, 'have digests mailed');
        const server = mailServer(store);
        if (server === undefined) throw mailNotSet();
        const mark = markFor(store, space);
        const range = rangeOf(session, mark, state, since);
        const id = put(store, range, server.settings, since === undefined ? mark : undefined);
        draft.details = detailsOf(range, id);
        return id;
      });
      await deliver(session, post, { messageId });
      return showDelivery(store, messageId);
    },
  };
}

/**
 * Makes the digests whose time has come and puts them into the outbox: one a space, over all that happened since the
 * one before, however long ago that was. Answers how many. While mail isn't set none is made, and nothing is lost.
 */
export async function makeDueDigests(session: Session): Promise<number> {
  const { store, now } = session;
  const server = mailServer(store);
  if (server === undefined) return 0;
  const period = server.settings.mail_period_hours * HOUR;
  const at = now().getTime();
  const due = store.digests.due(new Date(at - period).toISOString(), new Date(at + HOUR).toISOString());
  if (due.length === 0) return 0;
  const state = await stateOf(session);
  let made = 0;
  for (const mark of due) {
    if (makeOne(session, mark, state, server.settings)) made += 1;
    // They may be those of very many spaces, as when mail was just set.
    await turn();
  }
  store.digests.forget(new Date(at - REMEMBERED).toISOString());
  return made;
}

/** False if somebody else was quicker. */
function makeOne(session: Session, due: DigestMark, state: LogState, mail: ReadyMail): boolean {
  const { store } = session;
  const operation = { action: 'digest.send', input: {}, about: { space: due.space } } as const;
  try {
    change(session, operation, (draft) => {
      const mark = store.digests.mark(due.spaceId);
      if (mark?.after !== due.after) throw new MadeAlready();
      const range = rangeOf(session, mark, state);
      draft.details = detailsOf(range, put(store, range, mail, mark));
    });
    return true;
  } catch (error) {
    if (error instanceof MadeAlready) return false;
    throw error;
  }
}

class MadeAlready extends Error {}

interface LogState {
  readonly chain: ChainState;
  /** The number of the newest record, also where the chain is broken before it. */
  readonly last: number;
}

/** The looks at a log that are under way: whoever asks meanwhile has the same one, so that many cost no more than one. */
const looks = new WeakMap<Store, Promise<LogState>>();

/**
 * Follows the whole log, which takes a while with a long one, and lets others have their turn meanwhile. Whoever may have
 * a digest is told of the chain, though not of what is in it.
 */
function stateOf(session: Session): Promise<LogState> {
  const { store } = session;
  const underWay = looks.get(store);
  if (underWay !== undefined) return underWay;
  const look = lookAt(session).finally(() => looks.delete(store));
  looks.set(store, look);
  return look;
}

async function lookAt(session: Session): Promise<LogState> {
  const { records, head, broken } = await auditsService({ ...session, caller: DAEMON }).verify();
  if (broken === undefined) return { chain: { records, head }, last: records };
  const { seq, reason } = broken;
  return { chain: { records, head, broken: { seq, reason } }, last: session.store.audit.last()?.seq ?? 0 };
}

function rangeOf(
  { store, now }: Session,
  { spaceId, space, ...mark }: DigestMark,
  { chain, last }: LogState,
  wanted?: string,
): DigestRange {
  const at = now().toISOString();
  // A clock may have been set back: then a digest that tells what came after another begins no later than it ends.
  const begun = mark.since < at ? mark.since : at;
  const since = wanted === undefined ? begun : parseSince(wanted, now()).toISOString();
  if (wanted !== undefined && since > at) throw inFuture(since);
  const after = wanted === undefined ? mark.after : (store.audit.firstSince(since) ?? last + 1) - 1;
  return { spaceId, space, since, until: at, after, last: Math.max(after, last), chain };
}

/** Puts a digest into the outbox; with `mark`, the next one of its space tells what comes after. Answers its id. */
function put(store: Store, range: DigestRange, mail: ReadyMail, mark: DigestMark | undefined): string {
  const { spaceId, since, until, after, last } = range;
  const besides = mark === undefined ? [until] : [];
  const messageId = messageIdOf([store.meta.dataId, spaceId, since, String(after), ...besides], mail);
  store.digests.add({ ...range, messageId, nextAt: until });
  if (mark !== undefined) store.digests.advance(mark, until, last);
  return messageId;
}

function detailsOf({ since, until, after, last }: DigestRange, messageId: string) {
  return { message_id: messageId, since, until, after, last };
}

function markFor(store: Store, space: SpaceRecord): DigestMark {
  const mark = store.digests.mark(space.id);
  if (mark !== undefined) return mark;
  throw conflict(
    'not_socs',
    `Space ${space.name} is not socs, so it has no digests.`,
    `Its audit records: aka audits --space ${space.name}`,
  );
}

function inFuture(since: string): AppsApiError {
  return new AppsApiError({
    id: 'invalid_input',
    status: 422,
    message: `Nothing has happened yet since ${since}: that is still to come.`,
  });
}

function showDigest(digest: Digest): WireDigest {
  return {
    ...digest,
    chain: showChain(digest.chain),
    counts: digest.counts.map((each) => ({ ...each })),
    changes: showTold(digest.changes),
    refusals: showTold(digest.refusals),
    overruled: showTold(digest.overruled),
    subject: digestSubject(digest),
    text: digestText(digest),
    html: digestHtml(digest),
  };
}

function showTold({ entries, more }: Told): WireDigest['changes'] {
  return { entries: entries.map((each) => ({ ...each })), more };
}

function showChain({ broken, ...chain }: ChainState): WireDigest['chain'] {
  return broken === undefined ? chain : { ...chain, broken: { ...broken } };
}

function showDelivery(store: Store, messageId: string) {
  const digest = store.digests.find(messageId);
  if (digest === undefined) throw new Error(`Digest ${messageId} is not in the outbox.`);
  const { space, since, until, sentAt, reached, attempts, nextAt, answer } = digest;
  return {
    message_id: messageId,
    space,
    since,
    until,
    state: sentAt === null ? 'waiting' : 'sent',
    reached: reached.length,
    recipients: new Set([...store.settings.all().mail_to, ...reached]).size,
    attempts,
    next_at: sentAt === null ? nextAt : null,
    answer,
  };
}
