import { conflict } from '../../contract/errors.js';
import { appKey } from '../../model/names.js';
import type { AppRecord } from '../store/apps.js';
import type { BuildRecord } from '../store/builds.js';
import type { Store } from '../store/store.js';
import { addBuild } from './builds.js';
import { releasing } from './commands.js';

/**
 * Puts changed commands of an app in a socs space behind its checks: makes a build of what runs, which needs no
 * building, and sets the commands with its release. Called within a change. Throws an AppsApiError (409) if the app has
 * no release that a command could be checked with, and a Refusal if the source of that is unknown.
 */
export function checkCommands(
  store: Store,
  app: AppRecord,
  commands: Readonly<Record<string, string>>,
  { user, at }: { readonly user: string; readonly at: string },
): BuildRecord {
  const release = releasing(store, app);
  if (release?.slug == null) throw nothingRuns(app);
  const of = release.build === null ? undefined : store.builds.byId(release.build);
  const source = {
    ...(of?.source ?? { checksum: `sha256:${release.slug}` }),
    author: of?.source.author ?? of?.user,
    commands,
  };
  return addBuild(store, app, { source, user, at, slug: release.slug }).build;
}

function nothingRuns(app: AppRecord) {
  const key = appKey(app.name, app.space);
  return conflict(
    'nothing_to_check',
    `${key} is in a socs space, where a command passes the checks with the code, and no code of it was released yet.`,
    `Put the command into the Procfile: aka deploy -a ${key}`,
  );
}
