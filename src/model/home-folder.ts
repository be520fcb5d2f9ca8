import { RuleError } from './rule.js';

/**
 * Returns the home folder of the user: `$HOME`, or what the system has for the user (`ofUser`, such as
 * `userInfo().homedir`) where that is unset, empty or relative, since it would lead to the current folder. Throws a
 * {@link RuleError} if there is neither.
 */
export function homeFolder(env: Readonly<Record<string, string | undefined>>, ofUser: () => string): string {
  if (env.HOME?.startsWith('/')) return env.HOME;
  const home = systemHome(ofUser);
  if (home?.startsWith('/')) return home;
  throw new RuleError(
    'no_home_folder',
    `HOME is ${env.HOME ? 'a relative path' : 'not set'}, and the system has no home folder for this user.`,
    'Set HOME, or both AKA_DATA_DIR and AKA_CONFIG_DIR, to an absolute path.',
  );
}

/** Users of containers often have no entry in the system's list, which Node reports as an error. */
function systemHome(ofUser: () => string): string | undefined {
  try {
    return ofUser();
  } catch {
    return undefined;
  }
}
