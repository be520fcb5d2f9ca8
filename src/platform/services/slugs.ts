import type { AppsApi } from '../../contract/apps-api.js';
import { notFound } from '../../contract/errors.js';
import { appFor } from './apps.js';
import { showBuild } from './builds.js';
import { mayUse } from './policy.js';
import type { Session } from './session.js';

/** Slugs, as far as the builds that made them tell of them. */
export function slugsService({ store, caller }: Session): AppsApi['slugs'] {
  return {
    get: async ({ slug }) =>
      store.db.snapshot(() => {
        for (const build of store.builds.ofSlug(slug.toLowerCase())) {
          const app = appFor(store, build.app);
          if (mayUse(caller, app.space)) return { ...showBuild(store, app, build), id: slug.toLowerCase() };
        }
        throw notFound('slug', slug, undefined, 'What an app runs: aka releases -a APP-SPACE');
      }),
  };
}
