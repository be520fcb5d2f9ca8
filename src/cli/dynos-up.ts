import type { AppsApi } from '../contract/apps-api.js';
import type { Dyno, Release } from '../contract/wire.js';
import { reportDynos } from './dyno-view.js';
import { EXIT } from './exit-codes.js';
import { CommandError } from './failure.js';
import type { Waiting } from './waiting.js';

/**
 * Waits until the dynos of some apps are up, and their last releases with them; answers them. Throws a CommandError
 * (exit 1) as soon as one crashed, or can't start as things are.
 */
export async function untilUp(
  api: AppsApi,
  { apps, list }: { readonly apps: readonly string[]; readonly list: () => Promise<Dyno[]> },
  waiting: Waiting,
): Promise<Dyno[]> {
  return waiting.until(async () => {
    const newest = await Promise.all(apps.map(async (app) => (await api.releases.list({ app }))[0]));
    const dynos = await list();
    const failed = dynos.find(({ state }) => state === 'crashed' || state === 'down');
    if (failed !== undefined) throw await neverUp(api, failed);
    const pending = newest.some((release) => release?.status === 'pending');
    return !pending && dynos.every(({ state }) => state === 'up') ? dynos : undefined;
  });
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
