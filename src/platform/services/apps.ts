import { randomUUID } from 'node:crypto';
import type { AppsApi } from '../../contract/apps-api.js';
import { type AppsApiError, conflict, notFound } from '../../contract/errors.js';
import type { App } from '../../contract/wire.js';
import { freeAppAddress } from '../../model/addresses.js';
import { checkDiscoveryFits } from '../../model/discovery.js';
import { checkFreeText } from '../../model/free-text.js';
import { appKey, DEFAULT_SPACE, isId, parseAppName, splitAppKey } from '../../model/names.js';
import { nearest } from '../../model/nearest.js';
import { shown } from '../../model/rule.js';
import type { Caller } from '../caller.js';
import type { AppRecord } from '../store/apps.js';
import type { SpaceRecord } from '../store/spaces.js';
import type { Store } from '../store/store.js';
import { organizationFor, regionFor, stackFor } from './catalog.js';
import { aboutApp, change, type Draft, type Operation } from './change.js';
import { forsake } from './credentials.js';
import { discoveryBytes, serviceOf, staleVars } from './discovery.js';
import { showFormation } from './formation-view.js';
import { cursorAfter, page, readCursor } from './pages.js';
import { checkMayDelete, checkMayUse, mayUse } from './policy.js';
import { hideSecrets, hideSecretsOfSpace, isRedacted } from './redaction.js';
import { remembered } from './remembered.js';
import type { Session } from './session.js';
import { giveBlock, spaceFor, spaceOf } from './spaces.js';
import { webUrls } from './web-urls.js';

/** The organization of an app for which none is named. */
const DEFAULT_ORGANIZATION = 'main';

/** The app with this `app-space` or id. Whoever is named `caller` is told nothing of spaces that aren't theirs. */
export function appFor(store: Store, key: string, caller?: Caller): AppRecord {
  const folded = key.toLowerCase();
  const split = isId(folded) ? undefined : splitAppKey(folded);
  const app = split === undefined ? store.apps.byId(folded) : store.apps.byName(split.app, split.space);
  if (app !== undefined) return app;
  throw unknownApp(store, key, split, (space) => caller === undefined || mayUse(caller, space));
}

/** The app that somebody named. Throws an AppsApiError also if it is in none of their spaces (403). */
export function appOf({ store, caller }: Session, key: string): AppRecord {
  const split = isId(key) ? undefined : splitAppKey(key.toLowerCase());
  // Before it is looked for: what another's space has is not told, either.
  if (split !== undefined) checkMayUse(caller, split.space);
  const app = appFor(store, key, caller);
  checkMayUse(caller, app.space, `app ${shown(key)}`);
  return app;
}

/**
 * A change of an app that is there, named by `app-space` or an id. Its record names app and space, also when it is
 * refused. Throws what {@link change} throws, and an AppsApiError (404) if there is no such app.
 */
export function changeApp<R>(
  session: Session,
  key: string,
  operation: Omit<Operation, 'about'>,
  work: (draft: Draft, app: AppRecord) => R,
): R {
  const about = subjectOf(key);
  return change(session, { ...operation, about }, (draft) => {
    const app = appOf(session, key);
    aboutApp(draft, app);
    return work(draft, app);
  });
}

/** What a record says of an app before it was looked up. */
export function subjectOf(key: string): { app: string; space?: string } {
  return (isId(key) ? undefined : splitAppKey(key)) ?? { app: key };
}

/** Names the app that was most likely meant: in that space, or of that name in another one that they may know of. */
function unknownApp(
  store: Store,
  key: string,
  split: { app: string; space: string } | undefined,
  mayKnow: (space: string) => boolean,
): AppsApiError {
  if (split === undefined) {
    const inDefault = mayKnow(DEFAULT_SPACE)
      ? store.apps.byName(key.toLowerCase(), DEFAULT_SPACE)
      : undefined;
    return notFound(
      'app',
      key,
      inDefault && appKey(inDefault.name, inDefault.space),
      'An app is named APP-SPACE: aka apps',
    );
  }
  const space = store.spaces.find(split.space);
  if (space === undefined) {
    const near = nearest(split.space, store.spaces.names().filter(mayKnow));
    const there = near === undefined ? undefined : store.apps.byName(split.app, near);
    return notFound(
      'app',
      key,
      there && appKey(there.name, there.space),
      `There is no space ${shown(split.space)} either.`,
    );
  }
  const near = nearest(
    split.app,
    store.apps.inSpace(space.name).map((app) => app.name),
  );
  return notFound(
    'app',
    key,
    near && `${near}-${space.name}`,
    `The apps of that space: aka apps --space ${space.name}`,
  );
}

/** Apps: their rules, their addresses, and what becomes of them. */
export function appsService(session: Session): AppsApi['apps'] {
  const { store } = session;
  return {
    async list({ space, simple, limit, cursor } = {}) {
      const [name = '', inSpace = ''] = readCursor(cursor, 2);
      return store.db.snapshot(() => {
        const named = space === undefined ? undefined : spaceOf(session, space);
        return page(
          limit,
          (atMost) =>
            named === undefined
              ? store.apps.list({ name, space: inSpace }, atMost, session.caller.spaces)
              : store.apps.inSpace(named.name, name, atMost),
          simple === undefined ? showApps(store) : showShortly(store),
          (app) => cursorAfter(app.name, app.space),
        );
      });
    },

    async create(input, options) {
      const about = { space: input.space.toLowerCase(), app: input.name.toLowerCase() };
      return change(session, { action: 'app.create', input, about, options }, (draft) => {
        const space = spaceOf(session, input.space);
        draft.about.space = space.name;
        const name = parseAppName(input.name, space.name);
        checkTexts(input);
        const organization = organizationFor(store, input.org ?? DEFAULT_ORGANIZATION);
        if (store.apps.byName(name, space.name) !== undefined) throw appExists(appKey(name, space.name));
        const kept = (text: string): string =>
          space.compliance.includes('socs') ? hideSecretsOfSpace(store, space.name, text) : text;
        const app: AppRecord = {
          id: randomUUID(),
          name,
          space: space.name,
          organization: organization.name,
          address: addressFor(store, space, name),
          description: kept(input.description ?? ''),
          labels: kept(input.labels ?? ''),
          maintenance: false,
          createdAt: draft.at,
          updatedAt: draft.at,
        };
        const view = showApps(store)(app);
        store.apps.insert(app);
        checkDiscoveryFits(space.name, discoveryBytes(store, space.name));
        draft.details = { id: app.id, organization: app.organization, ...serviceOf(store, app) };
        return view;
      });
    },

    get: async ({ app }) => store.db.snapshot(() => showApps(store)(appOf(session, app))),

    async update({ app: key, ...changes }) {
      return changeApp(session, key, { action: 'app.update', input: { key, ...changes } }, (draft, app) => {
        if (changes.space !== undefined && changes.space !== app.space) throw neverMoves(app, changes.space);
        if (
          changes.name !== undefined &&
          changes.name !== app.name &&
          changes.name !== appKey(app.name, app.space)
        ) {
          throw neverRenamed(app);
        }
        checkTexts(changes);
        const { description, labels, maintenance } = changes;
        const wanted = Object.fromEntries(
          Object.entries({ description, labels, maintenance }).filter(([, value]) => value !== undefined),
        );
        const hidden = Object.fromEntries(
          Object.entries(wanted).map(([name, value]) => [
            name,
            typeof value === 'string' ? hideSecrets(store, app.id, value) : value,
          ]),
        );
        // Where config is redacted, so is what repeats it.
        store.apps.update(app.id, isRedacted(store, app) ? hidden : wanted, draft.at);
        draft.details = hidden;
        return showApps(store)(appFor(store, app.id));
      });
    },

    async destroy({ app: key }) {
      return changeApp(session, key, { action: 'app.destroy', input: { key } }, (draft, app) => {
        checkMayDelete(
          session.caller,
          `App ${appKey(app.name, app.space)}`,
          spaceFor(store, app.space).compliance,
        );
        const credentials = forsake(session, app);
        store.leftAddresses.leave(app, store.audit.number());
        store.apps.remove(app.id);
        const held = staleVars(store, app.space).find(({ name }) => name === app.name)?.held_by;
        store.hooks.end(app.id, draft.at);
        draft.details = {
          id: app.id,
          ...serviceOf(store, app),
          ...(credentials.length > 0 && { credentials }),
        };
        return {
          id: app.id,
          name: appKey(app.name, app.space),
          org: app.organization,
          result: 'successful',
          ...(held !== undefined && { held_by: held }),
        };
      });
    },
  };
}

function checkTexts({
  description = '',
  labels = '',
}: {
  description?: string | undefined;
  labels?: string | undefined;
}): void {
  checkFreeText('description', description);
  checkFreeText('labels', labels);
}

/**
 * The lowest free address in the space's blocks; a further block is taken when they are full. An address of a destroyed
 * app is not free while a dyno holds it, but for an app of the same name: the var of the dyno leads to that one.
 */
function addressFor(store: Store, space: SpaceRecord, name: string): number {
  const held = store.leftAddresses.stillHeld(space.name);
  const again = held.find(({ app }) => app === name)?.address;
  if (again !== undefined) {
    store.leftAddresses.take(again);
    return again;
  }
  const taken = [...store.apps.addressesIn(space.name), ...held.map(({ address }) => address)];
  return (
    freeAppAddress(store.blocks.of(space.name), taken) ??
    // A new block has free addresses, so this can't come out empty.
    (freeAppAddress([giveBlock(store, space.name)], []) as number)
  );
}

/** Shows apps with what they run and how. */
function showApps(store: Store): (app: AppRecord) => App {
  const showCommon = showShortly(store);
  return (app) => {
    const common = showCommon(app);
    const space = spaceFor(store, app.space);
    const release = store.releases.newest(app.id, 'succeeded');
    const slug = store.slugs.find(release?.slug);
    return {
      ...common,
      archived_at: app.createdAt,
      buildpack_provided_description: 'default',
      build_stack: common.stack,
      git_url: null,
      git_branch: null,
      // What it runs, as far as there is such a thing here.
      image: slug === undefined ? '' : `sha256:${slug.digest}`,
      owner: { email: '', id: common.organization.id },
      formation: store.formations.of(app.id).map((each) => showFormation(store, app, space, each)),
      released_at: release?.createdAt ?? null,
      repo_size: 0,
      slug_size: slug?.bytes ?? 0,
    };
  };
}

/** Shows apps without looking anything up for each of them: as they are shown where clients ask for simple ones. */
function showShortly(store: Store): (app: AppRecord) => App {
  const spaceBy = remembered((name) => spaceFor(store, name));
  const stackOf = remembered((name) => stackFor(store, name));
  const regionOf = remembered((name) => regionFor(store, name));
  const organizationOf = remembered((name) => organizationFor(store, name));
  const urlOf = webUrls(store);
  return (app) => {
    const space = spaceBy(app.space);
    const stack = stackOf(space.stack);
    const region = regionOf(stack.region);
    const organization = organizationOf(app.organization);
    const key = appKey(app.name, space.name);
    return {
      created_at: app.createdAt,
      description: app.description,
      id: app.id,
      labels: app.labels,
      maintenance: app.maintenance,
      name: key,
      simple_name: app.name,
      key,
      organization: { id: organization.id, name: organization.name },
      preview: null,
      region: { id: region.id, name: region.name },
      space: {
        id: space.id,
        name: space.name,
        compliance: space.compliance.map((each) => `compliance=${each}`).join(','),
      },
      stack: { id: stack.id, name: stack.name },
      updated_at: app.updatedAt,
      web_url: urlOf(app.name, space),
    };
  };
}

function appExists(key: string): AppsApiError {
  return conflict('exists', `App ${key} exists already.`, `Show it: aka apps:info -a ${key}`, { app: key });
}

function neverMoves(app: AppRecord, to: string): AppsApiError {
  return conflict(
    'immutable',
    `App ${appKey(app.name, app.space)} can't move to space ${shown(to)}: an app stays in its space.`,
    `Create it there (aka apps:create ${app.name} --space ${shown(to)}), copy its config, and destroy this one.`,
  );
}

function neverRenamed(app: AppRecord): AppsApiError {
  return conflict(
    'immutable',
    `App ${appKey(app.name, app.space)} can't be renamed: its domain and discovery vars are made of its name.`,
    `Create another one in space ${app.space}, copy its config, and destroy this one.`,
  );
}
