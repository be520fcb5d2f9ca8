import type { AppsApi } from '../contract/apps-api.js';
import type { Dyno, Release } from '../contract/wire.js';
import { withoutLines } from '../model/last-lines.js';
import { lastLines } from './dyno-view.js';
import { EXIT } from './exit-codes.js';
import { CommandError } from './failure.js';
import { withoutColours } from './program-text.js';
import { endedBy } from './reason.js';
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
    const failed = dynos.find(isDown);
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
  return `${name} of ${app.name} is ${how}${reason == null ? '' : ` (${withoutLines(reason)})`}`;
}

function listed(texts: readonly string[]): string {
  const more = texts.length > MOST ? `, and ${texts.length - MOST} more` : '';
  return `${texts.slice(0, MOST).join(', ')}${more}`;
}

/** Waits until a release is what its app runs. Throws a CommandError (exit 1) if it fails. */
export async function untilReleased(
  api: AppsApi,
  { app, release }: { readonly app: string; readonly release: string },
  waiting: Waiting,
): Promise<Release> {
  const settled = await waiting.until(async () => {
    const it = await api.releases.get({ app, release });
    if (it.status !== 'pending' && it.status !== 'queued') return it;
    const waits = (await api.dynos.list({ app })).filter(
      ({ state, reason }) => isWithoutRoom(state) && reason,
    );
    if (waits.length > 0) {
      waiting.now({
        says: `The release of ${app} goes on: ${listed(waits.map(notUpText))}.`,
        hint: `What there is room for is started by itself. See it: aka ps -a ${app}`,
      });
    }
    return undefined;
  });
  if (settled.status !== 'failed') return settled;
  const dynos = await api.dynos.list({ app });
  const goesOn = dynos.some(({ state }) => state === 'up');
  throw new CommandError({
    id: 'release_failed',
    message: `Release v${settled.version} of ${app} failed: ${endedBy(settled.reason)}`,
    hint: `All it printed: aka logs -a ${app}${goesOn ? '. What ran before goes on.' : ''}`,
    exit: EXIT.no,
  });
}

async function neverUp(api: AppsApi, dyno: Dyno): Promise<CommandError> {
  const why = dyno.reason == null ? '.' : `: ${endedBy(dyno.reason)}`;
  return new CommandError({
    id: dyno.state === 'crashed' ? 'dyno_crashed' : 'dyno_down',
    message: `${dyno.name} of ${dyno.app.name} is ${dyno.state}${why}${dyno.reason?.includes('\n') ? '' : await lastWords(api, dyno)}`,
    hint: `More of it: aka logs -a ${dyno.app.name} --dyno ${dyno.name}`,
    exit: EXIT.no,
  });
}

/** Whether a dyno may be there later, without anybody doing anything. */
function isWithoutRoom(state: string): boolean {
  return state === 'evicted' || state === 'waiting';
}

function isDown({ state }: Dyno): boolean {
  return state === 'crashed' || state === 'down';
}

/** What a dyno printed last, to follow a sentence about it; nothing if it printed nothing. */
async function lastWords(api: AppsApi, dyno: Dyno): Promise<string> {
  const said = (await lastLines(api, dyno)).map(({ line }) => `\n  ${withoutColours(line)}`).join('');
  return said === '' ? '' : ` It printed last:${said}`;
}
