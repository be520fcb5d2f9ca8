import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { homeFolder } from '../model/home-folder.js';

/** The folders of `aka` itself, also when it is installed as a plugin of another tool. */
export function foldersFor(env: NodeJS.ProcessEnv): { dataDir: string; configDir: string } {
  return {
    dataDir: folder(env.AKA_DATA_DIR, env.XDG_DATA_HOME, env, '.local', 'share'),
    configDir: folder(env.AKA_CONFIG_DIR, env.XDG_CONFIG_HOME, env, '.config'),
  };
}

function folder(
  own: string | undefined,
  xdg: string | undefined,
  env: NodeJS.ProcessEnv,
  ...inHome: string[]
): string {
  if (own !== undefined && own !== '') return resolve(own);
  // A relative path here is to be ignored (XDG Base Directory Specification).
  if (xdg?.startsWith('/') === true) return join(xdg, 'aka');
  return join(
    homeFolder(env, () => userInfo().homedir),
    ...inHome,
    'aka',
  );
}
