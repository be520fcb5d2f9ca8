import { isLoopback } from './addresses.js';
import { byteSize } from './byte-size.js';
import { checkMail, DEFAULT_MAIL, MAIL_SETTINGS, type MailSettings } from './mail.js';
import { RuleError } from './rule.js';

/** What an administrator decides about a platform of this machine. Sizes are bytes. */
export interface Settings extends MailSettings {
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
  ...DEFAULT_MAIL,
};

/** What a daemon that runs takes up when it changes; all else when it is started the next time. */
const AT_ONCE: ReadonlySet<string> = new Set<SettingName | 'smtp_password'>([
  'egress',
  'slug_bytes',
  'upload_bytes',
  'log_bytes',
  ...MAIL_SETTINGS,
  'smtp_password',
]);

/** Whether a change of a setting, or of the network mode, waits for the next start of the daemon. */
export function waitsForStart(name: SettingName | 'network' | 'smtp_password'): boolean {
  return !AT_ONCE.has(name);
}

const QUOTA_MIN = 1024 ** 2;

/** Throws a {@link RuleError} if these can't be settings together. */
export function checkSettings(settings: Settings): void {
  const { router_host, internal_host, router_port, http_port, internal_port } = settings;
  const ports = { router_port, http_port, internal_port };
  for (const [name, port] of Object.entries(ports)) {
    if (!Number.isInteger(port) || port < 1 || port > 65_535) {
      throw invalid(`The ${words(name)} can't be ${port}`, 'A port is 1 to 65535.');
    }
  }
  const clash =
    router_port === http_port
      ? 'http_port'
      : overlap(router_host, internal_host) && [router_port, http_port].includes(internal_port)
        ? 'internal_port'
        : undefined;
  if (clash !== undefined) {
    throw invalid(
      `The ${words(clash)} can't be ${settings[clash]}: the router listens there for something else`,
      'It needs a port for each of https, http and internal apps.',
    );
  }
  const { slug_bytes, upload_bytes, log_bytes } = settings;
  for (const [name, bytes] of Object.entries({ slug_bytes, upload_bytes, log_bytes })) {
    if (!Number.isSafeInteger(bytes) || bytes < QUOTA_MIN) {
      const what = `${name.replace('_bytes', '')} quota`;
      throw invalid(`The ${what} can't be ${byteSize(bytes)}`, `It is ${byteSize(QUOTA_MIN)} or more.`);
    }
  }
  checkMail(settings);
}

/** The settings by which other machines reach the router. */
export function openHosts(
  settings: Pick<Settings, 'router_host' | 'internal_host'>,
): ('router_host' | 'internal_host')[] {
  return (['router_host', 'internal_host'] as const).filter((name) => !isLoopback(settings[name]));
}

/** Whether who listens on one address is in the way of who listens on the other. */
function overlap(one: string, other: string): boolean {
  return one === other || [one, other].some((host) => host === '0.0.0.0' || /^[0:]+$/.test(host));
}

function words(name: string): string {
  return name.replaceAll('_', ' ');
}

function invalid(message: string, hint: string): RuleError {
  return new RuleError('invalid_setting', `${message}.`, hint);
}
