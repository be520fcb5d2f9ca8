import { request } from 'node:http';
import { isIPv6, type Socket } from 'node:net';
import { isWithoutProxy } from '../../model/no-proxy.js';

/** An HTTP proxy that this machine uses to reach other networks. */
export interface UpstreamProxy {
  readonly host: string;
  readonly port: number;
  /** The value of its `Proxy-Authorization` header. */
  readonly authorization?: string;
}

/** The names of the variables that name a proxy, in the order in which they count. */
const PROXY_VARS = ['HTTPS_PROXY', 'NPM_CONFIG_HTTPS_PROXY', 'HTTP_PROXY', 'NPM_CONFIG_PROXY', 'ALL_PROXY'];
const NO_PROXY_VARS = ['NO_PROXY', 'NPM_CONFIG_NOPROXY'];

/**
 * Returns which proxy leads to a host by the variables of an environment: none without such a variable, or for hosts in
 * NO_PROXY. Only `http:` proxies are supported; others are ignored.
 */
export function upstreamOf(
  env: NodeJS.ProcessEnv,
): (host: string, port: number) => UpstreamProxy | undefined {
  const value = (name: string): string | undefined => env[name] || env[name.toLowerCase()];
  const proxy = PROXY_VARS.map(value)
    .map(parseProxy)
    .find((one) => one !== undefined);
  const direct = NO_PROXY_VARS.map((name) => value(name) ?? '').join(',');
  return (host, port) => (isWithoutProxy(direct, host, port) ? undefined : proxy);
}

/** Connects to a host by CONNECT of a proxy. Resolves to undefined if the proxy refuses, or takes longer than `ms`. */
export function connectThrough(
  { host, port, authorization }: UpstreamProxy,
  target: string,
  targetPort: number,
  ms: number,
): Promise<Socket | undefined> {
  const path = `${isIPv6(target) ? `[${target}]` : target}:${targetPort}`;
  return new Promise((resolve) => {
    const asking = request({
      host,
      port,
      method: 'CONNECT',
      path,
      agent: false,
      headers: { host: path, ...(authorization !== undefined && { 'proxy-authorization': authorization }) },
    });
    const giveUp = (): void => {
      asking.destroy();
      resolve(undefined);
    };
    asking.setTimeout(ms, giveUp);
    asking.on('error', () => resolve(undefined));
    asking.on('response', giveUp);
    asking.on('connect', ({ statusCode }, socket: Socket, head) => {
      if (statusCode !== 200) {
        socket.destroy();
        resolve(undefined);
        return;
      }
      socket.setTimeout(0);
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    asking.end();
  });
}

function parseProxy(text: string | undefined): UpstreamProxy | undefined {
  if (text === undefined) return undefined;
  const full = text.includes('://') ? text : `http://${text}`;
  if (!URL.canParse(full)) return undefined;
  const { protocol, hostname, port, username, password } = new URL(full);
  if (protocol !== 'http:') return undefined;
  const credentials = [username, password].map(decodeURIComponent).join(':');
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || 80),
    ...(username !== '' && { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }),
  };
}
