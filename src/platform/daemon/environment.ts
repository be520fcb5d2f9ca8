import type { Folders } from '../store/store.js';

/**
 * What the daemon gets of the environment of whoever starts it: where things are, who its user is, and how this machine
 * reaches the network. The rest of a terminal's environment, secrets among it, has no business in a process that stays.
 */
const KEPT: readonly string[] = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SUDO_USER',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  'XDG_RUNTIME_DIR',
  'XDG_CACHE_HOME',
  'AKA_CACHE_DIR',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'NODE_EXTRA_CA_CERTS',
];

/** Those that hold the token for TCP, which is of no use without it. */
const TOKENS: readonly string[] = ['AKA_TOKEN', 'API_AUTH', 'API_TOKEN'];

/** The environment of a daemon for these folders, made of that of the process that starts it. */
export function daemonEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  { dataDir, configDir }: Folders,
  listens: boolean,
): Record<string, string> {
  const kept = [...KEPT, ...(listens ? TOKENS : [])].flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  // Whole and absolute: the daemon works in another folder.
  return { ...Object.fromEntries(kept), AKA_DATA_DIR: dataDir, AKA_CONFIG_DIR: configDir };
}
