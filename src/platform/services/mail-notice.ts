import { randomUUID } from 'node:crypto';
import { isMailReady, type MailSettings } from '../../model/mail.js';
import { type MailServer, type Message, messageIdOf, type Post, smtp } from '../mail/smtp.js';
import { change } from './change.js';
import { serverName } from './mail.js';
import type { Session } from './session.js';

/** How long the former mail server is waited for, in milliseconds: often it is changed because it is gone. */
const PATIENCE = { whole: 8000, step: 4000 };

/** Sends a notice by a mail server that may be gone. */
export const postNotice: Post = smtp(PATIENCE);

/** Whether digests go elsewhere by these settings, or nowhere any longer. */
export function isRedirected(before: MailSettings, after: MailSettings): boolean {
  return isMailReady(before) && (!isMailReady(after) || placeOf(before) !== placeOf(after));
}

function placeOf({ smtp_host: host, smtp_port: port, mail_to: to }: MailSettings): string {
  return JSON.stringify([host, port, [...to].sort()]);
}

/**
 * Mails the former recipients of digests, by the former server, that digests go elsewhere: otherwise whoever changes the
 * recipients would be the last to know. The change was made before; whether the notice arrived is recorded. Never throws
 * for what the server does.
 */
export async function mailNotice(
  session: Session,
  former: MailServer,
  after: MailSettings,
  post = postNotice,
): Promise<void> {
  const { caller } = session;
  const { mail_to: to } = former.settings;
  const { reached, answer } = await post(former, noticeOf(session, former, after), to);
  change(session, { action: 'mail.notice', input: {} }, (draft) => {
    draft.details = { changed_by: caller.name, recipients: to.length, reached: reached.length, answer };
  });
}

function noticeOf({ caller, now, store }: Session, former: MailServer, after: MailSettings): Message {
  const lines = isMailReady(after)
    ? [
        `Server      ${serverName(former)} -> ${serverName({ settings: after, password: undefined })}`,
        `Recipients  ${former.settings.mail_to.join(', ')} -> ${after.mail_to.join(', ')}`,
      ]
    : ['Digests are not mailed any longer.'];
  return {
    messageId: messageIdOf(['notice', store.meta.dataId, randomUUID()], former.settings),
    date: now(),
    subject: '[aka] the recipients of audit digests were changed',
    text: [
      `${caller.name} (${caller.origin}) changed where the audit digests of socs spaces are mailed:`,
      '',
      ...lines,
      '',
      'You get this because you were a recipient before the change. If you did not expect it, check the audit log:',
      '  aka audits --size 100',
      '',
    ].join('\n'),
  };
}
