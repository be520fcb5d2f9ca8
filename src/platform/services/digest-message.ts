import { type Digest, makeDigest } from '../audit/digest.js';
import { digestHtml } from '../audit/digest-html.js';
import { digestSubject, digestText } from '../audit/digest-text.js';
import type { Message } from '../mail/smtp.js';
import type { DigestRecord } from '../store/digests.js';
import type { Store } from '../store/store.js';

/** What a digest tells of. */
export type DigestRange = Pick<
  DigestRecord,
  'spaceId' | 'space' | 'since' | 'until' | 'after' | 'last' | 'chain'
>;

/** The digest of some records: the audit log never changes, so it is the same whenever it is made. Within a snapshot. */
export function digestOf(store: Store, { space, since, until, chain, after, last }: DigestRange): Digest {
  return makeDigest({ space, since, until, chain }, store.audit.ofSpace(space, after, last));
}

/** The mail of a digest. Within a snapshot. */
export function digestMessage(store: Store, record: DigestRecord): Message {
  const digest = digestOf(store, record);
  return {
    messageId: record.messageId,
    date: new Date(record.until),
    subject: digestSubject(digest),
    text: digestText(digest),
    html: digestHtml(digest),
  };
}
