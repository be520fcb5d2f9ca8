/** How a cluster is reached, and as whom. */
export interface ClusterAccess {
  /** Without a slash at the end; it may have a path. */
  readonly server: string;
  /** The namespace of the context, or `default`. */
  readonly namespace: string;
  readonly tls: ServerTls;
  /** http, https or socks5; without it the connection is direct. */
  readonly proxy?: string;
  readonly credentials: Credentials;
  /** Headers of every request: impersonation. */
  readonly headers: Readonly<Record<string, string | string[]>>;
}

/** How the certificate of the server is checked. */
export interface ServerTls {
  /** PEM; the authorities of the system without it. */
  readonly ca?: string;
  readonly servername?: string;
  readonly rejectUnauthorized: boolean;
}

/** What proves who a request is from. Neither is logged or part of an error. */
export interface Credential {
  readonly authorization?: string | undefined;
  /** PEM. */
  readonly certificate?: { readonly cert: string; readonly key: string } | undefined;
}

/** Credentials may be short-lived, so they are asked for before every request. */
export interface Credentials {
  current(): Promise<Credential>;
  /** Forgets a cached credential that the server refused. Returns whether the next one can be another. */
  renew(): boolean;
}

/** A credential that stays as it is. */
export function fixed(credential: Credential): Credentials {
  return { current: () => Promise.resolve(credential), renew: () => false };
}

/** A bearer token in a file that something else renews: it is read again every minute. */
export function tokenFile(read: () => string, now: () => number = Date.now): Credentials {
  let cached: { readonly credential: Credential; readonly until: number } | undefined;
  return {
    async current() {
      if (cached === undefined || now() >= cached.until) {
        cached = { credential: { authorization: `Bearer ${read().trim()}` }, until: now() + 60_000 };
      }
      return cached.credential;
    },
    renew() {
      cached = undefined;
      return true;
    },
  };
}
