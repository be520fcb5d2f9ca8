import { randomUUID } from 'node:crypto';
import { isIP } from 'node:net';
import type { AppsApi } from '../../contract/apps-api.js';
import { conflict, notFound } from '../../contract/errors.js';
import type { Hook, HookResult } from '../../contract/wire.js';
import {
  checkHookSecret,
  HOOK_EVENTS,
  hostOf,
  isThisMachine,
  parseHookEvents,
  parseHookUrl,
  silentEvents,
} from '../../model/hooks.js';
import { appKey, isId } from '../../model/names.js';
import { redactValue } from '../../model/redaction.js';
import type { Caller } from '../caller.js';
import { isInside } from '../machine/inside.js';
import type { AppRecord } from '../store/apps.js';
import { DELIVERIES_KEPT, type DeliveryRecord, type HookRecord } from '../store/hooks.js';
import type { Store } from '../store/store.js';
import { appOf, changeApp } from './apps.js';
import type { Draft } from './change.js';
import { pingHook } from './hook-news.js';
import { checkMayConfigure, checkMayLoosen } from './policy.js';
import { redactionOf } from './redaction.js';
import type { Session } from './session.js';
import { spaceFor } from './spaces.js';

/** So many hooks an app. */
const HOOKS_MAX = 20;

/** The hooks of apps: who is called, for what, and what came of it. The daemon does the calling. */
export function hooksService(session: Session): AppsApi['hooks'] {
  const { store, caller } = session;

  /** A change of a hook of an app, by whoever may. */
  const changeHook = <R>(
    { app: key, hook: id }: { readonly app: string; readonly hook: string },
    operation: Pick<Parameters<typeof changeApp>[2], 'action' | 'input' | 'options'>,
    work: (draft: Draft, app: AppRecord, hook: HookRecord) => R,
  ): R => changeApp(session, key, operation, (draft, app) => work(draft, app, hookFor(store, app, id)));

  return {
    events: async () => HOOK_EVENTS.map((event) => ({ ...event })),

    list: async ({ app: key }) =>
      store.db.snapshot(() => store.hooks.of(appOf(session, key).id).map((hook) => show(store, hook))),

    async create({ app: key, url, events: names, secret, active = true }, options) {
      const input = {
        key,
        url: store.hooks.digestOf(url),
        names,
        secret: store.hooks.digestOf(secret),
        active,
      };
      return changeApp(session, key, { action: 'hook.create', input, options }, (draft, app) => {
        const events = parseHookEvents(names);
        checkHookSecret(secret);
        checkMayCall(caller, parseHookUrl(url));
        const before = store.hooks.of(app.id).length;
        if (before >= HOOKS_MAX) throw tooMany(app, before);
        refuseDuplicate(store, app, url);
        const hook: HookRecord = {
          id: randomUUID(),
          app: app.id,
          events,
          active,
          reach: reachOf(caller),
          createdAt: draft.at,
          updatedAt: draft.at,
        };
        store.hooks.insert(hook, { url, secret });
        draft.details = { hook: hook.id, url: shownUrl(store, url), events, active, reach: hook.reach };
        return show(store, hook);
      });
    },

    get: async ({ app: key, hook }) =>
      store.db.snapshot(() => show(store, hookFor(store, appOf(session, key), hook))),

    async update({ url, events: names, secret, active, ...key }) {
      const input = {
        key,
        url: url && store.hooks.digestOf(url),
        names,
        secret: secret && store.hooks.digestOf(secret),
        active,
      };
      return changeHook(key, { action: 'hook.update', input }, (draft, app, hook) => {
        checkMayLoosen(caller, 'change hooks', app, spaceFor(store, app.space).compliance);
        const events = names && parseHookEvents(names);
        if (secret !== undefined) checkHookSecret(secret);
        if (url !== undefined) {
          checkMayCall(caller, parseHookUrl(url));
          refuseDuplicate(store, app, url, hook.id);
        }
        // Where it calls is vouched for by who says so.
        const reach = url === undefined ? undefined : reachOf(caller);
        store.hooks.update(hook.id, { url, events, secret, active, reach }, draft.at);
        if (active === false) store.hooks.giveUp(hook.id, draft.at);
        draft.details = {
          hook: hook.id,
          ...(url !== undefined && { url: shownUrl(store, url), reach }),
          ...(events !== undefined && { events }),
          ...(active !== undefined && { active }),
          ...(secret !== undefined && { signs: 'with another secret' }),
        };
        return show(store, hookFor(store, app, hook.id));
      });
    },

    async destroy(key) {
      return changeHook(key, { action: 'hook.destroy', input: { key } }, (draft, app, hook) => {
        checkMayLoosen(caller, 'destroy hooks', app, spaceFor(store, app.space).compliance);
        const before = show(store, hook);
        store.hooks.remove(hook.id);
        draft.details = { hook: hook.id, url: before.url, events: hook.events };
        return before;
      });
    },

    results: async ({ app: key, hook: id }) =>
      store.db.snapshot(() => {
        const hook = hookFor(store, appOf(session, key), id);
        return store.hooks
          .deliveries(hook.id, 2 * DELIVERIES_KEPT)
          .map((delivery) => showCall(session, hook, delivery));
      }),

    result: async ({ app: key, hook: id, result }) =>
      store.db.snapshot(() => {
        const app = appOf(session, key);
        const hook = hookFor(store, app, id);
        const found = store.hooks.delivery(result.toLowerCase());
        if (found?.hook === hook.id) return showCall(session, hook, found);
        throw notFound(
          'result',
          result,
          undefined,
          `Every call: aka hooks:results ${hook.id} -a ${keyOf(app)}`,
        );
      }),

    async test(key, options) {
      return changeHook(key, { action: 'hook.test', input: { key }, options }, (draft, app, hook) => {
        if (!hook.active) throw inactive(app, hook);
        const id = pingHook(store, app, hook, draft.now);
        draft.details = { hook: hook.id, call: id };
        return showCall(session, hook, store.hooks.delivery(id) as DeliveryRecord);
      });
    },
  };
}

/**
 * Refuses to let anybody but an administrator have this machine or a private network called: what is there takes it for
 * one of its own. Names are looked up, and looked at in the same way, when they are called.
 */
function checkMayCall(caller: Caller, url: URL): void {
  const host = hostOf(url);
  if (isThisMachine(url) || (isIP(host) !== 0 && isInside(host)))
    checkMayConfigure(caller, 'have hooks call this machine or private networks');
}

function reachOf({ role }: Caller): HookRecord['reach'] {
  return role === 'admin' ? 'any' : 'public';
}

/** The hook of an app with this id. */
function hookFor(store: Store, app: AppRecord, id: string): HookRecord {
  const found = isId(id) ? store.hooks.find(id.toLowerCase()) : undefined;
  if (found?.app === app.id) return found;
  throw notFound('hook', id, undefined, `The hooks of ${keyOf(app)}: aka hooks -a ${keyOf(app)}`);
}

function keyOf({ name, space }: AppRecord): string {
  return appKey(name, space);
}

function shownUrl(store: Store, url: string): string {
  return redactValue(url, redactionOf(store));
}

/** A hook as it is shown to everybody: its secret to nobody, and its URL without what is secret of it. */
function show(store: Store, hook: HookRecord): Hook {
  const { id, active, events, createdAt, updatedAt } = hook;
  const last = store.hooks.lastTried(id);
  const silent = silentEvents(events);
  const lastTry = last?.tries.at(-1);
  return {
    id,
    active,
    events: [...events],
    url: shownUrl(store, store.hooks.secretsOf(id).url),
    created_at: createdAt,
    updated_at: updatedAt,
    waiting: store.hooks.waiting(id),
    last_call:
      last === undefined || lastTry === undefined
        ? null
        : {
            id: last.id,
            event: last.event,
            status: last.status,
            code: lastTry.code,
            problem: lastTry.problem,
            at: lastTry.at,
          },
    ...(silent.length > 0 && {
      warnings: [`${silent.join(', ')} never ${silent.length === 1 ? 'happens' : 'happen'} on this platform`],
    }),
  };
}

/** A call as it is shown. What a receiver of this machine or of a private network says is for administrators. */
function showCall({ store, caller }: Session, hook: HookRecord, delivery: DeliveryRecord): HookResult {
  const { id, event, payload, status, nextAt, tries, answer, createdAt } = delivery;
  const last = tries.at(-1);
  const isTold = caller.role === 'admin' || hook.reach === 'public';
  return {
    id,
    event,
    last_attempt: {
      request: {
        method: 'post',
        url: answer?.url ?? shownUrl(store, store.hooks.secretsOf(hook.id).url),
        headers: answer?.request ?? {},
        body: JSON.parse(payload) as unknown,
      },
      response: {
        code: last?.code ?? null,
        headers: isTold ? (answer?.headers ?? {}) : {},
        body: isTold ? (answer?.body ?? '') : '',
      },
      status,
      updated_at: last?.at ?? createdAt,
    },
    num_attempts: tries.length,
    attempts: tries.map(({ at, duration, code, problem }) => ({ at, duration_ms: duration, code, problem })),
    next_at: nextAt,
    hook: { id: hook.id, events: [...hook.events] },
    created_at: createdAt,
  };
}

/** Throws a conflict if another hook of an app calls the same URL, which would be called twice for one event. */
function refuseDuplicate(store: Store, app: AppRecord, url: string, except?: string): void {
  const { href } = new URL(url);
  const same = store.hooks
    .of(app.id)
    .find(({ id }) => id !== except && new URL(store.hooks.secretsOf(id).url).href === href);
  if (same === undefined) return;
  throw conflict(
    'duplicate_hook',
    `Hook ${same.id} of ${keyOf(app)} calls this URL already.`,
    `Change its events instead: aka hooks:update ${same.id} -a ${keyOf(app)} --events EVENTS`,
  );
}

function tooMany(app: AppRecord, count: number) {
  return conflict(
    'too_many_hooks',
    `${keyOf(app)} has ${count} hooks already; an app can have ${HOOKS_MAX}.`,
    `Destroy one that nobody needs: aka hooks -a ${keyOf(app)}`,
  );
}

function inactive(app: AppRecord, { id }: HookRecord) {
  return conflict(
    'hook_inactive',
    'The hook is not active, so it is not called.',
    `Have it called again: aka hooks:update ${id} --active -a ${keyOf(app)}`,
  );
}
