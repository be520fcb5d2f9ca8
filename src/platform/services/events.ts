import { setImmediate as turn } from 'node:timers/promises';
import type { AppsApi, PlatformEvents } from '../../contract/apps-api.js';
import { AppsApiError } from '../../contract/errors.js';
import type { PlatformEvent } from '../../contract/wire.js';
import { tokenOf } from '../../model/person-names.js';
import { membersOf, textOrNull } from '../audit/readable.js';
import type { Store } from '../store/store.js';
import { replaced } from './audits.js';
import { changeFeed } from './change-feed.js';
import { mayUse } from './policy.js';
import type { Session } from './session.js';

/** How many streams of events a token, or a user of this machine, may have open at once. */
export const STREAMS_MAX = 16;
/** How many records are read at once. */
const PAGE = 200;

const OPEN = new WeakMap<Store, Map<string, number>>();

/** Changes as they are made: what the audit log has of those that were done, without what they changed. */
export function eventsService(session: Session): AppsApi['events'] {
  const { store } = session;
  return {
    async read({ since, follow = true } = {}, signal = new AbortController().signal) {
      checkNotTooMany(session);
      const last = store.audit.number();
      // A number that is not there yet was that of data which a backup has replaced.
      const after = Math.min(since ?? last, last);
      return counted(session, eventsAfter(session, { after, last, follow, signal }));
    },
  };
}

interface Wanted {
  readonly after: number;
  /** The number of the last change there was. */
  readonly last: number;
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

async function* eventsAfter(
  session: Session,
  { after, last, follow, signal }: Wanted,
): PlatformEvents & AsyncGenerator<PlatformEvent> {
  const { store } = session;
  const { dataId } = store.meta;
  const feed = changeFeed(store);
  let caller = session.caller;
  yield { event: 'hello', seq: after };
  for (let seq = after; !signal.aborted; ) {
    const page = store.db.snapshot(() => {
      if (store.meta.dataId !== dataId || store.audit.number() < seq) throw replaced();
      return store.audit.page(seq, PAGE);
    });
    for (const link of page) {
      if (signal.aborted || (!follow && link.seq > last)) return;
      seq = link.seq;
      const { action, outcome, space, app, at } = membersOf(link);
      const [about, name] = [textOrNull(space), textOrNull(action)];
      if (
        outcome !== 'done' ||
        name === null ||
        !(about === null ? caller.spaces === undefined : mayUse(caller, about))
      )
        continue;
      yield {
        event: 'change',
        seq,
        action: name,
        space: about,
        app: textOrNull(app),
        at: textOrNull(at) ?? '',
      };
      // The next space of that name is not the one that they were given.
      if (name === 'space.destroy' && seq > last && caller.spaces !== undefined)
        caller = { ...caller, spaces: caller.spaces.filter((each) => each !== about) };
    }
    // Between pages others have their turn.
    if (page.length > 0) await turn();
    else if (!follow) return;
    else await feed.next(seq, signal);
  }
}

/** Counts a stream from when somebody begins to read it until they stop. */
async function* counted(session: Session, events: PlatformEvents): AsyncGenerator<PlatformEvent> {
  // Again: others may have begun since the answer did.
  checkNotTooMany(session);
  const { open, key, count } = streamsOf(session);
  open.set(key, count + 1);
  try {
    yield* events;
  } finally {
    const left = streamsOf(session).count - 1;
    if (left > 0) open.set(key, left);
    else open.delete(key);
  }
}

function checkNotTooMany(session: Session): void {
  const { key, count } = streamsOf(session);
  if (count < STREAMS_MAX) return;
  throw new AppsApiError({
    id: 'too_many_streams',
    status: 429,
    message: `${key} follows ${STREAMS_MAX} streams of events already, which is the limit.`,
    hint: 'Close one of them, or read one stream for all.',
  });
}

function streamsOf({ store, caller }: Session): { open: Map<string, number>; key: string; count: number } {
  const open = OPEN.get(store) ?? new Map<string, number>();
  OPEN.set(store, open);
  const key = tokenOf(caller.name) ?? caller.name;
  return { open, key, count: open.get(key) ?? 0 };
}
