import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { RuleError } from '../model/rule.js';

/** The name of the settings file within the config folder. */
export const SETTINGS_FILE = 'settings.json';

/**
 * The settings in a config folder, as they are; undefined if there is no such file. `exists` tells before conf is
 * loaded, which takes longer than most commands. Throws the error of a file that can't be read or is no JSON object.
 */
export async function readSettings(configDir: string, exists: (path: string) => boolean): Promise<unknown> {
  const path = join(configDir, SETTINGS_FILE);
  if (!exists(path)) return undefined;
  for (const each of [configDir, path]) refuseForeign(each);
  // conf takes a list or null for settings without anything in them, which would lead to this machine's platform.
  const content: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new TypeError('It is not a JSON object.');
  }
  const { default: Conf } = await import('conf');
  return new Conf({ cwd: configDir, configName: 'settings', clearInvalidConfig: false }).store;
}

/** Whoever can write the settings decides where tokens are sent. Throws if that is anybody but this user or root. */
function refuseForeign(path: string): void {
  const { uid, mode } = statSync(path);
  const me = process.geteuid?.();
  if ((me === undefined || uid === me || uid === 0) && (mode & 0o022) === 0) return;
  throw new RuleError(
    'foreign_settings',
    `${path} can be written by other users of this machine, who could send aka elsewhere.`,
    `If what is in it is yours: chmod go-w ${path}`,
  );
}
