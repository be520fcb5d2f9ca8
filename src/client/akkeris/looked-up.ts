import type { AppsApi } from '../../contract/apps-api.js';
import { conflict, notFound } from '../../contract/errors.js';
import type { Build, Release } from '../../contract/wire.js';
import { isId } from '../../model/names.js';
import { shown } from '../../model/rule.js';

/*
 * An Akkeris installation finds builds and releases by their ids only. Their numbers and versions are looked up in lists.
 */

/** Returns the id of a build that is named by its id or number. Throws an AppsApiError if there is none, or several are. */
export async function buildId({ builds }: AppsApi, app: string, key: string): Promise<string> {
  if (isId(key)) return key;
  const found = (await builds.list({ app })).filter(({ number }) => String(number) === key);
  return theOnly('build', key, app, found).id;
}

/** Returns a release that is named by its id or version, as `v3` or `3`. Throws an AppsApiError if there is none. */
export async function releaseNamed({ releases }: AppsApi, app: string, key: string): Promise<Release> {
  if (isId(key)) return releases.get({ app, release: key });
  const version = key.toLowerCase().replace(/^v/, '');
  const found = (await releases.list({ app })).filter((release) => String(release.version) === version);
  return theOnly('release', key, app, found);
}

/** As {@link releaseNamed}, its id only. */
export async function releaseId(api: AppsApi, app: string, key: string): Promise<string> {
  return isId(key) ? key : (await releaseNamed(api, app, key)).id;
}

function theOnly<Item extends Build | Release>(
  noun: string,
  key: string,
  app: string,
  found: readonly Item[],
): Item {
  const [only, ...others] = found;
  if (only === undefined)
    throw notFound(noun, key, undefined, `Every ${noun}: aka ${noun}s -a ${shown(app)}`);
  if (others.length === 0) return only;
  throw conflict(
    'several_of_one_number',
    `${found.length} ${noun}s of ${shown(app)} have number ${shown(key)} there.`,
    `Name it by its id: ${found.map(({ id }) => shown(id)).join(', ')}`,
  );
}
