import type { AppsApi } from '../contract/apps-api.js';
import { notFound } from '../contract/errors.js';
import type { Build } from '../contract/wire.js';

/** The newest build of an app. Throws an AppsApiError (404) if it has none. */
export async function newestBuild({ builds }: AppsApi, app: string): Promise<Build> {
  const [build] = await builds.list({ app });
  if (build === undefined) throw notFound('build', `of ${app}`, undefined, `Make one: aka deploy -a ${app}`);
  return build;
}
