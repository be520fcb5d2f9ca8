import type { AppsApi } from '../../contract/apps-api.js';
import { notFound } from '../../contract/errors.js';
import type { Slug } from '../../contract/wire.js';
import { appKey } from '../../model/names.js';
import type { AppRecord } from '../store/apps.js';
import type { ReleaseRecord } from '../store/releases.js';
import { appFor } from './apps.js';
import { showBuild } from './builds.js';
import { mayUse } from './policy.js';
import type { Session } from './session.js';

/** Slugs, as far as the builds that made them, and the releases that run them, tell of them. */
export function slugsService({ store, caller }: Session): AppsApi['slugs'] {
  /** Returns the first of some records whose app the caller may use, with the app. */
  const visible = <Of extends { readonly app: string }>(records: readonly Of[]) =>
    records
      .map((record) => ({ record, app: appFor(store, record.app) }))
      .find(({ app }) => mayUse(caller, app.space));
  return {
    get: async ({ slug }) =>
      store.db.snapshot(() => {
        const id = slug.toLowerCase();
        const build = visible([...store.builds.ofSlug(id), ...some(store.builds.byId(id))]);
        if (build !== undefined) return { ...showBuild(store, build.app, build.record), id };
        const release = visible([...some(store.releases.byId(id)), ...store.releases.allOfBuild(id)]);
        if (release !== undefined) return showReleased(id, release.app, release.record);
        throw notFound('slug', slug, undefined, 'What an app runs: aka releases -a APP-SPACE');
      }),
  };
}

/** What a release tells of a slug whose build is not for the caller, is forgotten, or never was. */
function showReleased(id: string, app: AppRecord, { slug, ...release }: ReleaseRecord): Slug {
  return {
    id,
    app: { id: app.id, name: appKey(app.name, app.space) },
    buildpacks: [],
    checks: [],
    created_at: release.createdAt,
    reason: null,
    release: { id: release.id, version: release.version },
    slug: slug === null ? null : { id: slug },
    source_blob: { checksum: null, url: null, version: null, commit: null, branch: null, repo: null },
    status: 'succeeded',
    updated_at: release.updatedAt,
  };
}

function some<Of>(one: Of | undefined): Of[] {
  return one === undefined ? [] : [one];
}
