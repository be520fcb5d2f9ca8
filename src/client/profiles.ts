import { conflict, notFound } from '../contract/errors.js';
import { nearest } from '../model/nearest.js';
import { EMBEDDED } from '../model/profile-names.js';
import { changeSettings, type Profile, type Settings, settingsFile, settingsIn } from './settings.js';
import {
  atProfile,
  type HttpTarget,
  inEnvironment,
  inOldConfig,
  resolveTarget,
  type Surroundings,
  type Target,
} from './target.js';

/** A platform that commands can be for. */
export interface Known {
  /** That of its profile, or of the platform on this machine. */
  readonly name: string | null;
  readonly target: Target;
  /** What says that there is such a platform; what has it used is in the target. */
  readonly from: string;
}

/** The platforms there are to choose from, and the one that is chosen. */
export interface Overview {
  /** Those with a name in its order, then those without, then the one on this machine. */
  readonly platforms: readonly Known[];
  /** One of them; undefined if none can be used, which `trouble` gives the reason for. */
  readonly used: Known | undefined;
  readonly trouble: Error | undefined;
}

/** Finds every platform that flags, environment and settings know of. Throws for settings that can't be read. */
export async function overview(surroundings: Surroundings): Promise<Overview> {
  const { configDir, env, readSettings } = surroundings;
  const { platforms = {} } = await settingsIn(configDir, readSettings);
  const named = Object.entries(platforms)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, profile]) => found(name, () => atProfile(configDir, name, profile, env)))
    .map((each) => ({ ...each, from: settingsFile(configDir) }));
  const unnamed = [inEnvironment, inOldConfig].flatMap((look) => found(null, () => look(surroundings)));
  const chosen = await resolveTarget(surroundings).catch((error: unknown) => asError(error));
  const all: Known[] = [
    ...named,
    ...unnamed,
    { name: EMBEDDED, target: { kind: 'embedded', why: '' }, from: 'this machine' },
  ];
  if (chosen instanceof Error) return { platforms: all, used: undefined, trouble: chosen };
  const used = all.find((each) => isSame(each, chosen));
  if (used === undefined) {
    const given = { name: null, target: chosen, from: chosen.why };
    return { platforms: [given, ...all], used: given, trouble: undefined };
  }
  const exactly = { ...used, target: chosen };
  return {
    platforms: all.map((each) => (each === used ? exactly : each)),
    used: exactly,
    trouble: undefined,
  };
}

/** What is known badly is left out: it is in nobody's way until it is used. */
function found(name: string | null, look: () => HttpTarget | undefined): Known[] {
  try {
    const target = look();
    return target === undefined ? [] : [{ name, target, from: target.why }];
  } catch {
    return [];
  }
}

function isSame({ target, name, from }: Known, chosen: Target): boolean {
  if (target.kind === 'embedded' || chosen.kind === 'embedded') return target.kind === chosen.kind;
  return name === null ? from === chosen.why : name === chosen.name && target.url === chosen.url;
}

function asError(error: unknown): Error {
  if (error instanceof Error) return error;
  throw error;
}

/** Has a profile, or the platform on this machine, used where nothing else is named. Throws an AppsApiError (404). */
export async function useProfile(configDir: string, name: string): Promise<void> {
  await changeSettings(configDir, (settings) => {
    if (name !== EMBEDDED) profileIn(configDir, settings, name);
    return { ...settings, platform: name };
  });
}

/**
 * Adds a profile, and has it used if it is the first. Throws an AppsApiError (409) if there is another of that name that
 * it is not to `replace`.
 */
export async function addProfile(
  configDir: string,
  name: string,
  profile: Profile,
  { replace }: { readonly replace: boolean },
): Promise<void> {
  await changeSettings(configDir, (settings) => {
    const { platforms = {} } = settings;
    const before = Object.hasOwn(platforms, name) ? platforms[name] : undefined;
    if (before !== undefined && !replace && !isEqual(before, profile)) throw exists(configDir, name, before);
    const isFirst = settings.platform === undefined && Object.keys(platforms).length === 0;
    const changed = { ...settings, platforms: { ...platforms, [name]: { ...profile } } };
    return isFirst ? { ...changed, platform: name } : changed;
  });
}

/** Removes a profile. Where it was in use, none is afterwards. Throws an AppsApiError (404). Answers what it was. */
export async function removeProfile(configDir: string, name: string): Promise<Profile> {
  let removed: Profile | undefined;
  await changeSettings(configDir, (settings) => {
    removed = profileIn(configDir, settings, name);
    const { platform, ...others } = settings;
    const rest = Object.entries(settings.platforms ?? {}).filter(([each]) => each !== name);
    const changed = { ...others, platforms: Object.fromEntries(rest) };
    return platform === undefined || platform === name ? changed : { ...changed, platform };
  });
  // It was found, or nothing of this is reached.
  return removed as Profile;
}

function profileIn(configDir: string, { platforms = {} }: Settings, name: string): Profile {
  const profile = Object.hasOwn(platforms, name) ? platforms[name] : undefined;
  if (profile !== undefined) return profile;
  const near = nearest(name, Object.keys(platforms));
  throw notFound(
    'profile',
    name,
    near,
    `Those in ${settingsFile(configDir)}: aka profiles. To add it: aka profiles:add NAME --api HOST`,
  );
}

function isEqual(before: Profile, after: Profile): boolean {
  return before.api === after.api && before.auth === after.auth && before.ca === after.ca;
}

function exists(configDir: string, name: string, { api }: Profile) {
  return conflict(
    'profile_exists',
    `Profile ${name} is there already, in ${settingsFile(configDir)}, for ${api}.`,
    'To put this one in its place: --replace. Otherwise choose another name.',
  );
}
