import type { AppsApi } from '../contract/apps-api.js';
import { type AppsApiError, conflict, notFound } from '../contract/errors.js';
import type { Release } from '../contract/wire.js';

/** Returns the newest release of an app. Throws an AppsApiError (404) if it has none. */
export async function newestRelease({ releases }: AppsApi, app: string): Promise<Release> {
  const [release] = await releases.list({ app });
  if (release === undefined) throw neverReleased(app);
  return release;
}

/**
 * Returns the last release that succeeded with another slug than the newest: a release of the same slug would change
 * nothing, since config vars are those of now. Throws an AppsApiError: 404 without any release, 409 without such a one.
 */
export async function lastGoodRelease({ releases }: AppsApi, app: string): Promise<Release> {
  const [newest, ...earlier] = await releases.list({ app });
  if (newest === undefined) throw neverReleased(app);
  const good = earlier.find(
    ({ status, slug }) => status === 'succeeded' && slug != null && slug.id !== newest.slug?.id,
  );
  if (good !== undefined) return good;
  throw conflict(
    'no_earlier_release',
    `${app} has no earlier release of another build that succeeded.`,
    `Its releases: aka releases -a ${app}`,
  );
}

function neverReleased(app: string): AppsApiError {
  return notFound('release', `of ${app}`, undefined, `Make one: aka deploy -a ${app}`);
}
