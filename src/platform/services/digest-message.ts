import { attachmentOf } from '../audit/attachment.js';
import { type ChainLink, genesis } from '../audit/chain.js';
import { type Digest, makeDigest } from '../audit/digest.js';
import { digestHtml } from '../audit/digest-html.js';
import { digestSubject, digestText } from '../audit/digest-text.js';
import type { Message } from '../mail/smtp.js';
import type { DigestRecord } from '../store/digests.js';
import type { Store } from '../store/store.js';
import { redactionOf } from './redaction.js';

/** So many records are read at once. */
const PAGE = 1000;

/** What a digest tells of. */
export type DigestRange = Pick<
  DigestRecord,
  'spaceId' | 'space' | 'since' | 'until' | 'after' | 'last' | 'chain'
>;

/**
 * Returns the digest of some records. The audit log never changes, so it is the same whenever it is made, except for
 * redactions that administrators added since. `wide`: with the records of no space, such as settings, tokens, reporters,
 * pipelines, credentials, backups and key rotations, which only administrators may see. Within a snapshot.
 */
export function digestOf(
  store: Store,
  { space, since, until, chain, after, last }: DigestRange,
  wide: boolean,
): Digest {
  const { audit } = store;
  const links = wide ? audit.ofSpaceAndPlatform(space, after, last) : audit.ofSpace(space, after, last);
  return makeDigest({ space, since, until, chain }, links, redactionOf(store));
}

/** The mail of a digest. Within a snapshot. */
export function digestMessage(store: Store, record: DigestRecord): Message {
  const digest = digestOf(store, record, true);
  const attached = attachmentOf(
    record.space,
    record.until,
    hashBefore(store, record),
    linksOf(store, record),
  );
  return {
    messageId: record.messageId,
    date: new Date(record.until),
    subject: digestSubject(digest),
    text: digestText(digest, attached),
    html: digestHtml(digest, attached),
    attachments: attached === undefined ? [] : [attached],
  };
}

/** The hash that the first record of a range follows. */
function hashBefore({ audit, meta }: Store, { after }: DigestRange): string {
  const [link] = after === 0 ? [] : audit.page(after - 1, 1);
  return link?.hash ?? genesis(meta.dataId);
}

/** The records of every space in a range, read as they are asked for. */
function* linksOf({ audit }: Store, { after, last }: DigestRange): Generator<ChainLink> {
  for (let seq = after; seq < last; ) {
    const page = audit.page(seq, Math.min(PAGE, last - seq));
    if (page.length === 0) return;
    yield* page;
    seq = page.at(-1)?.seq ?? last;
  }
}
