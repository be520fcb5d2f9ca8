import { Flags } from '@oclif/core';
import type { PlatformSettings } from '../contract/wire.js';
import { given } from '../model/given.js';
import {
  CA_MAX,
  checkMail,
  checkSmtpPassword,
  type MailSettings,
  needsPasswordAgain,
  parseMailPeriod,
  SMTP_TLS,
} from '../model/mail.js';
import { contentOf } from './content.js';
import { usage } from './failure.js';
import { ask, canAsk } from './prompts.js';

const MAIL = { helpGroup: 'MAIL' };

/** A flag for each setting of mail; an empty text takes back what was set. */
export const mailFlags = {
  'smtp-host': Flags.string({
    description: "mail server for the digests of socs spaces; '' for none",
    helpValue: 'HOST',
    ...MAIL,
  }),
  'smtp-port': Flags.integer({
    description: 'port (default 465 for implicit TLS, 587 for starttls, 25 for none)',
    helpValue: 'PORT',
    ...MAIL,
  }),
  'smtp-tls': Flags.option({
    description: 'implicit TLS, STARTTLS, or no TLS (only for a server on this machine)',
    options: SMTP_TLS,
    ...MAIL,
  })(),
  'smtp-user': Flags.string({
    description: "user name; prompts for the password without --smtp-password-file; '' for none",
    helpValue: 'NAME',
    ...MAIL,
  }),
  'smtp-password-file': Flags.string({
    description: 'file with the password of --smtp-user; - is standard input',
    helpValue: 'FILE',
    ...MAIL,
  }),
  'smtp-ca-file': Flags.string({
    description: "PEM file with a private certificate authority; '' for the system trust store",
    helpValue: 'FILE',
    ...MAIL,
  }),
  'mail-from': Flags.string({ description: 'sender address', helpValue: 'ADDRESS', ...MAIL }),
  'mail-to': Flags.string({
    description: "recipient of digests; may be repeated; replaces the list; '' for none",
    helpValue: 'ADDRESS',
    multiple: true,
    multipleNonGreedy: true,
    ...MAIL,
  }),
  'mail-period': Flags.string({
    description: 'interval between digests: 1h to 31d, or daily, weekly, monthly',
    helpValue: 'TIME',
    ...MAIL,
  }),
  'smtp-test': Flags.boolean({
    description: 'send a test mail with the new settings, and show the response of the server',
    ...MAIL,
  }),
};

interface GivenFlags {
  readonly 'smtp-host'?: string | undefined;
  readonly 'smtp-port'?: number | undefined;
  readonly 'smtp-tls'?: MailSettings['smtp_tls'] | undefined;
  readonly 'smtp-user'?: string | undefined;
  readonly 'smtp-password-file'?: string | undefined;
  readonly 'smtp-ca-file'?: string | undefined;
  readonly 'mail-from'?: string | undefined;
  readonly 'mail-to'?: readonly string[] | undefined;
  readonly 'mail-period'?: string | undefined;
}

export type SomeMailSettings = Partial<
  Omit<MailSettings, 'mail_to'> & { mail_to: string[]; smtp_password: string | null }
>;

/**
 * The settings of mail that flags ask for, with the password that they need: from its file, or asked for at a terminal.
 * Throws where a value can't be one, and where nobody can be asked.
 */
export async function mailSettingsIn(flags: GivenFlags, before: PlatformSettings): Promise<SomeMailSettings> {
  const period = flags['mail-period'];
  const wanted: SomeMailSettings = given({
    smtp_host: orNone(flags['smtp-host']),
    smtp_port: flags['smtp-port'],
    smtp_tls: flags['smtp-tls'],
    smtp_user: orNone(flags['smtp-user']),
    smtp_ca: await authorityIn(flags['smtp-ca-file']),
    mail_from: orNone(flags['mail-from']),
    mail_to: flags['mail-to']?.filter((address) => address !== ''),
    mail_period_hours: period === undefined ? undefined : parseMailPeriod(period),
  });
  const after = { ...before, ...wanted };
  checkMail(after);
  const password = await passwordFor(after, flags['smtp-password-file'], before);
  return { ...wanted, ...given({ smtp_password: password }) };
}

async function passwordFor(
  after: MailSettings,
  file: string | undefined,
  before: PlatformSettings,
): Promise<string | undefined> {
  if (file !== undefined) return readPassword(file);
  const { smtp_user: user, smtp_host: host } = after;
  if (user === null || (before.smtp_password === 'set' && !needsPasswordAgain(before, after)))
    return undefined;
  if (!canAsk()) {
    throw usage(
      `The password of ${user} at ${host ?? 'the mail server'} is missing, and there is no terminal to ask for it.`,
      'Give a file that has it, or - for standard input, with --smtp-password-file',
    );
  }
  const message = `Password of ${user} at ${host ?? 'the mail server'}:`;
  const { password } = await ask((prompt) =>
    prompt<{ password: string }>([{ type: 'password', name: 'password', message }]),
  );
  checkSmtpPassword(password);
  return password;
}

async function readPassword(file: string): Promise<string> {
  if (file === '-' && process.stdin.isTTY === true) {
    throw usage(
      'The password is to come from standard input, and that is a terminal.',
      'To be asked for it, leave out --smtp-password-file',
    );
  }
  const password = (await contentOf(file, 64 * 1024)).replace(/\r?\n$/, '');
  if (password === '') throw usage('The file of the smtp password is empty.');
  checkSmtpPassword(password);
  return password;
}

async function authorityIn(file: string | undefined): Promise<string | null | undefined> {
  if (file === undefined || file === '') return orNone(file);
  const pem = await contentOf(file, 1024 * 1024);
  if (pem.length <= CA_MAX && pem.includes('-----BEGIN CERTIFICATE-----')) return pem;
  throw usage(`--smtp-ca-file takes certificates in PEM, ${CA_MAX / 1024} KiB at most.`);
}

function orNone(text: string | undefined): string | null | undefined {
  return text === '' ? null : text;
}
