import { randomUUID } from 'node:crypto';
import { eventsOf } from '../../model/hooks.js';
import type { AuditAction } from '../audit/chain.js';
import type { AppRecord } from '../store/apps.js';
import type { HookRecord } from '../store/hooks.js';
import type { Store } from '../store/store.js';
import { type Happening, payloadsOf } from './hook-payloads.js';

/** A change as it is recorded. */
export interface News {
  readonly action: AuditAction;
  readonly about: { readonly space?: string; readonly app?: string };
  readonly details: Readonly<Record<string, unknown>>;
  /** What the record does not say. */
  readonly news: Readonly<Record<string, unknown>>;
  readonly at: string;
  /** What the clock says: from then on hooks are called. */
  readonly now: string;
}

/**
 * Has the hooks of an app called for what a change was, if any wants to hear of it. Called within the change, so that
 * what is told happened, and what happened is told. What the calls say is made now: later it may be gone.
 */
export function tellHooks(store: Store, { action, about, details, news, at, now }: News): void {
  const events = eventsOf(action);
  if (events.length === 0 || about.app === undefined || about.space === undefined) return;
  const app = store.apps.byName(about.app, about.space);
  // Of one that is destroyed the record is all that is left.
  const id = app?.id ?? (action === 'app.destroy' ? String(details.id) : undefined);
  const hooks = id === undefined ? [] : store.hooks.of(id);
  if (id === undefined || hooks.length === 0) return;
  const named = { id, name: about.app, space: about.space };
  for (const event of events) {
    const listening = hooks.filter(({ active, events: wanted }) => active && wanted.includes(event));
    if (listening.length === 0) continue;
    const happening: Happening = { action, app: named, details: { ...details, ...news }, at };
    for (const payload of payloadsOf(store, event, happening)) call(store, listening, event, payload, now);
  }
  if (app === undefined) store.hooks.forgetEnded();
}

/** Has a hook called so that it is seen whether that comes through; answers the id of the call. */
export function pingHook(store: Store, app: AppRecord, hook: HookRecord, now: string): string {
  const payload = {
    action: 'ping',
    app: { name: app.name, id: app.id },
    space: { name: app.space },
    hook: { id: hook.id, events: hook.events },
  };
  const [id = ''] = call(store, [hook], 'ping', payload, now);
  return id;
}

function call(
  store: Store,
  hooks: readonly HookRecord[],
  event: string,
  payload: object,
  now: string,
): string[] {
  const text = JSON.stringify(payload);
  return hooks.map(({ id: hook }) => {
    const id = randomUUID();
    store.hooks.enqueue({ id, hook, event, payload: text }, now);
    return id;
  });
}
