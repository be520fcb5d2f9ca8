import { RuleError } from './rule.js';

/** What an administrator decides about a platform of this machine. Sizes are bytes. */
export interface Settings {
  /** Where the router listens for everybody: apps that are not internal. */
  readonly router_host: string;
  readonly router_port: number;
  /** On the same address: it sends plain http to https. */
  readonly http_port: number;
  /** Where it listens for apps of internal spaces. */
  readonly internal_host: string;
  readonly internal_port: number;
  /** The networks that clients of internal apps are in. */
  readonly internal_allow: readonly string[];
  /** Whether dynos get out to other machines. */
  readonly egress: 'open' | 'sealed';
  /** So much disk for slugs, for sources that were uploaded, and for the logs of apps. */
  readonly slug_bytes: number;
  readonly upload_bytes: number;
  readonly log_bytes: number;
}

export type SettingName = keyof Settings;

const GIB = 1024 ** 3;

export const DEFAULT_SETTINGS: Settings = {
  router_host: '127.0.0.1',
  router_port: 8443,
  http_port: 8080,
  internal_host: '127.0.0.1',
  internal_port: 8444,
  internal_allow: ['127.0.0.0/8'],
  egress: 'open',
  slug_bytes: 10 * GIB,
  upload_bytes: 5 * GIB,
  log_bytes: GIB,
};

const QUOTA_MIN = 1024 ** 2;

/** Throws a {@link RuleError} if these can't be settings together. */
export function checkSettings(settings: Settings): void {
  const { router_host, internal_host } = settings;
  const ports = [settings.router_port, settings.http_port, settings.internal_port];
  for (const port of ports) {
    if (!Number.isInteger(port) || port < 1 || port > 65_535) {
      throw invalid(`${port} is not a port`, 'A port is 1 to 65535.');
    }
  }
  if (router_host === internal_host && new Set(ports).size < ports.length) {
    throw invalid('The router needs a port for each of https, http and internal apps', 'Give each its own.');
  }
  for (const bytes of [settings.slug_bytes, settings.upload_bytes, settings.log_bytes]) {
    if (!Number.isSafeInteger(bytes) || bytes < QUOTA_MIN) {
      throw invalid(`${bytes} bytes are no quota`, 'A quota is a MiB or more.');
    }
  }
}

function invalid(message: string, hint: string): RuleError {
  return new RuleError('invalid_setting', `${message}.`, hint);
}
