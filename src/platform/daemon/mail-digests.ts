import { DAEMON } from '../caller.js';
import { type Post, smtp } from '../mail/smtp.js';
import type { Part, StartPart } from '../part.js';
import { type Change, Changes } from '../reconciler/changes.js';
import { makeDueDigests } from '../services/digests.js';
import { mailServer, serverName } from '../services/mail.js';
import { deliver } from '../services/outbox.js';
import { Repeated } from './repeated.js';

/** Between two looks for digests whose time has come, in milliseconds. */
const LOOK = 30_000;

export interface MailPace {
  readonly look: number;
  readonly post: Post;
}

/**
 * Mails the digests of socs spaces: looks now and then, and whenever somebody asks for one or changes where they go,
 * makes those whose time has come and sends what is in the outbox. While a mail server isn't there, one digest is tried
 * a look, so that it isn't asked for each of many.
 */
export function mailDigests({ look, post }: MailPace = { look: LOOK, post: smtp() }): StartPart {
  return ({ platform, note }): Part => {
    const session = platform.session(DAEMON);
    const { store } = session;
    const stopping = new AbortController();

    const mail = async (): Promise<void> => {
      await makeDueDigests(session);
      while (!stopping.signal.aborted) {
        const delivered = await deliver(session, post, { signal: stopping.signal });
        if (delivered === 'nothing' || delivered === 'unreachable') return;
      }
    };
    const mailing = new Repeated(mail, (error) =>
      note(`Digests could not be mailed: ${error instanceof Error ? error.message : 'unknown'}`),
    );
    const changes = new Changes(
      store,
      (made) => {
        if (made.some(matters)) mailing.ask();
      },
      () => {
        // The data can't be read for a moment; the next look is soon.
      },
    );
    const timer = setInterval(() => mailing.ask(), look);
    mailing.ask();

    return {
      name: 'mail',
      async status() {
        const server = mailServer(store);
        const { waiting, since, answer } = store.digests.outbox();
        const sentAt = store.digests.lastSentAt();
        return {
          name: 'mail',
          facts: {
            server: server === undefined ? 'not set' : serverName(server),
            waiting,
            ...(since !== null && { waiting_since: since }),
            ...(sentAt !== null && { last_sent: sentAt }),
            ...(waiting > 0 && answer !== null && { last_error: answer }),
          },
        };
      },
      async stop() {
        changes.close();
        clearInterval(timer);
        stopping.abort();
        await mailing.close();
      },
    };
  };
}

/** Whether there may be something to mail after a change, or another way to. */
function matters({ action }: Change): boolean {
  return ['platform.configure', 'digest.send', 'space.destroy'].includes(action);
}
