import { EGRESS_PORT, GATEWAY_HOST, type HostsEntry } from '../engine/engine.js';
import { machineHosts } from './installer-settings.js';

/** How the programs of a build reach package registries. */
export interface BuildNetwork {
  /** Set in their environment, over what the app's config vars say. */
  readonly env: Readonly<Record<string, string>>;
  /** Names in their hosts file. */
  readonly hosts: readonly HostsEntry[];
}

/** The variables that name registries; some name several. */
const REGISTRIES = [
  'NPM_CONFIG_REGISTRY',
  'COREPACK_NPM_REGISTRY',
  'YARN_REGISTRY',
  'YARN_NPM_REGISTRY_SERVER',
  'PIP_INDEX_URL',
  'PIP_EXTRA_INDEX_URL',
  'PIP_FIND_LINKS',
];
const PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };
const PROXIES = [
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NPM_CONFIG_PROXY',
  'NPM_CONFIG_HTTPS_PROXY',
  'YARN_HTTP_PROXY',
  'YARN_HTTPS_PROXY',
];

/** In the network of the machine, with its names. */
export function machineNetwork(): BuildNetwork {
  return { env: {}, hosts: machineHosts() };
}

/**
 * In a network of the build's own: everything goes through the egress proxy, as do the registries of `env` on this
 * machine's loopback interface. Other addresses of loopback are the build's own.
 */
export function isolatedNetwork(env: NodeJS.ProcessEnv): BuildNetwork {
  const proxy = `http://${GATEWAY_HOST}:${EGRESS_PORT}`;
  const registries = new Set([...registriesOf(env)].map((each) => each.replace(/:\d+$/, '')));
  const own = ['localhost', '127.0.0.1', '::1'].filter((host) => !registries.has(host));
  // Set even if it names nothing: npm ignores an empty one, and would take the machine's.
  const direct = [...own, GATEWAY_HOST].join(',');
  const vars: Record<string, string> = {
    ...Object.fromEntries(PROXIES.map((name) => [name, proxy])),
    NO_PROXY: direct,
    NPM_CONFIG_NOPROXY: direct,
    ALL_PROXY: proxy,
    // Node.js 24 and later take it for fetch and https.get, which postinstall scripts download with.
    NODE_USE_ENV_PROXY: '1',
  };
  const lowercase = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'];
  return {
    env: { ...vars, ...Object.fromEntries(lowercase.map((name) => [name.toLowerCase(), vars[name] ?? ''])) },
    hosts: [],
  };
}

/** Returns whether a host and port is a registry that an environment names. Nothing else there is one. */
export function isRegistry(env: NodeJS.ProcessEnv): (host: string, port: number) => boolean {
  const registries = registriesOf(env);
  return (host, port) => registries.has(`${host.toLowerCase()}:${port}`);
}

/** `HOST:PORT` of each. */
function registriesOf(env: NodeJS.ProcessEnv): Set<string> {
  const found = new Set<string>();
  for (const [name, value = ''] of Object.entries(env)) {
    if (!REGISTRIES.includes(name.toUpperCase())) continue;
    for (const word of value.split(/\s+/)) {
      const url = URL.canParse(word) ? new URL(word) : undefined;
      const port = url?.port || PORTS[url?.protocol ?? ''];
      if (url !== undefined && port !== undefined)
        found.add(`${url.hostname.replace(/^\[|\]$/g, '')}:${port}`);
    }
  }
  return found;
}
