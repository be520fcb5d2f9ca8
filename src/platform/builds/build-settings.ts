import { existsSync } from 'node:fs';
import { access, copyFile, mkdir } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';

/**
 * What builds get of the platform's own environment, so that they can install packages where this machine can: mirrors
 * of registries, proxies, and time-outs. Every build of every app can read them, secrets in their addresses too. Dynos
 * never get them.
 */
const PASSED_ON = [
  'NPM_CONFIG_REGISTRY',
  'NPM_CONFIG_PROXY',
  'NPM_CONFIG_HTTPS_PROXY',
  'NPM_CONFIG_NOPROXY',
  'NPM_CONFIG_STRICT_SSL',
  'COREPACK_NPM_REGISTRY',
  'COREPACK_INTEGRITY_KEYS',
  'YARN_REGISTRY',
  'YARN_NPM_REGISTRY_SERVER',
  'PIP_INDEX_URL',
  'PIP_EXTRA_INDEX_URL',
  'PIP_FIND_LINKS',
  'PIP_NO_INDEX',
  'PIP_RETRIES',
  'PIP_TRUSTED_HOST',
  'PIP_DEFAULT_TIMEOUT',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'ALL_PROXY',
  'NO_PROXY',
];

/** The same, for what names a file of certificates: builds get a copy of it. */
const CERTIFICATES = [
  'NODE_EXTRA_CA_CERTS',
  'NPM_CONFIG_CAFILE',
  'PIP_CERT',
  'SSL_CERT_FILE',
  'REQUESTS_CA_BUNDLE',
  'CURL_CA_BUNDLE',
  'GIT_SSL_CAINFO',
];

/** Where a build looks for programs: beside this Node.js, then in the system. */
export function buildPath(execPath = process.execPath): string {
  const system = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
  return [...new Set([dirname(execPath), ...system])].join(delimiter);
}

/** Whether a build finds a program. */
export function hasTool(name: string, path = buildPath()): boolean {
  return path.split(delimiter).some((folder) => existsSync(join(folder, name)));
}

/**
 * Of `env`, what builds get; names are taken in any case, as programs do. corepack gets npm's registry, unless it
 * has one of its own. Files of certificates are copied into
 * `folder`, which a build knows as `seenAs`; one that can't be read is left out.
 */
export async function passedOn(
  env: NodeJS.ProcessEnv,
  folder: string,
  seenAs: string,
): Promise<Record<string, string>> {
  const passed: Record<string, string> = {};
  await mkdir(folder, { recursive: true, mode: 0o755 });
  for (const [name, value = ''] of Object.entries(env)) {
    if (value === '') continue;
    const known = name.toUpperCase();
    if (PASSED_ON.includes(known)) passed[name] = value;
    if (!CERTIFICATES.includes(known)) continue;
    const file = `${known.toLowerCase()}.pem`;
    await access(value)
      .then(() => copyFile(value, join(folder, file)))
      .then(
        () => {
          passed[name] = `${seenAs}/${file}`;
        },
        () => undefined,
      );
  }
  // It reads no settings of npm, and adds a slash of its own.
  const registry = Object.entries(passed).find(([name]) => name.toUpperCase() === 'NPM_CONFIG_REGISTRY')?.[1];
  return registry === undefined ? passed : { COREPACK_NPM_REGISTRY: registry.replace(/\/+$/, ''), ...passed };
}
