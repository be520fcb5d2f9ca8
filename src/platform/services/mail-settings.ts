import { X509Certificate } from 'node:crypto';
import { checkSmtpPassword, type MailSettings, needsPasswordAgain } from '../../model/mail.js';
import { redactText } from '../../model/redaction.js';
import { RuleError } from '../../model/rule.js';
import type { Settings } from '../../model/settings.js';
import type { Store } from '../store/store.js';

/**
 * Keeps the password of the mail server beside settings that were changed from `before`; it goes with the user that it
 * belongs to. Answers what became of it, undefined for nothing. Throws a {@link RuleError} where one is missing, or was
 * given for another server.
 */
export function changePassword(
  { settings, sealedSettings }: Store,
  before: MailSettings,
  password: string | null | undefined,
): 'set' | 'removed' | undefined {
  const after = settings.all();
  const has = sealedSettings.has('smtp_password');
  if (typeof password === 'string') {
    checkSmtpPassword(password);
    if (after.smtp_user === null) throw noUser();
    sealedSettings.set('smtp_password', password);
    return 'set';
  }
  if (after.smtp_user !== null) {
    if (password === null || !has || needsPasswordAgain(before, after)) throw noPassword(after);
    return undefined;
  }
  if (!has) return undefined;
  sealedSettings.remove('smtp_password');
  return 'removed';
}

/** Throws a {@link RuleError} for a text that is not certificates in PEM. */
export function checkAuthority(pem: string | null | undefined): void {
  if (pem === null || pem === undefined) return;
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    if (blocks.map((block) => new X509Certificate(block)).length > 0) return;
  } catch {
    // Said below, together with what has none at all.
  }
  throw new RuleError(
    'invalid_mail_setting',
    'The smtp ca is not certificates in PEM.',
    'It has one or more blocks that begin with -----BEGIN CERTIFICATE-----.',
  );
}

/** Settings as the audit log may show them. */
export function recordedSettings(changes: Partial<Settings>): Record<string, unknown> {
  const { smtp_ca: ca, smtp_user: user } = changes;
  return {
    ...changes,
    ...(ca !== undefined && { smtp_ca: ca === null ? 'removed' : 'set' }),
    ...(typeof user === 'string' && { smtp_user: redactText(user) }),
  };
}

function noUser(): RuleError {
  return new RuleError(
    'invalid_mail_setting',
    'An smtp password needs the user whose it is.',
    'Give both, with --smtp-user and --smtp-password-file',
  );
}

function noPassword({ smtp_user: user, smtp_host: host }: MailSettings): RuleError {
  return new RuleError(
    'smtp_password_needed',
    `The smtp password of ${user} is needed for ${host ?? 'the mail server'}: one that is kept is never sent to another server, or in another way.`,
    'To log in as nobody: --smtp-user "". Or give a file that has it, or - for standard input, with --smtp-password-file',
  );
}
