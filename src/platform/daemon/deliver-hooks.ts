import { eventsOf } from '../../model/hooks.js';
import { DAEMON } from '../caller.js';
import { type Post, poster } from '../hooks/post.js';
import type { Part, StartPart } from '../part.js';
import { type Change, Changes } from '../reconciler/changes.js';
import { authorityFolder, readAuthorityCertificate } from '../router/authority.js';
import { type Due, deliverCall, dueCalls, forgetOldCalls } from '../services/hook-deliveries.js';
import type { Store } from '../store/store.js';

/** Between two looks for calls whose time has come, and for those that may be forgotten, in milliseconds. */
const LOOK = { due: 5000, old: 3_600_000 };

/** So many calls are made at once, and so many of them to one receiver: who is slow takes no more of the others' turns. */
const AT_ONCE = 16;
const PER_RECEIVER = 4;

/** How long a hook is left alone of which could not be written down what came of a call, in milliseconds. */
const AFTER_FAILURE = 60_000;

export interface HookPace {
  readonly look?: number;
  readonly post?: Post;
}

/**
 * Calls the hooks of apps: whenever something happened that they want to hear of, and now and then for those that are
 * tried again. One call of a hook is made at a time, in the order of what happened; those of other hooks don't wait for it.
 */
export function deliverHooks({ look = LOOK.due, post }: HookPace = {}): StartPart {
  return ({ platform, note }): Part => {
    const session = platform.session(DAEMON);
    const { store } = session;
    const send = post ?? poster({ ca: () => ownAuthority(store) });
    const stopping = new AbortController();
    /** The receivers that are called now, by hook. */
    const called = new Map<string, string>();
    const underWay = new Set<Promise<void>>();

    const mayCall = (receiver: string): boolean =>
      [...called.values()].filter((each) => each === receiver).length < PER_RECEIVER;

    const begin = (): void => {
      try {
        if (stopping.signal.aborted || called.size >= AT_ONCE) return;
        for (const due of dueCalls(session, (hook) => !called.has(hook))) {
          const receiver = new URL(due.url).host;
          if (called.size >= AT_ONCE) return;
          if (!mayCall(receiver)) continue;
          called.set(due.hook.id, receiver);
          const done = call(due).finally(() => underWay.delete(done));
          underWay.add(done);
        }
      } catch (error) {
        note(`Hooks could not be called: ${messageOf(error)}`);
      }
    };

    const call = async (due: Due): Promise<void> => {
      const { id } = due.hook;
      try {
        const status = await deliverCall(session, due, send, stopping.signal);
        if (status === 'failed') note(`Call ${due.delivery.id} of hook ${id} came to nothing.`);
        called.delete(id);
      } catch (error) {
        if (stopping.signal.aborted) return;
        note(`What came of a call of hook ${id} could not be kept: ${messageOf(error)}`);
        // It would be called again at once, and for ever.
        setTimeout(() => called.delete(id), AFTER_FAILURE).unref();
      }
      begin();
    };

    const forget = (): void => {
      try {
        forgetOldCalls(session);
      } catch (error) {
        note(`Old calls of hooks could not be forgotten: ${messageOf(error)}`);
      }
    };

    const changes = new Changes(
      store,
      (made) => {
        if (made.some(matters)) begin();
      },
      () => {
        // The data can't be read for a moment; the next look is soon.
      },
    );
    const timers = [setInterval(begin, look), setInterval(forget, LOOK.old)];
    begin();
    forget();

    return {
      name: 'hooks',
      async status() {
        return {
          name: 'hooks',
          facts: { hook_calls_waiting: store.hooks.waiting(), hook_calls_made_now: called.size },
        };
      },
      async stop() {
        changes.close();
        for (const timer of timers) clearInterval(timer);
        stopping.abort();
        await Promise.all(underWay);
      },
    };
  };
}

/** Whether there may be somebody to call after a change. */
function matters({ action }: Change): boolean {
  return action === 'hook.test' || eventsOf(action).length > 0;
}

/** The authority of the platform's own domains: an app may be whom another's hook calls. */
function ownAuthority({ folders, meta, catalog }: Store): string | undefined {
  try {
    const bases = [...new Set(catalog.stacks().map(({ base }) => base))];
    return readAuthorityCertificate(authorityFolder(folders.configDir, meta.dataId), bases).certificate;
  } catch {
    // There is none before the router was started for the first time.
    return undefined;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}
