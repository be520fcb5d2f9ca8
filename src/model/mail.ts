import { isLoopback } from './addresses.js';
import { quote, RuleError } from './rule.js';

/** How what is said to a mail server is kept from others: TLS from the start, TLS before anything is said, or not at all. */
export const SMTP_TLS = ['implicit', 'starttls', 'none'] as const;
export type SmtpTls = (typeof SMTP_TLS)[number];

/** What an administrator decides about mail; null and empty lists are what nobody decided yet. */
export interface MailSettings {
  readonly smtp_host: string | null;
  /** The port that is usual for how TLS is used, unless told. */
  readonly smtp_port: number | null;
  readonly smtp_tls: SmtpTls;
  /** Who the platform says it is; its password is kept apart from the settings. */
  readonly smtp_user: string | null;
  /** Certificates in PEM that the server's must come from, instead of those that the machine trusts. */
  readonly smtp_ca: string | null;
  readonly mail_from: string | null;
  /** The administrators that digests go to. */
  readonly mail_to: readonly string[];
  /** Between two digests of a space. */
  readonly mail_period_hours: number;
}

export const DEFAULT_MAIL: MailSettings = {
  smtp_host: null,
  smtp_port: null,
  smtp_tls: 'implicit',
  smtp_user: null,
  smtp_ca: null,
  mail_from: null,
  mail_to: [],
  mail_period_hours: 7 * 24,
};

export const MAIL_SETTINGS = Object.keys(DEFAULT_MAIL) as (keyof MailSettings)[];

/** What is needed before any mail can go out. */
export type ReadyMail = MailSettings & { readonly smtp_host: string; readonly mail_from: string };

/** What sets up mail, for whoever is told that it isn't. */
export const SET_UP_MAIL = 'aka platform:configure --smtp-host HOST --mail-from ADDRESS --mail-to ADDRESS';

/** Whether digests can be mailed. */
export function isMailReady(mail: MailSettings): mail is ReadyMail {
  return mail.smtp_host !== null && mail.mail_from !== null && mail.mail_to.length > 0;
}

const PORTS: { readonly [T in SmtpTls]: number } = { implicit: 465, starttls: 587, none: 25 };

/** The port that the mail server is asked at. */
export function smtpPort({ smtp_port: port, smtp_tls: tls }: MailSettings): number {
  return port ?? PORTS[tls];
}

export const RECIPIENTS_MAX = 50;
const PERIOD = { min: 1, max: 31 * 24 };
const USER_MAX = 256;
export const PASSWORD_MAX = 1024;
export const CA_MAX = 64 * 1024;

/** Throws a {@link RuleError} if these can't be settings together. */
export function checkMail(mail: MailSettings): void {
  const { smtp_host: host, smtp_port: port, smtp_tls: tls, smtp_user: user } = mail;
  if (host !== null) checkHost(host);
  if (port !== null && (!Number.isInteger(port) || port < 1 || port > 65_535)) {
    throw invalid(`The smtp port can't be ${port}.`, 'A port is 1 to 65535.');
  }
  if (tls === 'none' && host !== null && !isLoopback(host)) {
    throw invalid(
      `Mail to ${host} can't go without TLS: whoever is on the way could read it.`,
      'Use --smtp-tls implicit or starttls; none is for a mail server on this machine, at 127.0.0.1.',
    );
  }
  if (user !== null && (user === '' || user.length > USER_MAX || hasControls(user))) {
    throw invalid(
      'The smtp user is not one that can be said to a mail server.',
      `It has 1 to ${USER_MAX} characters, and no control characters.`,
    );
  }
  if (mail.mail_from !== null) checkAddress(mail.mail_from);
  if (mail.mail_to.length > RECIPIENTS_MAX) {
    throw invalid(
      `Digests can't go to ${mail.mail_to.length} addresses.`,
      `To ${RECIPIENTS_MAX} at most: use a mailing list for more.`,
    );
  }
  for (const address of mail.mail_to) checkAddress(address);
  const twice = mail.mail_to.find((each, index) => mail.mail_to.indexOf(each) !== index);
  if (twice !== undefined) throw invalid(`${twice} is named twice.`, 'Name each address once.');
  const { mail_period_hours: hours } = mail;
  if (!Number.isInteger(hours) || hours < PERIOD.min || hours > PERIOD.max) {
    throw invalid(`Digests can't come every ${hours} hours.`, PERIOD_RULE);
  }
}

/** Throws a {@link RuleError} for what can't be a password; never shows it. */
export function checkSmtpPassword(password: string): void {
  if (password !== '' && password.length <= PASSWORD_MAX && !hasControls(password)) return;
  throw invalid(
    'The smtp password is not one that can be said to a mail server.',
    `It has 1 to ${PASSWORD_MAX} characters, and no control characters.`,
  );
}

/**
 * Whether a password that is known must be given anew after a change of settings: it was meant for that server and that
 * user, and whoever may change settings must not have it sent elsewhere.
 */
export function needsPasswordAgain(before: MailSettings, after: MailSettings): boolean {
  if (after.smtp_user === null) return false;
  const meant = (mail: MailSettings): string =>
    JSON.stringify([mail.smtp_host, smtpPort(mail), mail.smtp_user, mail.smtp_tls, mail.smtp_ca]);
  return meant(before) !== meant(after);
}

const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
/** An address as RFC 5321 has it, without quotes, comments and anything that could end a header. */
const ADDRESS = new RegExp(`^(${ATOM}(?:[.]${ATOM})*)@${LABEL}(?:[.]${LABEL})*$`);

/** Throws a {@link RuleError} if this is no mail address. */
export function checkAddress(text: string): void {
  const [, local = ''] = (text.length <= 254 && ADDRESS.exec(text)) || [];
  if (local !== '' && local.length <= 64) return;
  throw invalid(`${quote(text)} is no mail address.`, 'It reads NAME@DOMAIN, such as admins@example.com.');
}

function checkHost(host: string): void {
  const isName = host.length <= 253 && new RegExp(`^${LABEL}(?:[.]${LABEL})*$`).test(host);
  const isIPv6 = /^[0-9a-f:.]{2,45}$/i.test(host) && host.includes(':');
  if (isName || isIPv6) return;
  throw invalid(
    `${quote(host)} is no mail server.`,
    'Name its host, such as smtp.example.com, or its address.',
  );
}

const WORDS: Readonly<Record<string, number>> = { daily: 24, weekly: 7 * 24, monthly: 30 * 24 };
const PERIOD_RULE = 'A period is 1h to 31d, or daily, weekly or monthly (30 days).';

/** So many hours as people write them: `12h`, `7d`, `weekly`. Throws a {@link RuleError}. */
export function parseMailPeriod(text: string): number {
  const [, number = '', unit = ''] = /^(\d{1,4})([hd])$/i.exec(text) ?? [];
  const hours = WORDS[text.toLowerCase()] ?? Number(number) * (unit.toLowerCase() === 'd' ? 24 : 1);
  if (hours >= PERIOD.min && hours <= PERIOD.max) return hours;
  throw invalid(`Digests can't come every ${quote(text)}.`, PERIOD_RULE);
}

/** A period for people: `7 days`, `36 hours`. */
export function mailPeriodText(hours: number): string {
  if (hours % 24 !== 0) return hours === 1 ? 'hour' : `${hours} hours`;
  return hours === 24 ? 'day' : `${hours / 24} days`;
}

function hasControls(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
  return /[\u0000-\u001f\u007f-\u009f]|\p{Surrogate}/u.test(text);
}

function invalid(message: string, hint: string): RuleError {
  return new RuleError('invalid_mail_setting', message, hint);
}
