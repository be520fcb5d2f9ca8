import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Of npm's settings, those that say where packages come from; none that says who somebody is. */
const NPM = ['registry', 'proxy', 'https-proxy', 'noproxy', 'strict-ssl', 'cafile'];
const PIP: Readonly<Record<string, string>> = {
  'index-url': 'PIP_INDEX_URL',
  'extra-index-url': 'PIP_EXTRA_INDEX_URL',
  'find-links': 'PIP_FIND_LINKS',
  'trusted-host': 'PIP_TRUSTED_HOST',
  'no-index': 'PIP_NO_INDEX',
  retries: 'PIP_RETRIES',
  timeout: 'PIP_DEFAULT_TIMEOUT',
  cert: 'PIP_CERT',
};

/**
 * Where npm and pip get packages from by the settings files of this machine and of the user with this home, as the
 * environment variables that say the same. A build's sandbox has neither file.
 */
export function installerSettings(home: string): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const [key, value] of Object.entries(keysOf(join(home, '.npmrc'), ['']))) {
    if (NPM.includes(key)) settings[`NPM_CONFIG_${key.replaceAll('-', '_').toUpperCase()}`] = value;
  }
  // Those of the user come last, as they count more.
  for (const file of [
    '/etc/pip.conf',
    join(home, '.pip', 'pip.conf'),
    join(home, '.config', 'pip', 'pip.conf'),
  ]) {
    for (const [key, value] of Object.entries(keysOf(file, ['global', 'install']))) {
      const name = PIP[key.replaceAll('_', '-')];
      if (name !== undefined) settings[name] = value;
    }
  }
  return settings;
}

/**
 * The folders of this machine that pip's settings name, of which builds need to see what is in them: an index's files
 * are beside it more often than not.
 */
export function packageFolders(settings: NodeJS.ProcessEnv): string[] {
  const folders = new Set<string>();
  for (const name of ['PIP_INDEX_URL', 'PIP_EXTRA_INDEX_URL', 'PIP_FIND_LINKS']) {
    for (const word of (settings[name] ?? '').split(/\s+/)) {
      const path = localPath(word);
      if (path === undefined || !existsSync(path)) continue;
      const beside = dirname(path);
      folders.add(name === 'PIP_FIND_LINKS' || beside === '/' ? path : beside);
    }
  }
  folders.delete('/');
  return [...folders];
}

/** What the machine calls other machines in /etc/hosts: builds are in its network, and use its names. */
export function machineHosts(file = '/etc/hosts'): { host: string; names: string[] }[] {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  return lines.flatMap((line) => {
    const [host = '', ...words] = line.replace(/#.*/, '').trim().split(/\s+/);
    const names = words.filter((word) => /^[\w.-]+$/.test(word));
    return isIP(host) === 0 || names.length === 0 ? [] : [{ host, names }];
  });
}

function localPath(word: string): string | undefined {
  if (isAbsolute(word)) return word;
  if (!word.startsWith('file:///')) return undefined;
  try {
    return fileURLToPath(word).replace(/\/+$/, '');
  } catch {
    return undefined;
  }
}

/** What a file in the way of .ini says in these sections; nothing if it can't be read. */
function keysOf(file: string, sections: readonly string[]): Record<string, string> {
  let text = '';
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return {};
  }
  const keys = new Map<string, string>();
  let section = '';
  let last = '';
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*([;#]|$)/.test(line)) continue;
    const heading = /^\[(.*)\]\s*$/.exec(line)?.[1];
    const [, key, value] = /^([^\s=:][^=:]*?)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? [];
    if (heading !== undefined) section = heading;
    else if (!sections.includes(section)) continue;
    else if (key !== undefined && value !== undefined) {
      keys.set(key, unquoted(value));
      last = key;
    } else if (/^\s/.test(line) && last !== '') keys.set(last, `${keys.get(last)} ${line.trim()}`.trim());
  }
  return Object.fromEntries(keys);
}

function unquoted(value: string): string {
  return /^"(.*)"$/.exec(value)?.[1] ?? value;
}
