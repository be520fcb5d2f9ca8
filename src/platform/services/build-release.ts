import type { AppRecord } from '../store/apps.js';
import type { BuildRecord } from '../store/builds.js';
import type { ReleaseRecord } from '../store/releases.js';
import type { SlugRecord } from '../store/slugs.js';
import type { Store } from '../store/store.js';
import { setCommands } from './commands.js';
import { adoptProcessTypes } from './process-types.js';
import { makeRelease } from './releases.js';

/**
 * Releases what a build made, or was asked for with: with the process types that are new. Called within a change, when
 * nothing stands between the build and its release any more.
 */
export function releaseBuild(
  store: Store,
  app: AppRecord,
  build: BuildRecord,
  slug: SlugRecord,
  { at, madeOf }: { readonly at: string; readonly madeOf?: string },
): ReleaseRecord {
  const { digest } = slug;
  store.builds.update(
    build.id,
    { status: 'succeeded', slug: digest, ...(madeOf !== undefined && { madeOf }) },
    at,
  );
  // It had checks, and got here.
  if (store.buildChecks.of(build.id).length > 0) store.buildChecks.pass(app.id, digest, at);
  adoptProcessTypes(store, app, Object.keys(slug.processTypes), at);
  setCommands(store, app, build, at);
  return makeRelease(store, app, {
    slug: digest,
    build: build.id,
    description: describe(build),
    user: build.user,
    at,
  });
}

function describe({ number, source }: BuildRecord): string {
  const types = Object.keys(source.commands ?? {});
  if (types.length > 0) return `Command of ${types.join(', ')} (build ${number})`;
  const commit = source.sha?.slice(0, 7);
  return commit === undefined ? `Build ${number}` : `Build ${number} of ${commit}`;
}
