import { RuleError } from '../model/rule.js';
import { BOUNDS, type Bounds } from './transport.js';

type Env = Readonly<Record<string, string | undefined>>;

/** The proxies that lead out of here, and who is reached without one, as an environment says it. */
export interface Proxies {
  readonly httpProxy?: string;
  readonly httpsProxy?: string;
  readonly noProxy?: string;
}

/**
 * The proxies that an environment names, in lower or upper case; undefined if it names none. Throws a {@link RuleError}
 * for what is no address of a proxy, without repeating it: it may hold a password.
 */
export function proxiesIn(env: Env): Proxies | undefined {
  const httpProxy = proxyIn(env, 'http_proxy');
  const httpsProxy = proxyIn(env, 'https_proxy') ?? httpProxy;
  if (httpProxy === undefined && httpsProxy === undefined) return undefined;
  const noProxy = env.no_proxy ?? env.NO_PROXY;
  return {
    ...(httpProxy !== undefined && { httpProxy }),
    ...(httpsProxy !== undefined && { httpsProxy }),
    ...(noProxy !== undefined && { noProxy }),
  };
}

function proxyIn(env: Env, name: string): string | undefined {
  const variable = env[name] === undefined ? name.toUpperCase() : name;
  const value = env[variable]?.trim() ?? '';
  if (value === '') return undefined;
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url;
  throw new RuleError(
    'invalid_proxy',
    `${variable} does not name an http or https proxy.`,
    `Set ${variable} to http://HOST:PORT, or unset it.`,
  );
}

/** How long a call may take at most, whatever is asked for, in seconds. */
const LONGEST_CALL = 3600;

/**
 * The bounds of calls, as AKA_TIMEOUT says it: the seconds that a call may take with all it is repeated. Throws a
 * {@link RuleError} for what is no such number.
 */
export function boundsIn({ AKA_TIMEOUT: given }: Env): Partial<Bounds> {
  if (given === undefined || given === '') return {};
  const seconds = Number(given);
  if (!/^\d{1,4}(?:\.\d{1,3})?$/.test(given) || seconds === 0 || seconds > LONGEST_CALL) {
    throw new RuleError(
      'invalid_timeout',
      'AKA_TIMEOUT is not a number of seconds that a call may take.',
      `Set it to a number up to ${LONGEST_CALL}, or unset it for ${BOUNDS.call / 1000}.`,
    );
  }
  const call = seconds * 1000;
  // A call may wait that long for its answer, and gives up a connection sooner if that is what is asked for.
  return { call, headers: call, body: Math.min(BOUNDS.body, call), connect: Math.min(BOUNDS.connect, call) };
}
