import type { AppsApi } from '../contract/apps-api.js';
import type { Dyno, Release } from '../contract/wire.js';
import { reportDynos } from './dyno-view.js';
import { EXIT } from './exit-codes.js';
import { CommandError } from './failure.js';
import type { Unfinished, Waiting } from './waiting.js';

/** So many of those that are not up are named. */
const MOST = 3;

/**
 * Waits until the dynos of some apps are up, those that were asked for in the place of others too, and their last
 * releases with them; answers them. Throws a CommandError (exit 1) as soon as one crashed, or can't start as things are.
 */
export async function untilUp(
  api: AppsApi,
  { apps, list }: { readonly apps: readonly string[]; readonly list: () => Promise<Dyno[]> },
  { waiting, unfinished }: { readonly waiting: Waiting; readonly unfinished: Unfinished },
): Promise<Dyno[]> {
  return waiting.until(async () => {
    const newest = await Promise.all(apps.map(async (app) => (await api.releases.list({ app }))[0]));
    const dynos = await list();
    const failed = dynos.find(({ state }) => state === 'crashed' || state === 'down');
    if (failed !== undefined) throw await neverUp(api, failed);
    const missing = [
      ...newest.flatMap((release) => (release?.status === 'pending' ? [pendingText(release)] : [])),
      ...dynos.flatMap((dyno) => (dyno.state === 'up' && dyno.renew !== true ? [] : [notUpText(dyno)])),
    ];
    if (missing.length === 0) return dynos;
    waiting.now({ ...unfinished, says: `${unfinished.says} ${listed(missing)}.` });
    return undefined;
  });
}

function pendingText({ version, app }: Release): string {
  return `v${version} of ${app.name} is pending`;
}

function notUpText({ name, app, state, reason }: Dyno): string {
  const how = state === 'up' ? 'to be replaced' : state;
  return `${name} of ${app.name} is ${how}${reason == null ? '' : ` (${reason})`}`;
}

function listed(texts: readonly string[]): string {
  const more = texts.length > MOST ? `, and ${texts.length - MOST} more` : '';
  return `${texts.slice(0, MOST).join(', ')}${more}`;
}

/** Waits until a release is what its app runs. Throws a CommandError (exit 1) if it fails. */
export async function untilReleased(
  { releases }: AppsApi,
  { app, release }: { readonly app: string; readonly release: string },
  waiting: Waiting,
): Promise<Release> {
  const settled = await waiting.until(async () => {
    const it = await releases.get({ app, release });
    return it.status === 'pending' || it.status === 'queued' ? undefined : it;
  });
  if (settled.status !== 'failed') return settled;
  throw new CommandError({
    id: 'release_failed',
    message: `Release v${settled.version} of ${app} failed: ${settled.reason ?? 'the platform does not say why'}.`,
    hint: `What it printed: aka logs -a ${app}. What ran before goes on.`,
    exit: EXIT.no,
  });
}

async function neverUp(api: AppsApi, dyno: Dyno): Promise<CommandError> {
  const [report] = await reportDynos(api, [dyno]);
  const said = (report?.last_lines ?? []).map(({ line }) => `\n  ${line}`).join('');
  const why = dyno.reason == null ? '' : `: ${dyno.reason}`;
  return new CommandError({
    id: dyno.state === 'crashed' ? 'dyno_crashed' : 'dyno_down',
    message: `${dyno.name} of ${dyno.app.name} is ${dyno.state}${why}.${said === '' ? '' : ` It printed last:${said}`}`,
    hint: `More of it: aka logs -a ${dyno.app.name} --dyno ${dyno.name}`,
    exit: EXIT.no,
  });
}
