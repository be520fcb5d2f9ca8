import { join } from 'node:path';

/** The name of the settings file within the config folder. */
export const SETTINGS_FILE = 'settings.json';

/**
 * The settings in a config folder, as they are; undefined if there is no such file. `exists` tells before conf is
 * loaded, which takes longer than most commands. Throws the error of a file that can't be read or is no JSON object.
 */
export async function readSettings(configDir: string, exists: (path: string) => boolean): Promise<unknown> {
  if (!exists(join(configDir, SETTINGS_FILE))) return undefined;
  const { default: Conf } = await import('conf');
  return new Conf({ cwd: configDir, configName: 'settings', clearInvalidConfig: false }).store;
}
