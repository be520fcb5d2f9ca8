import { setTimeout as wait } from 'node:timers/promises';
import type { AppsApi, LogLines } from '../../contract/apps-api.js';
import type { Build, BuildResult, LogLine, Release } from '../../contract/wire.js';
import { buildId } from './looked-up.js';

type Key = Parameters<AppsApi['builds']['get']>[0];
type Filter = Parameters<AppsApi['logs']['ofBuild']>[0];

/** Between two looks at what a build printed, in milliseconds. */
const PAUSE = 1000;
/** How long an installation may take to release what was built, in milliseconds: it looks every 15 s. */
const RELEASED_WITHIN = 45_000;

/** Shows a build with the release that was made of it, which the installation never says. */
export async function getBuild(api: AppsApi, { app, build }: Key): Promise<Build> {
  const found = await api.builds.get({ app, build: await buildId(api, app, build) });
  if (found.status !== 'succeeded') return found;
  const release = await releaseOf(api, { app, build: found.id });
  return release === undefined ? found : { ...found, release: { id: release.id } };
}

export async function buildResult(api: AppsApi, { app, build }: Key): Promise<BuildResult> {
  return api.builds.result({ app, build: await buildId(api, app, build) });
}

/** Stops a build. The installation says hardly more than that it did: the rest is looked at. */
export async function stopBuild(api: AppsApi, { app, build }: Key): Promise<Build> {
  const id = await buildId(api, app, build);
  const stopped = await api.builds.stop({ app, build: id });
  return api.builds.get({ app, build: id }).catch(() => stopped);
}

/**
 * Reads what a build printed. With `follow`, as it comes, until the build is over and what the installation makes of it
 * by itself, a release, is there; `signal` ends it without an error.
 */
export async function buildOutput(
  api: AppsApi,
  { app, build: key, follow = false }: Filter,
  signal?: AbortSignal,
): Promise<LogLines> {
  const build = await api.builds.get({ app, build: await buildId(api, app, key) });
  return outputOf(api, build, { follow, signal });
}

async function* outputOf(
  api: AppsApi,
  { id: build, app: { name: app }, number = 0, updated_at }: Build,
  { follow, signal }: { readonly follow: boolean; readonly signal: AbortSignal | undefined },
): AsyncGenerator<LogLine> {
  const dyno = `build.${number || build}`;
  let at = updated_at;
  for (let shown = 0; ; at = new Date().toISOString()) {
    const { lines, build: now } = await api.builds.result({ app, build });
    // What follows the last line feed is no line.
    const complete = lines.at(-1) === '' ? lines.slice(0, -1) : lines;
    for (const line of complete.slice(shown)) yield { at, app, dyno, line };
    shown = Math.max(shown, complete.length);
    if (!follow || now.status === 'failed') return;
    if (now.status === 'succeeded') return untilReleased(api, { app, build }, signal);
    if (!(await pause(signal))) return;
  }
}

/** Waits for the release of a build that an installation makes by itself, unless the app has that off. */
async function untilReleased(api: AppsApi, key: Key, signal: AbortSignal | undefined): Promise<void> {
  const { app } = key;
  const { enabled } = await api.features.get({ app, feature: 'auto-release' });
  if (!enabled) return;
  const end = Date.now() + RELEASED_WITHIN;
  while (Date.now() < end && (await releaseOf(api, key)) === undefined && (await pause(signal)));
}

/** The first release of what a build made: one that goes back to it is another. */
async function releaseOf({ releases }: AppsApi, { app, build }: Key): Promise<Release | undefined> {
  return (await releases.list({ app })).findLast(({ slug }) => slug?.id === build);
}

/** Waits; false if `signal` ended that. */
async function pause(signal: AbortSignal | undefined): Promise<boolean> {
  return wait(PAUSE, true, signal && { signal }).catch(() => false);
}
