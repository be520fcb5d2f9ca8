import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { privateFolder } from './private-files.js';

/** A file of the config folder, without its `.json`. */
type ConfigFile = 'settings' | 'tokens';

/** The object that is written as JSON. Throws if it is anything else. */
export function objectIn(text: string): Record<string, unknown> {
  const content: unknown = JSON.parse(text);
  // conf takes a list or null for settings without anything in them, which would lead to this machine's platform.
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new TypeError('It is not a JSON object.');
  }
  return content as Record<string, unknown>;
}

/**
 * Replaces what a file of the config folder holds: what `read` finds, changed. One process at a time does it, so that
 * none loses what another wrote, and one that is killed leaves the file as it was. The file is for its owner only, and so
 * is the folder if it has to be made. Throws what `read` and `change` throw, and an AppsApiError (409) if other
 * processes don't let it; nothing is written then.
 */
export async function changeFile<Content extends object>(
  configDir: string,
  name: ConfigFile,
  read: () => Content | Promise<Content>,
  change: (content: Content) => Content,
): Promise<void> {
  privateFolder(configDir);
  const [{ default: Conf }, { lock }] = await Promise.all([import('conf'), import('./file-lock.js')]);
  const release = lock(join(configDir, `${name}.lock`));
  try {
    const content = change(await read());
    // What a process that was killed left behind may hold a token.
    for (const each of readdirSync(configDir)) {
      if (each.startsWith(`${name}.json.tmp-`)) rmSync(join(configDir, each), { force: true });
    }
    new Conf<Record<string, unknown>>({
      cwd: configDir,
      configName: name,
      configFileMode: 0o600,
      clearInvalidConfig: false,
    }).store = { ...content } as Record<string, unknown>;
  } finally {
    release();
  }
}
