import { setMaxListeners } from 'node:events';
import { eventsOf } from '../../model/hooks.js';
import { DAEMON } from '../caller.js';
import { type Post, poster } from '../hooks/post.js';
import type { Part, StartPart } from '../part.js';
import { type Change, Changes } from '../reconciler/changes.js';
import { authorityFolder, readAuthorityCertificate } from '../router/authority.js';
import { type Due, deliverCall, dueCall, forgetOldCalls, hooksDue } from '../services/hook-deliveries.js';
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
    // Each call that is made listens to it, which Node would call a leak.
    setMaxListeners(AT_ONCE + 1, stopping.signal);
    /** The receivers that are called now, by hook. */
    const called = new Map<string, string>();
    /** Hooks with a call whose time has come, those that wait longest first. */
    let waiting = new Set<string>();
    /** The receivers of hooks that wait for their turn: to open the URLs of all of them each time would take too long. */
    const receivers = new Map<string, string>();
    const underWay = new Set<Promise<void>>();

    const isBusy = (receiver: string | undefined): boolean =>
      [...called.values()].filter((each) => each === receiver).length >= PER_RECEIVER;

    /** Looks for hooks whose time has come, and calls them. */
    const find = (): void => {
      try {
        if (stopping.signal.aborted) return;
        waiting = new Set(hooksDue(session));
        for (const hook of receivers.keys()) if (!waiting.has(hook)) receivers.delete(hook);
        begin();
      } catch (error) {
        note(`Hooks could not be called: ${messageOf(error)}`);
      }
    };

    /** Calls as many of those that wait as may be called now. */
    const begin = (): void => {
      for (const hook of waiting) {
        if (stopping.signal.aborted || called.size >= AT_ONCE) return;
        if (called.has(hook) || isBusy(receivers.get(hook))) continue;
        waiting.delete(hook);
        try {
          callIfDue(hook);
        } catch (error) {
          note(`Hook ${hook} could not be called: ${messageOf(error)}`);
        }
      }
    };

    const callIfDue = (hook: string): void => {
      const due = dueCall(session, hook);
      if (due === undefined) return;
      const receiver = new URL(due.url).host;
      receivers.set(hook, receiver);
      if (isBusy(receiver)) {
        waiting.add(hook);
        return;
      }
      called.set(hook, receiver);
      const done = call(due).finally(() => underWay.delete(done));
      underWay.add(done);
    };

    const call = async (due: Due): Promise<void> => {
      const { id } = due.hook;
      try {
        const status = await deliverCall(session, due, send, stopping.signal);
        if (status === 'failed') note(`Call ${due.delivery.id} of hook ${id} came to nothing.`);
        called.delete(id);
        // There may be another one, after those that waited before it.
        waiting.add(id);
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
        // It may be somebody else's now.
        if (made.some(({ action }) => action === 'hook.update')) receivers.clear();
        if (made.some(matters)) find();
      },
      () => {
        // The data can't be read for a moment; the next look is soon.
      },
    );
    const timers = [setInterval(find, look), setInterval(forget, LOOK.old)];
    find();
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
