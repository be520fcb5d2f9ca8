import type { AppsApi, CallOptions } from '../../contract/apps-api.js';
import type { Release, ReleaseStatus } from '../../contract/wire.js';
import { buildId, releaseId } from './looked-up.js';

type Created = Parameters<AppsApi['releases']['create']>[0];
type Reported = Parameters<AppsApi['releaseStatuses']['create']>[0];

/** Releases again what a release or a build had, which are looked up. */
export async function createRelease(
  api: AppsApi,
  { release, slug, ...rest }: Created,
  options: CallOptions | undefined,
): Promise<Release> {
  const { app } = rest;
  return api.releases.create(
    {
      ...rest,
      ...(release !== undefined && { release: await releaseId(api, app, release) }),
      ...(slug !== undefined && { slug: await buildId(api, app, slug) }),
    },
    options,
  );
}

/** Reports a status of a release. The installation takes a context only once: from then on its status is changed. */
export async function reportStatus(
  api: AppsApi,
  { app, release: key, context, ...facts }: Reported,
  options: CallOptions | undefined,
): Promise<ReleaseStatus> {
  const release = await releaseId(api, app, key);
  const { statuses } = await api.releaseStatuses.list({ app, release });
  const same = statuses.find((each) => each.context === context);
  if (same !== undefined) return api.releaseStatuses.update({ app, release, status: same.id, ...facts });
  // It wants a name, although it says that it doesn't.
  return api.releaseStatuses.create({ app, release, context, name: context, ...facts }, options);
}
