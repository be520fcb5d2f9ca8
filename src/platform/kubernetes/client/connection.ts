import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import type { ClusterAccess, Credential } from './access.js';
import { KubernetesError } from './errors.js';

/** In milliseconds. */
export const TIMEOUTS = { connect: 10_000, headers: 60_000, body: 60_000, call: 90_000 } as const;
/** Watches and streams hold a connection each. */
const CONNECTIONS = 128;

/** The connections to one API server. A client certificate belongs to a connection, so another one needs other connections. */
export class Connections {
  #open: { readonly certificate: Credential['certificate']; readonly dispatcher: Dispatcher } | undefined;

  constructor(private readonly access: ClusterAccess) {}

  for({ certificate }: Credential): Dispatcher {
    const known = this.#open;
    if (known !== undefined && known.certificate?.cert === certificate?.cert) return known.dispatcher;
    const dispatcher = dispatcherFor(this.access, certificate);
    this.#open = { certificate, dispatcher };
    // What is under way ends in its time.
    known?.dispatcher.close().catch(() => {});
    return dispatcher;
  }

  async close(): Promise<void> {
    await this.#open?.dispatcher.destroy();
    this.#open = undefined;
  }
}

function dispatcherFor({ tls, proxy }: ClusterAccess, certificate: Credential['certificate']): Dispatcher {
  const checked = { ...tls, ...certificate };
  const options = {
    connections: CONNECTIONS,
    headersTimeout: TIMEOUTS.headers,
    bodyTimeout: TIMEOUTS.body,
  };
  if (proxy === undefined)
    return new Agent({ ...options, connect: { timeout: TIMEOUTS.connect, ...checked } });
  if (/^(https?|socks5):/.test(proxy)) return new ProxyAgent({ ...options, uri: proxy, requestTls: checked });
  const why = 'only http, https and socks5 are supported';
  throw new KubernetesError('kubeconfig', `proxy-url ${new URL(proxy).protocol}//…: ${why}.`);
}
