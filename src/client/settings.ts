import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { RuleError } from '../model/rule.js';
import { changeFile, objectIn } from './config-file.js';
import { refuseForeign } from './private-files.js';

/** A platform that has a name. */
export const Profile = z.looseObject({
  /** As parseApiAddress takes it. */
  api: z.string(),
  /** Where passwords are exchanged for tokens; as parseAuthHost takes it. */
  auth: z.optional(z.string()),
  /** The path of the certificates that the servers of the platform are trusted by. */
  ca: z.optional(z.string()),
});
export type Profile = z.infer<typeof Profile>;

/** What the settings file holds; what else is in it stays there. */
const Settings = z.looseObject({
  platforms: z.optional(z.record(z.string(), Profile)),
  /** The one in use. */
  platform: z.optional(z.string()),
});
export type Settings = z.infer<typeof Settings>;

/** The settings file of a config folder. */
export function settingsFile(configDir: string): string {
  return join(configDir, 'settings.json');
}

/**
 * The settings in a config folder, as they are; undefined if there is no such file. They are read without conf, which
 * takes longer to load than most commands take. Throws the error of a file that can't be read or is no JSON object.
 */
export async function readSettings(configDir: string, exists: (path: string) => boolean): Promise<unknown> {
  const path = settingsFile(configDir);
  if (!exists(path)) return undefined;
  for (const each of [configDir, path]) refuseForeign(each);
  return objectIn(readFileSync(path, 'utf8'));
}

/** What `read` finds in the settings file. Throws a {@link RuleError} that names the file and what is wrong with it. */
export async function settingsIn(configDir: string, read: () => Promise<unknown>): Promise<Settings> {
  const file = settingsFile(configDir);
  let settings: unknown;
  try {
    settings = await read();
  } catch (error) {
    if (error instanceof RuleError) throw error;
    throw broken(`${file} can't be read`, MEND);
  }
  const parsed = Settings.safeParse(settings ?? {});
  if (parsed.success) return parsed.data;
  throw broken(`${file} has no usable ${parsed.error.issues[0]?.path.join('.') || 'content'}`, MEND);
}

/** Changes the settings, whole or not at all; see {@link changeFile}. Throws what is wrong with those that are there. */
export function changeSettings(configDir: string, change: (settings: Settings) => Settings): Promise<void> {
  return changeFile(
    configDir,
    'settings',
    () => settingsIn(configDir, () => readSettings(configDir, existsSync)),
    change,
  );
}

export const MEND = 'Mend it or take it away; to go elsewhere for now: --api URL or --platform NAME';

/** The error for what says badly where to go. */
export function broken(what: string, hint: string): RuleError {
  return new RuleError('invalid_target', `${what}.`, hint);
}
