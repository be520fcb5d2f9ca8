import { existsSync } from 'node:fs';
import { readSettings, settingsIn } from '../../client/settings.js';
import type { AppsApi, Page } from '../../contract/apps-api.js';
import { platformVar } from '../../model/config-vars.js';
import { EMBEDDED } from '../../model/profile-names.js';
import { printable } from '../../model/rule.js';
import { buildName } from '../build-view.js';
import { connect, targetOf, type Wanted } from '../connect.js';
import { foldersFor } from '../folders.js';
import type { Names } from './grammar.js';

/** So many names are the most that a shell is given; more would be of no use to anybody. */
const MOST = 1000;

/** How long further pages are read, in milliseconds: somebody waits with a finger on the tab key. */
const PATIENCE = 1000;

/** No platform has longer ones, and a line of a terminal should hold one. */
const LONGEST = 128;

/**
 * Names on the platform that begin with `prefix` in any case: at most {@link MOST}, in its order; some are those of
 * `app`. Left out is what would be a flag on a command line, and what would do something to the terminal that shows it.
 *
 * Throws whatever connecting or listing throws. A platform that isn't there yet is not made; it has no names.
 */
export async function namesOf(
  kind: Names,
  { prefix, app }: { readonly prefix: string; readonly app?: string | undefined },
  wanted: Wanted,
  env: NodeJS.ProcessEnv,
): Promise<string[]> {
  if (kind === 'profiles') return (await profiles(env)).filter(startingWith(prefix));
  const embedded = (await targetOf(wanted, env)).kind === 'embedded';
  if (embedded && !(await isThere(env))) return [];
  const api = await connect(wanted, env, { warn: () => {}, debug: () => {}, platform: async () => {} });
  try {
    const fits = startingWith(prefix);
    const names = isOfApp(kind)
      ? (await listOf(kind, api, app)).filter(fits)
      : await list(kind, api, fits, embedded);
    return names.slice(0, MOST);
  } finally {
    await api.close();
  }
}

/** What can follow --platform. */
async function profiles(env: NodeJS.ProcessEnv): Promise<string[]> {
  const { configDir } = foldersFor(env);
  const { platforms = {} } = await settingsIn(configDir, () => readSettings(configDir, existsSync));
  return [...Object.keys(platforms).toSorted(), EMBEDDED];
}

async function isThere(env: NodeJS.ProcessEnv): Promise<boolean> {
  const { platformExists } = await import('../../platform/store/store.js');
  return platformExists(foldersFor(env));
}

function startingWith(prefix: string): (name: string) => boolean {
  const wanted = prefix.toLowerCase();
  return (name) =>
    name.toLowerCase().startsWith(wanted) &&
    /^[^-\s]/.test(name) &&
    name.length <= LONGEST &&
    !/[\n\t]/.test(name) &&
    printable(name) === name;
}

type OfApp = 'types' | 'dynos' | 'builds' | 'releases' | 'vars';

function isOfApp(kind: Names): kind is OfApp {
  return ['types', 'dynos', 'builds', 'releases', 'vars'].includes(kind);
}

/** What an app has of these; nothing if none is named. */
async function listOf(kind: OfApp, api: AppsApi, app: string | undefined): Promise<string[]> {
  if (app === undefined || app === '') return [];
  const types = async (): Promise<string[]> => (await api.formations.list({ app })).map(({ type }) => type);
  switch (kind) {
    case 'types':
      return types();
    case 'dynos': {
      // A command that takes a dyno takes all of a type, too.
      const dynos = await api.dynos.list({ app });
      return [...new Set([...(await types()), ...dynos.map(({ name }) => name)])];
    }
    case 'builds':
      return (await api.builds.list({ app })).map(buildName);
    case 'vars':
      return Object.keys(await api.configVars.get({ app })).filter((name) => platformVar(name) === undefined);
    case 'releases':
      return (await api.releases.list({ app })).map(({ version }) => `v${version}`);
  }
}

async function list(
  kind: Exclude<Names, OfApp | 'profiles'>,
  api: AppsApi,
  fits: (name: string) => boolean,
  inPages: boolean,
): Promise<string[]> {
  const deadline = Date.now() + PATIENCE;
  // Pages keep a call short that nothing can interrupt. An Akkeris installation answers 404 to any query.
  const limit = inPages ? { limit: 1000 } : {};
  const names: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await read(kind, api, cursor === undefined ? limit : { ...limit, cursor });
    names.push(...page.items.map(({ name }) => name).filter(fits));
    cursor = page.next;
  } while (cursor !== undefined && names.length < MOST && Date.now() < deadline);
  return names;
}

async function read(
  kind: Exclude<Names, OfApp | 'profiles'>,
  { spaces, apps, addons, stacks, regions, organizations }: AppsApi,
  page: { limit?: number; cursor?: string },
): Promise<Page<{ name: string }>> {
  switch (kind) {
    case 'spaces':
      return spaces.list(page);
    case 'apps':
      return apps.list(page);
    case 'stacks':
      return { items: await stacks.list() };
    case 'regions':
      return { items: await regions.list() };
    case 'orgs':
      return { items: await organizations.list() };
    case 'credentials':
      return { items: await addons.list() };
  }
}
