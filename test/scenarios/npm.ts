import { execFileSync } from 'node:child_process';

/** What has npm use the cache and the settings of whoever runs the tests, also for a user with a home of their own. */
export function npmOfThisMachine(): Record<string, string> {
  const { NODE_EXTRA_CA_CERTS: authorities } = process.env;
  return {
    npm_config_cache: setting('cache'),
    npm_config_userconfig: setting('userconfig'),
    ...(authorities === undefined ? {} : { NODE_EXTRA_CA_CERTS: authorities }),
  };
}

function setting(name: string): string {
  return execFileSync('npm', ['config', 'get', name], { encoding: 'utf8' }).trim();
}
