import type { PlatformSettings } from '../../contract/wire.js';
import { byteSize, parseByteSize } from '../../model/byte-size.js';
import { coresText } from '../../model/capacity.js';
import { RuleError } from '../../model/rule.js';
import { checkSettings, type Settings, waitsForStart } from '../../model/settings.js';

/** How a setting is written, and what it can be. */
type Kind = 'text' | 'whole' | 'bytes' | 'cores' | 'list' | readonly string[];

/** A setting of the platform on the page. */
export interface SettingField {
  readonly name: Exclude<keyof Settings, 'smtp_ca'>;
  readonly label: string;
  readonly kind: Kind;
  readonly hint?: string;
  /** Whether it can be left empty, and what that means. */
  readonly empty?: string;
}

interface SettingGroup {
  readonly title: string;
  readonly fields: readonly SettingField[];
}

export const SETTING_GROUPS: readonly SettingGroup[] = [
  {
    title: 'Router',
    fields: [
      { name: 'router_host', label: 'Public address', kind: 'text' },
      { name: 'router_port', label: 'Public port (https)', kind: 'whole' },
      { name: 'http_port', label: 'Public port (http, redirects)', kind: 'whole' },
      { name: 'internal_host', label: 'Internal address', kind: 'text' },
      { name: 'internal_port', label: 'Internal port (https)', kind: 'whole' },
      {
        name: 'internal_allow',
        label: 'Networks of internal clients',
        kind: 'list',
        hint: 'Such as 10.0.0.0/8, with commas between them.',
      },
    ],
  },
  {
    title: 'Dynos and builds',
    fields: [
      {
        name: 'egress',
        label: 'Egress of dynos',
        kind: ['open', 'sealed'],
        hint: 'Whether dynos reach other machines.',
      },
      { name: 'build_network', label: 'Network of builds', kind: ['isolated', 'machine'] },
      {
        name: 'capacity_memory',
        label: 'Memory for dynos',
        kind: 'bytes',
        empty: 'what the machine has, less a reserve',
      },
      { name: 'capacity_cpu', label: 'Cores for dynos', kind: 'cores', empty: 'those of the machine' },
    ],
  },
  {
    title: 'Quotas',
    fields: [
      { name: 'slug_bytes', label: 'Slugs', kind: 'bytes' },
      { name: 'upload_bytes', label: 'Uploads', kind: 'bytes' },
      { name: 'log_bytes', label: 'Logs', kind: 'bytes' },
    ],
  },
  {
    title: 'Redaction',
    fields: [
      { name: 'redact_words', label: 'More words of secret names', kind: 'list', empty: 'none' },
      { name: 'redact_exceptions', label: 'Names that are no secrets', kind: 'list', empty: 'none' },
    ],
  },
  {
    title: 'Mail',
    fields: [
      { name: 'smtp_host', label: 'Mail server', kind: 'text', empty: 'none: digests are not mailed' },
      { name: 'smtp_port', label: 'Port of the mail server', kind: 'whole', empty: 'that of the TLS mode' },
      { name: 'smtp_tls', label: 'TLS', kind: ['implicit', 'starttls', 'none'] },
      { name: 'smtp_user', label: 'User', kind: 'text', empty: 'none' },
      { name: 'mail_from', label: 'Sender', kind: 'text', empty: 'none' },
      {
        name: 'mail_to',
        label: 'Administrators',
        kind: 'list',
        empty: 'nobody',
        hint: 'Addresses with commas between them.',
      },
      { name: 'mail_period_hours', label: 'Hours between digests', kind: 'whole' },
    ],
  },
];

/** A setting for people. */
export function settingText(
  { name, kind, empty = 'none' }: SettingField,
  settings: PlatformSettings,
): string {
  const value = settings[name];
  if (value === null || value === undefined || (Array.isArray(value) && value.length === 0)) return empty;
  if (kind === 'bytes') return byteSize(Number(value));
  if (kind === 'cores') return coresText(Number(value));
  return Array.isArray(value) ? value.join(', ') : String(value);
}

/** A setting as it is typed. */
export function settingInput({ name, kind }: SettingField, settings: PlatformSettings): string {
  const value = settings[name];
  if (value === null || value === undefined) return '';
  if (kind === 'bytes') return byteSize(Number(value));
  return Array.isArray(value) ? value.join(', ') : String(value);
}

/**
 * What was typed for a setting, as the API takes it. Throws a {@link RuleError} where it can't be that setting beside the
 * others.
 */
export function parseSetting(field: SettingField, typed: string, settings: PlatformSettings): unknown {
  const value = valueOf(field, typed.trim());
  checkSettings({ ...(settings as unknown as Settings), [field.name]: value });
  return value;
}

function valueOf({ kind, empty, label }: SettingField, typed: string): unknown {
  if (kind === 'list') return typed.split(/[\s,]+/).filter(Boolean);
  if (typed === '') {
    if (empty !== undefined) return null;
    throw new RuleError('invalid_setting', `${label} is empty.`, 'Type a value.');
  }
  if (kind === 'bytes') return parseByteSize(typed);
  if (kind === 'whole' || kind === 'cores') {
    const number = Number(typed);
    if (Number.isFinite(number) && (kind === 'cores' || Number.isInteger(number))) return number;
    throw new RuleError('invalid_setting', `${label} can't be ${JSON.stringify(typed)}.`, 'Type a number.');
  }
  return typed;
}

/** Whether a change of a setting waits for the next start of the platform. */
export function waits({ name }: SettingField): boolean {
  return waitsForStart(name);
}
