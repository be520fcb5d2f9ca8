import { existsSync, readFileSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import * as z from 'zod/mini';
import { given } from '../model/given.js';
import { homeFolder } from '../model/home-folder.js';
import { nearest } from '../model/nearest.js';
import { EMBEDDED } from '../model/profile-names.js';
import { quote, RuleError } from '../model/rule.js';
import { parseApiAddress } from './api-address.js';
import type { Credentials } from './credentials.js';
import { refuseForeign } from './private-files.js';
import { broken, MEND, type Profile, readSettings, settingsFile, settingsIn } from './settings.js';

/** The platform that commands are for, and what says so (for people: `--api`, `AKKERIS_API_HOST`, a file). */
export type Target = { readonly kind: 'embedded'; readonly why: string } | HttpTarget;

export interface HttpTarget {
  readonly kind: 'http';
  /** That of the profile, or the host. */
  readonly name: string;
  /** As {@link parseApiAddress} takes it. */
  readonly url: string;
  readonly why: string;
  /** Where passwords are exchanged for tokens, as it is given: parseAuthHost takes it. */
  readonly auth?: string;
  /** The absolute path of the certificates that its servers are trusted by, too. */
  readonly ca?: string;
  /** None until they are looked for, and none for a unix socket, which needs none. */
  readonly credentials?: Credentials;
}

/** Why the embedded platform is chosen if nobody chose it. */
export const BY_DEFAULT = 'nothing says otherwise';

/** What decides the target. */
export interface Surroundings {
  readonly flags: { readonly platform?: string | undefined; readonly api?: string | undefined };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly configDir: string;
  readonly home: string;
  /** The text of a file; undefined if there is none. Throws a {@link RuleError} if others could write it. */
  readonly readFile: (path: string) => string | undefined;
  /** What is in the settings file; undefined if there is none. */
  readonly readSettings: () => Promise<unknown>;
}

/** What the older aka keeps in a file of its own. */
const OldConfig = z.looseObject({ apps: z.string(), auth: z.optional(z.string()) });

/** Variables that only somebody with an Akkeris installation in mind sets, but that don't say where it is. */
const INCOMPLETE = [
  'AKKERIS_AUTH_HOST',
  'AKKERIS_API_INSECURE',
  'AKA_CA_FILE',
  'AKA_TOKEN',
  'API_AUTH',
  'API_TOKEN',
] as const;

type Wanted = Pick<Surroundings, 'flags' | 'env' | 'configDir'> & Partial<Surroundings>;

/**
 * Finds the platform that commands are for. The first of these that is there decides:
 * 1. the flags `--api URL` and `--platform NAME`,
 * 2. the environment: `AKA_API`, `AKKERIS_PLATFORM`, `AKKERIS_API_HOST`,
 * 3. the profile in use in the settings file,
 * 4. `~/.akkeris/config.json` of the older aka,
 * 5. otherwise the embedded platform.
 *
 * What is there but broken or incomplete is a {@link RuleError} that names it, so that a script meant for production
 * never falls through to this machine.
 */
export async function resolveTarget(wanted: Wanted): Promise<Target> {
  const surroundings = surroundingsOf(wanted);
  return (
    (await fromFlags(surroundings)) ??
    (await fromEnvironment(surroundings)) ??
    (await fromSettings(surroundings)) ??
    inOldConfig(surroundings) ??
    embedded(surroundings)
  );
}

/** With the places where things are looked up unless told. */
export function surroundingsOf(wanted: Wanted): Surroundings {
  return {
    home: homeFolder(wanted.env, () => userInfo().homedir),
    readFile: readIfThere,
    readSettings: () => readSettings(wanted.configDir, existsSync),
    ...wanted,
  };
}

function readIfThere(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  // A pipe that nobody writes to must not keep anybody waiting.
  if (!statSync(path).isFile()) throw new TypeError('It is no file.');
  for (const each of [dirname(path), path]) refuseForeign(each);
  return readFileSync(path, 'utf8');
}

async function fromFlags(surroundings: Surroundings): Promise<Target | undefined> {
  const { flags, env } = surroundings;
  const { api, platform } = flags;
  if (api !== undefined && platform !== undefined) {
    throw broken('--api and --platform both say where to go', 'Leave one of them out.');
  }
  if (api !== undefined) {
    // What the environment says of another platform is not for this one: a password would go to a stranger.
    const elsewhere = env.AKA_API ?? env.AKKERIS_PLATFORM ?? env.AKKERIS_API_HOST;
    return at('--api', { api, auth: elsewhere === undefined ? env.AKKERIS_AUTH_HOST : undefined }, env);
  }
  return platform === undefined ? undefined : await named('--platform', platform, surroundings);
}

async function fromEnvironment(surroundings: Surroundings): Promise<Target | undefined> {
  const { AKA_API: api, AKKERIS_PLATFORM: platform } = surroundings.env;
  if (api === undefined && platform !== undefined) {
    return await named('AKKERIS_PLATFORM', platform, surroundings);
  }
  return inEnvironment(surroundings);
}

/** The platform whose address is in the environment. */
export function inEnvironment({ env }: Pick<Surroundings, 'env'>): HttpTarget | undefined {
  const { AKA_API: api, AKKERIS_API_HOST: host, AKKERIS_AUTH_HOST: auth } = env;
  if (api !== undefined) return at('AKA_API', { api, auth }, env);
  return host === undefined ? undefined : at('AKKERIS_API_HOST', { api: withScheme(host), auth }, env);
}

async function fromSettings(surroundings: Surroundings): Promise<Target | undefined> {
  const { configDir } = surroundings;
  const { platform, platforms = {} } = await settingsIn(configDir, surroundings.readSettings);
  const file = settingsFile(configDir);
  if (platform !== undefined) return await named(file, platform, surroundings);
  const names = Object.keys(platforms);
  if (names.length === 0) return undefined;
  throw broken(
    `${file} does not say which platform is in use`,
    `Choose one: aka profiles:use ${[...names, EMBEDDED].join('|')}`,
  );
}

/** The platform that the older aka was set up for. */
export function inOldConfig({ env, home, readFile }: Surroundings): HttpTarget | undefined {
  const file = join(home, '.akkeris', 'config.json');
  const text = readable(file, () => readFile(file));
  if (text === undefined) return undefined;
  const parsed = OldConfig.safeParse(readable(file, () => JSON.parse(text) as unknown));
  if (!parsed.success) throw broken(`${file} does not say where the API is ("apps")`, MEND);
  const { apps, auth } = parsed.data;
  return at(file, { api: withScheme(apps), auth: env.AKKERIS_AUTH_HOST ?? auth }, env);
}

function embedded({ env }: Surroundings): Target {
  const hint = INCOMPLETE.find((variable) => env[variable] !== undefined);
  if (hint === undefined) return { kind: 'embedded', why: BY_DEFAULT };
  throw broken(
    `${hint} is set, but nothing says which platform it is for`,
    'Set AKKERIS_API_HOST or AKA_API; to use the platform on this machine: --platform embedded',
  );
}

/** The platform of that name, which `why` asks for. */
async function named(why: string, name: string, surroundings: Surroundings): Promise<Target> {
  if (name === EMBEDDED) return { kind: 'embedded', why };
  const { configDir, env } = surroundings;
  const file = settingsFile(configDir);
  const { platforms = {} } = await settingsIn(configDir, surroundings.readSettings);
  const profile = Object.hasOwn(platforms, name) ? platforms[name] : undefined;
  if (profile !== undefined) return { ...atProfile(configDir, name, profile, env), why };
  const names = [...Object.keys(platforms), EMBEDDED];
  const near = nearest(name, names);
  throw broken(
    `${why} names platform ${quote(name)}, which is not in ${file}`,
    near === undefined ? `There are ${names.join(', ')}.` : `Did you mean ${near}?`,
  );
}

/** The platform of a profile in the settings of a config folder, which are why it is known. */
export function atProfile(
  configDir: string,
  name: string,
  profile: Profile,
  env: Surroundings['env'],
): HttpTarget {
  const why = `${settingsFile(configDir)}, platforms.${name}`;
  if (profile.ca !== undefined && !isAbsolute(profile.ca)) {
    throw broken(`${why}: the path of its certificates ("ca") does not begin with a slash`, MEND);
  }
  return { ...at(why, profile, env), name };
}

/** The API at an address that `why` gives. */
function at(why: string, { api: url, auth, ca }: Known, env: Surroundings['env']): HttpTarget {
  try {
    const address = parseApiAddress(url);
    const target = { kind: 'http', name: address.shown, url, why } as const;
    if (address.kind === 'unix') return target;
    const trusted = ca ?? trustedIn(env);
    return { ...target, ...given({ auth, ca: trusted }) };
  } catch (error) {
    if (!(error instanceof RuleError) || error.id === 'invalid_target') throw error;
    throw broken(`${why}: ${error.message.replace(/\.$/, '')}`, error.hint ?? MEND);
  }
}

interface Known {
  readonly api: string;
  readonly auth?: string | undefined;
  readonly ca?: string | undefined;
}

/** The certificates that the environment names for every platform whose profile names none. */
function trustedIn({ AKA_CA_FILE: file }: Surroundings['env']): string | undefined {
  if (file === '')
    throw broken('AKA_CA_FILE is set but empty', 'Set it to a file of certificates, or unset it.');
  return file === undefined ? undefined : resolve(file);
}

/** Old variables and files have hosts without a scheme. An empty one stays what it is: broken. */
export function withScheme(host: string): string {
  return host === '' || /^(?:[a-z]+:\/\/|unix:)/i.test(host) ? host : `https://${host}`;
}

function readable<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RuleError) throw error;
    throw broken(`${file} can't be read`, MEND);
  }
}
