import { randomUUID } from 'node:crypto';
import type { AppsApi } from '../../contract/apps-api.js';
import { type AppsApiError, conflict } from '../../contract/errors.js';
import { isMailReady, SET_UP_MAIL, smtpPort } from '../../model/mail.js';
import { type MailServer, messageIdOf, type Post, smtp } from '../mail/smtp.js';
import type { Store } from '../store/store.js';
import { change } from './change.js';
import { checkMayConfigure } from './policy.js';
import type { Session } from './session.js';

/** How long a mail server is waited for by somebody who asks, in milliseconds: less than they wait for the platform. */
const ASKED = { whole: 20_000, step: 10_000 };

/** Sends mail for somebody who waits for it. */
export const postNow: Post = smtp(ASKED);

/** The mail server with all that it takes to use it; undefined while that isn't set. */
export function mailServer(store: Store): MailServer | undefined {
  const settings = store.settings.all();
  if (!isMailReady(settings)) return undefined;
  const password = settings.smtp_user === null ? undefined : store.sealedSettings.get('smtp_password');
  return { settings, password };
}

/** HOST:PORT. */
export function serverName({ settings }: MailServer): string {
  return `${settings.smtp_host}:${smtpPort(settings)}`;
}

/** Tries whether mail goes out. */
export function mailService(session: Session, post = postNow): Pick<AppsApi['platform'], 'testMail'> {
  const { store, caller, now } = session;
  return {
    async testMail(_, options) {
      const server = change(session, { action: 'mail.test', input: {}, options }, (draft) => {
        checkMayConfigure(caller, 'have mail sent');
        const found = mailServer(store);
        if (found === undefined) throw mailNotSet();
        draft.details = { server: serverName(found), recipients: found.settings.mail_to.length };
        // The answer may be kept, and nobody may see a password in it.
        return serverName(found);
      });
      const found = mailServer(store);
      if (found === undefined) throw mailNotSet();
      const { mail_to: to } = found.settings;
      const message = {
        messageId: messageIdOf(['test', randomUUID()], found.settings),
        date: now(),
        subject: '[aka] test: mail goes out',
        text: `${caller.name} had this sent to see whether the digests of socs spaces reach you. They do.\n`,
      };
      const { reached, answer } = await post(found, message, to);
      return { ok: reached.length === to.length, server, reached: [...reached], answer };
    },
  };
}

/** The error for what can't be mailed. */
export function mailNotSet(): AppsApiError {
  return conflict(
    'mail_not_set',
    'No mail server, sender and administrators are set, so nothing can be mailed.',
    `Set them: ${SET_UP_MAIL}`,
  );
}
