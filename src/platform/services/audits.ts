import { setImmediate as turn } from 'node:timers/promises';
import type { AppsApi, AuditLines } from '../../contract/apps-api.js';
import { AppsApiError } from '../../contract/errors.js';
import type { AuditEvent } from '../../contract/wire.js';
import { splitAppKey } from '../../model/names.js';
import { parseSince } from '../../model/since.js';
import { Chain, type ChainLink, genesis } from '../audit/chain.js';
import { exportedLink, foundAt } from '../audit/exported.js';
import { membersOf, spaceIn, textOrNull } from '../audit/readable.js';
import { headFault } from '../store/kept-head.js';
import { checkMayConfigure, checkMayUse } from './policy.js';
import type { Session } from './session.js';
import { spaceFor } from './spaces.js';

/** Before every record, also one whose number was tampered with. */
const START = -Number.MAX_VALUE;

/** As many as the Akkeris API answers when not told. */
const DEFAULT_SIZE = 10;

/** So many records are read at once where all of them are, so that others have their turn in between. */
const PAGE = 1000;

/** The audit log: what was changed or refused, by whom, and whether the log is whole. */
export function auditsService(session: Session): AppsApi['audits'] {
  const { store, caller, now } = session;
  const startOf = (since: string | undefined): string | undefined =>
    since === undefined ? undefined : parseSince(since, now()).toISOString();
  return {
    async list({ app, space, user, since, size = DEFAULT_SIZE } = {}) {
      const split = app === undefined ? undefined : splitAppKey(app);
      const about = space ?? split?.space;
      if (about !== undefined) checkMayUse(caller, about);
      const selection = {
        app: split?.app ?? app,
        space: about,
        user,
        since: startOf(since),
        among: caller.spaces,
      };
      return store.db.snapshot(() => store.audit.newest(selection, size).map(showRecord));
    },

    async verify({ against } = {}) {
      checkMayConfigure(caller, 'check the whole audit log');
      const chain = new Chain(genesis(store.meta.dataId));
      let found = chain.head === against ? 0 : undefined;
      let reason: string | undefined;
      for await (const page of pagesFrom(session, START)) {
        for (const each of page) {
          reason = chain.take(each);
          if (reason !== undefined) break;
          if (each.hash === against) found = each.seq;
        }
        if (reason !== undefined) break;
      }
      // The making of the platform is always there.
      if (chain.records === 0) reason ??= 'record 1 is missing';
      const broken =
        reason === undefined ? headFault(store.db, store.folders) : { seq: chain.records + 1, reason };
      return {
        ok: broken === undefined && (against === undefined || found !== undefined),
        records: chain.records,
        head: chain.head,
        ...(against !== undefined && { against: foundAt(against, found) }),
        ...(broken !== undefined && { broken }),
      };
    },

    async export({ space, since } = {}, signal) {
      const start = startOf(since);
      return store.db.snapshot(() => {
        if (space === undefined) checkMayConfigure(caller, 'export the records of every space');
        const told = space === undefined ? undefined : spaceOnceNamed(session, space);
        const first = start === undefined ? 1 : store.audit.firstSince(start);
        return first === undefined ? nothing() : exportFrom(session, first, told, signal);
      });
    },
  };
}

async function* exportFrom(
  session: Session,
  first: number,
  space: string | undefined,
  signal: AbortSignal | undefined,
): AuditLines {
  const [previous] = session.store.audit.page(first - 2, 1);
  let before = first > 1 && previous !== undefined ? previous.hash : genesis(session.store.meta.dataId);
  for await (const page of pagesFrom(session, first - 1)) {
    for (const each of page) {
      if (signal?.aborted === true) return;
      yield exportedLink(before, each, space === undefined || spaceIn(each) === space);
      before = each.hash;
    }
  }
}

async function* nothing(): AuditLines {}

/**
 * The records after a number that there are now, page by page; only ever more are added meanwhile. Throws an AppsApiError
 * (503) if a backup takes their place.
 */
async function* pagesFrom({ store }: Session, after: number): AsyncGenerator<ChainLink[]> {
  const { dataId } = store.meta;
  const until = store.audit.last()?.seq ?? 0;
  for (let seq = after; seq < until; ) {
    const page = store.db.snapshot(() => {
      if (store.meta.dataId !== dataId) throw replaced();
      return store.audit.page(seq, Math.min(PAGE, until - seq));
    });
    if (page.length === 0) return;
    yield page;
    seq = page.at(-1)?.seq ?? until;
    await turn();
  }
}

/** The name of a space that is there, or of which there are records. Throws an AppsApiError (403, 404). */
function spaceOnceNamed({ store, caller }: Session, key: string): string {
  const name = store.spaces.find(key.toLowerCase())?.name ?? key.toLowerCase();
  checkMayUse(caller, name);
  return store.audit.knows(name) ? name : spaceFor(store, key).name;
}

function showRecord(link: ChainLink): AuditEvent {
  const { action, app, space, username, at, outcome } = membersOf(link);
  return {
    action: textOrNull(action) ?? 'unreadable',
    app: textOrNull(app),
    space: textOrNull(space),
    username: textOrNull(username),
    received_at: textOrNull(at) ?? '',
    info: link.record,
    seq: link.seq,
    hash: link.hash,
    outcome: outcome === 'refused' ? 'refused' : 'done',
  };
}

/** What whoever reads the log is answered when it is another one all at once. */
export function replaced(): AppsApiError {
  return new AppsApiError({
    id: 'data_replaced',
    status: 503,
    message: 'A backup took the place of the audit log while it was read.',
    hint: 'Ask again.',
  });
}
