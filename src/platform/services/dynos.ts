import type { AppsApi } from '../../contract/apps-api.js';
import { notFound } from '../../contract/errors.js';
import type { Dyno } from '../../contract/wire.js';
import { dynoHost } from '../../model/addresses.js';
import { dynoName, isOneOff, RELEASE } from '../../model/formation.js';
import { appKey } from '../../model/names.js';
import { nearest } from '../../model/nearest.js';
import { holderOf } from '../files/process-lock.js';
import type { AppRecord } from '../store/apps.js';
import type { DynoRecord } from '../store/dynos.js';
import type { ReleaseRecord } from '../store/releases.js';
import type { Store } from '../store/store.js';
import { appOf, changeApp } from './apps.js';
import { maskSecrets } from './redaction.js';
import { runs } from './releases.js';
import { remembered } from './remembered.js';
import type { Session } from './session.js';
import { spaceOf } from './spaces.js';

/** Dynos: what runs, as the daemon last wrote it, and what should and doesn't. */
export function dynosService(session: Session): AppsApi['dynos'] {
  const { store } = session;
  return {
    list: async ({ app: key }) =>
      store.db.snapshot(() => {
        const app = appOf(session, key);
        return dynosOf(store, [app]);
      }),

    inSpace: async ({ space: key }) =>
      store.db.snapshot(() => dynosOf(store, store.apps.inSpace(spaceOf(session, key).name))),

    restartAll: async ({ app }) => restart(session, app, undefined),

    restart: async ({ app, dyno }) => restart(session, app, dyno),
  };
}

/** Asks for others in the place of an app's dynos: all, those of a type, or one. */
function restart(session: Session, key: string, which: string | undefined): Dyno[] {
  const { store } = session;
  const operation = { action: 'dyno.restart', input: { key, which } } as const;
  return changeApp(session, key, operation, (draft, app) => {
    // One-off dynos run once: nothing would run in their place.
    const there = runningNow(store) ? store.dynos.of(app.id) : [];
    const all = there.filter(({ type }) => !isOneOff(type));
    const chosen = all.filter(
      ({ id, type, number }) => which === undefined || [id, type, dynoName(type, number)].includes(which),
    );
    const isType = which !== undefined && store.formations.find(app.id, which) !== undefined;
    if (chosen.length === 0 && which !== undefined && !isType) throw noSuchDyno(app, which, all);
    for (const { id } of chosen) store.dynos.renew(id);
    draft.details = { dynos: chosen.map(({ type, number }) => dynoName(type, number)) };
    const show = showDynos(store);
    return chosen.map((dyno) => show(app, dyno));
  });
}

/** The dynos that some apps have or lack, app by app. Within a snapshot. */
export function dynosOf(store: Store, apps: readonly AppRecord[]): Dyno[] {
  const running = runningNow(store);
  const show = showDynos(store);
  return apps.flatMap((app) => {
    const dynos = running ? store.dynos.of(app.id) : [];
    const shown = dynos.map((dyno) => show(app, dyno));
    return [...shown, ...missing(store, app, dynos, running)].sort(byTypeAndNumber);
  });
}

/** Those that its formation asks for and that are not there. */
function missing(store: Store, app: AppRecord, dynos: readonly DynoRecord[], running: boolean): Dyno[] {
  const release = runs(store, app.id) ?? store.releases.newest(app.id);
  const slug = store.slugs.find(release?.slug);
  if (release === undefined || slug === undefined) return [];
  const lacks = new Map(store.places.of(app.id).map((each) => [dynoName(each.type, each.number), each]));
  return store.formations.of(app.id).flatMap((formation) => {
    const { type, size, quantity, port } = formation;
    if (type === RELEASE) return [];
    const command = formation.command ?? slug.processTypes[type] ?? null;
    const places = Array.from({ length: quantity }, (_, index) => index + 1);
    return places
      .filter((number) => !dynos.some((dyno) => dyno.type === type && dyno.number === number))
      .map((number) => {
        const isRunnable = running && command !== null && release.status !== 'failed';
        const { lack = null, reason = null, lackSince = null } = lacks.get(dynoName(type, number)) ?? {};
        const isLacking = isRunnable && lack !== null;
        return {
          id: `${formation.id}.${number}`,
          app: { id: app.id, name: appKey(app.name, app.space) },
          command: command && maskSecrets(store, app, command),
          created_at: formation.updatedAt,
          host: null,
          name: dynoName(type, number),
          port,
          ready: false,
          reason: isLacking ? reason : whyMissing(running, release, type, command),
          release: { id: release.id, version: release.version },
          restarts: 0,
          size,
          state: isLacking ? lack : isRunnable ? 'waiting' : 'down',
          type,
          updated_at: isLacking && lackSince !== null ? lackSince : formation.updatedAt,
        };
      });
  });
}

/** Why a dyno that there should be is not there; null if it is about to be. */
function whyMissing(
  running: boolean,
  { status, version, reason }: ReleaseRecord,
  type: string,
  command: string | null,
): string | null {
  if (!running) return "the platform isn't running: aka platform:start";
  if (command === null) return `nothing says what ${type} runs: aka ps:update ${type} --command`;
  return status === 'failed' ? `v${version} failed: ${reason ?? 'nothing says why'}` : null;
}

function byTypeAndNumber(a: Dyno, b: Dyno): number {
  const [x, y] = [Number(a.name.split('.')[1]), Number(b.name.split('.')[1])];
  return a.type === b.type ? x - y : a.type < b.type ? -1 : 1;
}

/** Shows dynos, looking up only once what several have in common. */
function showDynos(store: Store): (app: AppRecord, dyno: DynoRecord) => Dyno {
  const siblings = remembered((space) => store.apps.inSpace(space));
  const { pool, networkMode } = store.meta;
  return (app, dyno) => {
    const release = dyno.release === null ? undefined : store.releases.byId(dyno.release);
    // One that is about to start will know of them all.
    const isNew = dyno.knowsUntil === '';
    const lacks = siblings(app.space).filter(({ createdAt }) => !isNew && createdAt > dyno.knowsUntil);
    return {
      id: dyno.id,
      app: { id: app.id, name: appKey(app.name, app.space) },
      command: maskSecrets(store, app, dyno.command),
      created_at: dyno.createdAt,
      host: dynoHost(dyno.address, pool, networkMode),
      lacks: lacks.map(({ name }) => name),
      name: dynoName(dyno.type, dyno.number),
      port: dyno.port,
      ready: dyno.state === 'up',
      reason: dyno.reason,
      renew: dyno.renew,
      ...(release !== undefined && { release: { id: release.id, version: release.version } }),
      restarts: dyno.restarts,
      size: dyno.size,
      state: dyno.state,
      type: dyno.type,
      updated_at: dyno.updatedAt,
    };
  };
}

function runningNow(store: Store): boolean {
  return holderOf(store.folders.dataDir, 'server') !== undefined;
}

function noSuchDyno(app: AppRecord, which: string, all: readonly DynoRecord[]) {
  const names = all.flatMap(({ type, number }) => [type, dynoName(type, number)]);
  const key = appKey(app.name, app.space);
  return notFound('dyno', which, nearest(which, names), `The dynos of ${key}: aka ps -a ${key}`);
}
