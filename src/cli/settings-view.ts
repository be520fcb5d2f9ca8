import { isIP } from 'node:net';
import { Flags } from '@oclif/core';
import type { PlatformSettings } from '../contract/wire.js';
import { byteSize, parseByteSize } from '../model/byte-size.js';
import { given } from '../model/given.js';
import { mailPeriodText, smtpPort } from '../model/mail.js';
import { quote } from '../model/rule.js';
import { waitsForStart } from '../model/settings.js';
import { usage } from './failure.js';
import type { SomeMailSettings } from './mail-flags.js';
import type { Facts } from './output.js';

const QUOTA = { helpValue: 'SIZE', helpGroup: 'QUOTA' };
const ADDRESS = { helpGroup: 'ADDRESS' };
const REDACTION = { helpGroup: 'REDACTION', multiple: true as const, multipleNonGreedy: true };

/** Said of a list to empty it. */
const NONE = 'none';
const CAPACITY = { helpGroup: 'CAPACITY' };
/** The value of a capacity that the platform measures itself. */
const AUTO = 'auto';

/** A flag for each setting of a platform. */
export const settingFlags = {
  'router-host': Flags.string({
    description: 'address of the router',
    helpValue: 'ADDRESS',
    ...ADDRESS,
  }),
  'router-port': Flags.integer({ description: 'https port of the router', helpValue: 'PORT', ...ADDRESS }),
  'http-port': Flags.integer({
    description: 'http port of the router, which redirects to https',
    helpValue: 'PORT',
    ...ADDRESS,
  }),
  'internal-host': Flags.string({
    description: 'address of the internal ingress, for apps in internal spaces',
    helpValue: 'ADDRESS',
    ...ADDRESS,
  }),
  'internal-port': Flags.integer({
    description: 'https port of the internal ingress',
    helpValue: 'PORT',
    ...ADDRESS,
  }),
  'internal-allow': Flags.string({
    description:
      'allowed client network of internal apps, such as 10.0.0.0/8; may be repeated; replaces the list',
    helpValue: 'CIDR',
    multiple: true,
    multipleNonGreedy: true,
    ...ADDRESS,
  }),
  egress: Flags.option({
    description: "open: dynos can reach other machines; sealed: they can't",
    options: ['open', 'sealed'] as const,
  })(),
  'build-network': Flags.option({
    description: 'isolated: builds use only the egress proxy; machine: they share its network',
    options: ['isolated', 'machine'] as const,
  })(),
  network: Flags.option({
    description: 'subnet: isolated subnet per space; loopback: addresses without isolation',
    options: ['subnet', 'loopback'] as const,
  })(),
  'slug-quota': Flags.string({ description: 'disk space for slugs, such as 5GB', ...QUOTA }),
  'upload-quota': Flags.string({
    description: 'disk space for sources, and the same again for build downloads',
    ...QUOTA,
  }),
  'log-quota': Flags.string({ description: 'disk space for the logs of all apps', ...QUOTA }),
  'redact-word': Flags.string({
    description: `redact config vars with this word in the name; may be repeated; replaces the list; ${NONE} for no words`,
    helpValue: 'WORD',
    ...REDACTION,
  }),
  'redact-exception': Flags.string({
    description: `never redact the config var with this name; may be repeated; replaces the list; ${NONE} for no names`,
    helpValue: 'NAME',
    ...REDACTION,
  }),
  'capacity-memory': Flags.string({
    description: `memory for dynos, such as 4GiB; ${AUTO} for the memory of the machine minus a reserve`,
    helpValue: 'SIZE',
    ...CAPACITY,
  }),
  'capacity-cpu': Flags.string({
    description: `cores for dynos, such as 4 or 0.5; ${AUTO} for all cores of the machine`,
    helpValue: 'CORES',
    ...CAPACITY,
  }),
};

interface GivenFlags {
  readonly 'router-host'?: string | undefined;
  readonly 'router-port'?: number | undefined;
  readonly 'http-port'?: number | undefined;
  readonly 'internal-host'?: string | undefined;
  readonly 'internal-port'?: number | undefined;
  readonly 'internal-allow'?: readonly string[] | undefined;
  readonly egress?: 'open' | 'sealed' | undefined;
  readonly 'build-network'?: 'isolated' | 'machine' | undefined;
  readonly network?: 'subnet' | 'loopback' | undefined;
  readonly 'slug-quota'?: string | undefined;
  readonly 'upload-quota'?: string | undefined;
  readonly 'log-quota'?: string | undefined;
  readonly 'redact-word'?: readonly string[] | undefined;
  readonly 'redact-exception'?: readonly string[] | undefined;
  readonly 'capacity-memory'?: string | undefined;
  readonly 'capacity-cpu'?: string | undefined;
}

/** Some settings, with their types. */
export type SomeSettings = Partial<
  Pick<
    PlatformSettings,
    | 'router_host'
    | 'router_port'
    | 'http_port'
    | 'internal_host'
    | 'internal_port'
    | 'internal_allow'
    | 'egress'
    | 'build_network'
    | 'network'
    | 'slug_bytes'
    | 'upload_bytes'
    | 'log_bytes'
    | 'redact_words'
    | 'redact_exceptions'
    | 'capacity_memory'
    | 'capacity_cpu'
  >
> &
  SomeMailSettings;

/** The settings that flags ask for. Throws where a value can't be one. */
export function settingsIn(flags: GivenFlags): SomeSettings {
  return given({
    router_host: addressIn('--router-host', flags['router-host']),
    router_port: flags['router-port'],
    http_port: flags['http-port'],
    internal_host: addressIn('--internal-host', flags['internal-host']),
    internal_port: flags['internal-port'],
    internal_allow: flags['internal-allow']?.map(networkIn),
    egress: flags.egress,
    build_network: flags['build-network'],
    network: flags.network,
    slug_bytes: sizeIn(flags['slug-quota']),
    upload_bytes: sizeIn(flags['upload-quota']),
    log_bytes: sizeIn(flags['log-quota']),
    redact_words: listIn(flags['redact-word']),
    redact_exceptions: listIn(flags['redact-exception']),
    capacity_memory: orAuto(flags['capacity-memory'], parseByteSize),
    capacity_cpu: orAuto(flags['capacity-cpu'], coresIn),
  });
}

/** Those of them that are other than before. */
export function changesOf(before: PlatformSettings, after: PlatformSettings): (keyof SomeSettings)[] {
  return NAMES.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}

const NAMES = [
  'router_host',
  'router_port',
  'http_port',
  'internal_host',
  'internal_port',
  'internal_allow',
  'network',
  'egress',
  'build_network',
  'slug_bytes',
  'upload_bytes',
  'log_bytes',
  'redact_words',
  'redact_exceptions',
  'capacity_memory',
  'capacity_cpu',
  'smtp_host',
  'smtp_port',
  'smtp_tls',
  'smtp_user',
  'smtp_password',
  'smtp_ca',
  'mail_from',
  'mail_to',
  'mail_period_hours',
] as const satisfies readonly (keyof SomeSettings)[];

/** Settings for people, each under the name of its flag. */
export function settingFacts(settings: PlatformSettings): Facts {
  return NAMES.map((name) => [settingName(name), settingText(settings, name)]);
}

/** The name that people know a setting by: that of its flag. */
export function settingName(name: keyof SomeSettings): string {
  if (name === 'smtp_ca') return 'smtp-ca-file';
  return name
    .replace(/_bytes$/, '-quota')
    .replace(/^(redact_.*)s$/, '$1')
    .replace(/_hours$/, '')
    .replaceAll('_', '-');
}

/** What is meant where nobody decided. */
const NOT_SET: Readonly<Record<string, string>> = {
  smtp_ca: "the machine's",
  smtp_user: 'nobody',
  internal_allow: 'nobody',
  mail_to: 'nobody',
  capacity_memory: AUTO,
  capacity_cpu: AUTO,
};

/** A setting for people. */
export function settingText(settings: PlatformSettings, name: keyof SomeSettings): string {
  const value = settings[name];
  if (name === 'smtp_port' && value === null)
    return `${smtpPort(settings)}, as usual for ${settings.smtp_tls}`;
  if (name === 'mail_period_hours') return `every ${mailPeriodText(Number(value))}`;
  if (name === 'smtp_ca' && value !== null) return 'set';
  if (value === null) return NOT_SET[name] ?? NONE;
  if (name === 'capacity_memory') return byteSize(Number(value));
  if (Array.isArray(value)) return value.length === 0 ? (NOT_SET[name] ?? NONE) : value.join(', ');
  return name.endsWith('_bytes') ? byteSize(Number(value)) : String(value);
}

/** Those that a daemon that runs doesn't take up. */
export function waiting(names: readonly (keyof SomeSettings)[]): (keyof SomeSettings)[] {
  return names.filter(waitsForStart);
}

function listIn(texts: readonly string[] | undefined): string[] | undefined {
  return texts?.length === 1 && texts[0] === NONE ? [] : texts && [...new Set(texts)];
}

function sizeIn(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseByteSize(text);
}

function orAuto(text: string | undefined, parse: (text: string) => number): number | null | undefined {
  if (text === undefined) return undefined;
  return text.toLowerCase() === AUTO ? null : parse(text);
}

function coresIn(text: string): number {
  if (/^\d{1,5}(\.\d{1,3})?$/.test(text)) return Number(text);
  throw usage(
    `--capacity-cpu takes a number of cores, and ${quote(text)} is none.`,
    `It reads 4, 0.5 or ${AUTO}.`,
  );
}

function addressIn(flag: string, text: string | undefined): string | undefined {
  if (text === undefined || isIP(text) !== 0) return text;
  throw usage(
    `${flag} takes an IP address, and ${quote(text)} is none.`,
    'For this machine alone: 127.0.0.1. For every network it is in: 0.0.0.0',
  );
}

function networkIn(text: string): string {
  const [address = '', bits = '', ...rest] = text.split('/');
  const version = isIP(address);
  const most = version === 6 ? 128 : 32;
  if (version !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= most && rest.length === 0) return text;
  throw usage(
    `--internal-allow takes a network, and ${quote(text)} is none.`,
    `It reads ADDRESS/BITS: 10.0.0.0/8, fd00::/8, or ${version === 6 ? `${address}/128` : version === 4 ? `${address}/32` : '192.168.1.7/32'} for one machine.`,
  );
}
