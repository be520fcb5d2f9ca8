import { randomUUID } from 'node:crypto';
import type { AppsApi } from '../../contract/apps-api.js';
import { AppsApiError, conflict, notFound } from '../../contract/errors.js';
import type { Favorite } from '../../contract/wire.js';
import { appKey } from '../../model/names.js';
import type { AppRecord } from '../store/apps.js';
import type { FavoriteRecord } from '../store/favorites.js';
import { appFor, changeApp } from './apps.js';
import { mayUse } from './policy.js';
import type { Session } from './session.js';
import { spaceFor } from './spaces.js';
import { webUrls } from './web-urls.js';

/** So many apps somebody can have as favourites. */
const FAVORITES_MAX = 1000;

/** The apps that people want to find again: each has their own. */
export function favoritesService(session: Session): AppsApi['favorites'] {
  const { store, caller } = session;
  return {
    async list() {
      const name = person(session);
      return store.db.snapshot(() => {
        const show = showFavorites(session);
        return store.favorites.of(name).flatMap((favorite) => {
          const app = appFor(store, favorite.app);
          return mayUse(caller, app.space) ? [show(favorite, app)] : [];
        });
      });
    },

    async add({ app: key }, options) {
      return changeApp(session, key, { action: 'favorite.add', input: { key }, options }, (draft, app) => {
        const username = person(session);
        const before = store.favorites.find(username, app.id);
        draft.details = { id: before?.id ?? null };
        if (before !== undefined) return showFavorites(session)(before, app);
        if (store.favorites.of(username).length >= FAVORITES_MAX) throw tooMany();
        const favorite = { id: randomUUID(), username, app: app.id, createdAt: draft.at };
        store.favorites.insert(favorite);
        draft.details = { id: favorite.id };
        return showFavorites(session)(favorite, app);
      });
    },

    async remove({ app: key }) {
      return changeApp(session, key, { action: 'favorite.remove', input: { key } }, (draft, app) => {
        const favorite = store.favorites.find(person(session), app.id);
        if (favorite === undefined) throw notOne(app);
        store.favorites.remove(favorite);
        draft.details = { id: favorite.id };
        return showFavorites(session)(favorite, app);
      });
    },
  };
}

/** Whose favourites they are. Throws an AppsApiError (403) for a trusted token that doesn't say for whom it asks. */
function person({ caller }: Session): string {
  if (caller.unnamed !== true) return caller.name;
  throw new AppsApiError({
    id: 'nobody',
    status: 403,
    message: `Favourites are somebody's, and ${caller.name} doesn't say whose.`,
    hint: 'A trusted token names them in x-username.',
  });
}

function showFavorites({ store }: Session): (favorite: FavoriteRecord, app: AppRecord) => Favorite {
  const urlOf = webUrls(store);
  return ({ id, createdAt }, app) => ({
    id,
    app: app.id,
    simple_name: app.name,
    name: appKey(app.name, app.space),
    git_url: null,
    web_url: urlOf(app.name, spaceFor(store, app.space)),
    organization: { name: app.organization },
    deleted: false,
    created_at: createdAt,
    updated_at: createdAt,
  });
}

function notOne(app: AppRecord) {
  return notFound(
    'favourite',
    appKey(app.name, app.space),
    undefined,
    'Clients list them with GET /favorites.',
  );
}

function tooMany() {
  return conflict(
    'too_many_favorites',
    `There are ${FAVORITES_MAX} favourites, which is as many as somebody can have.`,
    'Remove some.',
  );
}
