import { isEverywhere, isLoopback } from './addresses.js';
import { byteSize } from './byte-size.js';
import { CAPACITY_MIN } from './capacity.js';
import { checkMail, DEFAULT_MAIL, MAIL_SETTINGS, type MailSettings } from './mail.js';
import { checkRedactionRules } from './redaction/rules.js';
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
  /** Whether builds have a network of their own, with the egress proxy, or share that of the machine. */
  readonly build_network: 'isolated' | 'machine';
  /** So much disk for slugs, for sources that were uploaded, and for the logs of apps. */
  readonly slug_bytes: number;
  readonly upload_bytes: number;
  readonly log_bytes: number;
  /** Words that tell a secret where they are in the name of a config var, and names that don't, in spite of theirs. */
  readonly redact_words: readonly string[];
  readonly redact_exceptions: readonly string[];
  /** So much memory, and so many cores, for dynos; null: what is measured. */
  readonly capacity_memory: number | null;
  readonly capacity_cpu: number | null;
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
  build_network: 'isolated',
  slug_bytes: 10 * GIB,
  upload_bytes: 5 * GIB,
  log_bytes: GIB,
  redact_words: [],
  redact_exceptions: [],
  capacity_memory: null,
  capacity_cpu: null,
  ...DEFAULT_MAIL,
};

/** What a daemon that runs takes up when it changes; all else when it is started the next time. */
const AT_ONCE: ReadonlySet<string> = new Set<SettingName | 'smtp_password'>([
  'egress',
  'build_network',
  'slug_bytes',
  'upload_bytes',
  'log_bytes',
  'redact_words',
  'redact_exceptions',
  'capacity_memory',
  'capacity_cpu',
  ...MAIL_SETTINGS,
  'smtp_password',
]);

/** Whether a change of a setting, or of the network mode, waits for the next start of the daemon. */
export function waitsForStart(name: SettingName | 'network' | 'smtp_password'): boolean {
  return !AT_ONCE.has(name);
}

const QUOTA_MIN = 1024 ** 2;
const CORES_MAX = 10_000;

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
  checkRedactionRules({ words: settings.redact_words, exceptions: settings.redact_exceptions });
  const { slug_bytes, upload_bytes, log_bytes } = settings;
  for (const [name, bytes] of Object.entries({ slug_bytes, upload_bytes, log_bytes })) {
    if (!Number.isSafeInteger(bytes) || bytes < QUOTA_MIN) {
      const what = `${name.replace('_bytes', '')} quota`;
      throw invalid(`The ${what} can't be ${byteSize(bytes)}`, `It is ${byteSize(QUOTA_MIN)} or more.`);
    }
  }
  checkMail(settings);
  checkCapacity(settings);
}

function checkCapacity({ capacity_memory: memory, capacity_cpu: cpu }: Settings): void {
  if (memory !== null && !(Number.isSafeInteger(memory) && memory >= CAPACITY_MIN.memory)) {
    throw invalid(
      `The memory for dynos can't be ${byteSize(memory)}`,
      `It is ${byteSize(CAPACITY_MIN.memory)} or more, or auto.`,
    );
  }
  if (cpu !== null && !(cpu >= CAPACITY_MIN.cpu && cpu <= CORES_MAX)) {
    throw invalid(
      `There can't be ${cpu} cores for dynos`,
      `They are ${CAPACITY_MIN.cpu} to ${CORES_MAX}, or auto.`,
    );
  }
}

/** The settings by which other machines reach the router. */
export function openHosts(
  settings: Pick<Settings, 'router_host' | 'internal_host'>,
): ('router_host' | 'internal_host')[] {
  return (['router_host', 'internal_host'] as const).filter((name) => !isLoopback(settings[name]));
}

/** Whether who listens on one address is in the way of who listens on the other. */
function overlap(one: string, other: string): boolean {
  return one === other || [one, other].some(isEverywhere);
}

function words(name: string): string {
  return name.replaceAll('_', ' ');
}

function invalid(message: string, hint: string): RuleError {
  return new RuleError('invalid_setting', `${message}.`, hint);
}
