import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { nearest } from '../model/nearest.js';
import { quote, RuleError } from '../model/rule.js';
import { parseApiAddress } from './api-address.js';
import { type Credentials, credentialsFrom } from './credentials.js';
import { readSettings, SETTINGS_FILE } from './settings.js';

/** The platform that commands are for, and what says so (for people: `--api`, `AKKERIS_API_HOST`, a file). */
export type Target =
  | { readonly kind: 'embedded'; readonly why: string }
  | {
      readonly kind: 'http';
      /** That of the profile, or the host. */
      readonly name: string;
      /** As {@link parseApiAddress} takes it. */
      readonly url: string;
      readonly why: string;
      /** Those of the environment; none for a unix socket, which needs none. */
      readonly credentials?: Credentials;
    };

/** What decides the target. */
export interface Surroundings {
  readonly flags: { readonly platform?: string | undefined; readonly api?: string | undefined };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly configDir: string;
  readonly home: string;
  /** The text of a file; undefined if there is none. */
  readonly readFile: (path: string) => string | undefined;
  /** What is in the settings file; undefined if there is none. */
  readonly readSettings: () => Promise<unknown>;
}

const Settings = z.looseObject({
  /** The platforms that have a name. */
  platforms: z.optional(z.record(z.string(), z.looseObject({ api: z.string() }))),
  /** The one in use. */
  platform: z.optional(z.string()),
});
type Settings = z.infer<typeof Settings>;

const OldConfig = z.looseObject({ apps: z.string() });

/** The name of the platform on this machine. */
const EMBEDDED = 'embedded';

/** Variables that only somebody with an Akkeris installation in mind sets, but that don't say where it is. */
const INCOMPLETE = [
  'AKKERIS_AUTH_HOST',
  'AKKERIS_API_INSECURE',
  'AKA_TOKEN',
  'API_AUTH',
  'API_TOKEN',
] as const;

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
export async function resolveTarget(
  given: Pick<Surroundings, 'flags' | 'env' | 'configDir'> & Partial<Surroundings>,
): Promise<Target> {
  const surroundings: Surroundings = {
    home: given.env.HOME || homedir(),
    readFile: readIfThere,
    readSettings: () => readSettings(given.configDir, existsSync),
    ...given,
  };
  const target =
    (await fromFlags(surroundings)) ??
    (await fromEnvironment(surroundings)) ??
    (await fromSettings(surroundings)) ??
    fromOldConfig(surroundings) ??
    embedded(surroundings);
  if (target.kind === 'embedded' || parseApiAddress(target.url).kind === 'unix') return target;
  const credentials = credentialsFrom(surroundings.env);
  return credentials === undefined ? target : { ...target, credentials };
}

function readIfThere(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

async function fromFlags({ flags, ...surroundings }: Omit<Surroundings, 'env'>): Promise<Target | undefined> {
  const { api, platform } = flags;
  if (api !== undefined && platform !== undefined) {
    throw broken('--api and --platform both say where to go', 'Leave one of them out.');
  }
  if (api !== undefined) return at('--api', api);
  return platform === undefined ? undefined : await named('--platform', platform, surroundings);
}

async function fromEnvironment({ env, ...surroundings }: Surroundings): Promise<Target | undefined> {
  const { AKA_API: api, AKKERIS_PLATFORM: platform, AKKERIS_API_HOST: host } = env;
  if (api !== undefined) return at('AKA_API', api);
  if (platform !== undefined) return await named('AKKERIS_PLATFORM', platform, surroundings);
  return host === undefined ? undefined : at('AKKERIS_API_HOST', withScheme(host));
}

async function fromSettings(
  surroundings: Pick<Surroundings, 'configDir' | 'readSettings'>,
): Promise<Target | undefined> {
  const { platform, platforms = {} } = await settingsOf(surroundings);
  const file = fileOf(surroundings);
  if (platform !== undefined) return await named(file, platform, surroundings);
  const names = Object.keys(platforms);
  if (names.length === 0) return undefined;
  throw broken(
    `${file} does not say which platform is in use`,
    `Choose one: --platform ${[...names, EMBEDDED].join('|')}`,
  );
}

function fromOldConfig({ home, readFile }: Surroundings): Target | undefined {
  const file = join(home, '.akkeris', 'config.json');
  const text = readable(file, () => readFile(file));
  if (text === undefined) return undefined;
  const parsed = OldConfig.safeParse(readable(file, () => JSON.parse(text) as unknown));
  if (!parsed.success) throw broken(`${file} does not say where the API is ("apps")`, MEND);
  return at(file, withScheme(parsed.data.apps));
}

function embedded({ env }: Surroundings): Target {
  const hint = INCOMPLETE.find((variable) => env[variable] !== undefined);
  if (hint === undefined) return { kind: 'embedded', why: 'nothing says otherwise' };
  throw broken(
    `${hint} is set, but nothing says which platform it is for`,
    'Set AKKERIS_API_HOST or AKA_API; to use the platform on this machine: --platform embedded',
  );
}

/** The platform of that name, which `why` asks for. */
async function named(
  why: string,
  name: string,
  surroundings: Pick<Surroundings, 'configDir' | 'readSettings'>,
): Promise<Target> {
  if (name === EMBEDDED) return { kind: 'embedded', why };
  const { platforms = {} } = await settingsOf(surroundings);
  const profile = Object.hasOwn(platforms, name) ? platforms[name] : undefined;
  if (profile !== undefined)
    return { ...at(`${fileOf(surroundings)}, platforms.${name}`, profile.api), name, why };
  const names = [...Object.keys(platforms), EMBEDDED];
  const near = nearest(name, names);
  throw broken(
    `${why} names platform ${quote(name)}, which is not in ${fileOf(surroundings)}`,
    near === undefined ? `There are ${names.join(', ')}.` : `Did you mean ${near}?`,
  );
}

/** The API at an address that `why` gives. */
function at(why: string, url: string): Target & { kind: 'http' } {
  try {
    return { kind: 'http', name: parseApiAddress(url).shown, url, why };
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    throw broken(`${why}: ${error.message.replace(/\.$/, '')}`, error.hint ?? MEND);
  }
}

async function settingsOf(surroundings: Pick<Surroundings, 'configDir' | 'readSettings'>): Promise<Settings> {
  const file = fileOf(surroundings);
  let settings: unknown;
  try {
    settings = await surroundings.readSettings();
  } catch (error) {
    if (error instanceof RuleError) throw error;
    throw broken(`${file} can't be read`, MEND);
  }
  const parsed = Settings.safeParse(settings ?? {});
  if (parsed.success) return parsed.data;
  throw broken(`${file} has no usable ${parsed.error.issues[0]?.path.join('.') || 'content'}`, MEND);
}

function fileOf({ configDir }: Pick<Surroundings, 'configDir'>): string {
  return join(configDir, SETTINGS_FILE);
}

/** Old variables and files have hosts without a scheme. An empty one stays what it is: broken. */
function withScheme(host: string): string {
  return host === '' || /^(?:[a-z]+:\/\/|unix:)/i.test(host) ? host : `https://${host}`;
}

function readable<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch {
    throw broken(`${file} can't be read`, MEND);
  }
}

const MEND = 'Mend it or take it away; to go elsewhere for now: --api URL or --platform NAME';

function broken(what: string, hint: string): RuleError {
  return new RuleError('invalid_target', `${what}.`, hint);
}
