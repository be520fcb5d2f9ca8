import crypto, { createHash } from 'node:crypto';

/**
 * What audit records can be about, as noun.verb in the imperative. A name that was written once stays for ever: later
 * versions may add to these, but never change one.
 */
export type AuditAction =
  | 'platform.create'
  | 'platform.backup'
  | 'platform.restore'
  | 'platform.rotate-key'
  | 'space.create'
  | 'space.update'
  | 'space.destroy'
  | 'app.create'
  | 'app.update'
  | 'app.destroy'
  | 'config.change'
  | 'formation.create'
  | 'formation.update'
  | 'formation.destroy'
  | 'dyno.restart'
  | 'dyno.run'
  | 'dyno.crash'
  | 'build.create'
  | 'build.stop'
  | 'build.finish'
  | 'release.create'
  | 'release.finish'
  | 'platform.configure'
  | 'host.allow'
  | 'host.deny'
  | 'access.refuse'
  | 'token.create'
  | 'token.revoke'
  | 'check.add'
  | 'check.remove'
  | 'build.status'
  | 'build.overrule'
  | 'build.refuse'
  | 'pipeline.create'
  | 'pipeline.update'
  | 'pipeline.destroy'
  | 'pipeline.add'
  | 'pipeline.remove'
  | 'pipeline.promote'
  | 'release.status'
  | 'credential.create'
  | 'credential.rotate'
  | 'credential.destroy'
  | 'credential.attach'
  | 'credential.detach'
  | 'digest.send'
  | 'digest.deliver'
  | 'mail.test'
  | 'mail.notice'
  | 'dyno.evict'
  | 'dyno.return'
  | 'organization.create'
  | 'stack.create'
  | 'stack.update'
  | 'stack.destroy'
  | 'region.create'
  | 'region.update'
  | 'region.destroy'
  | 'feature.update'
  | 'favorite.add'
  | 'favorite.remove'
  | 'hook.create'
  | 'hook.update'
  | 'hook.destroy'
  | 'hook.test'
  | 'session.invite'
  | 'session.login'
  | 'session.logout'
  | 'session.revoke';

/** What an audit record says; its JSON text is what is hashed and stored, byte for byte. */
export interface AuditRecord {
  /** Counts from 1 without gaps; it is also the number of the change. */
  readonly seq: number;
  /**
   * Random: without it the text of a record could be found from its digest, by trying what it may be. Records of before
   * exports were lack it.
   */
  readonly salt?: string;
  readonly at: string;
  readonly action: AuditAction;
  readonly outcome: 'done' | 'refused';
  /** Who, in which role and from where. */
  readonly username: string;
  readonly role: string;
  readonly origin: string;
  readonly space: string | null;
  /** The app's name within the space. */
  readonly app: string | null;
  /** What changed, or why it was refused; redacted. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** What a record says besides what the log gives it. */
export type AuditFacts = Omit<AuditRecord, 'seq' | 'salt'>;

/** The hash before the first record: it ties a chain to the data it belongs to. */
export function genesis(dataId: string): string {
  return sha256(`aka audit ${dataId}`);
}

/**
 * The hash of a record: over the hash of the one before and the record's digest, so that a chain can be followed also by
 * who may not see the text. Of one without a salt it is over the text itself.
 */
export function link(before: string, record: string): string {
  return isSalted(record) ? linkOf(before, sha256(record)) : linkOf(before, record);
}

/** What stands for a record where its text is not told; undefined for one without a salt, of which it would tell too much. */
export function recordDigest(record: string): string | undefined {
  return isSalted(record) ? sha256(record) : undefined;
}

/** A record in its place, as it is kept. */
export interface ChainLink {
  readonly seq: number;
  readonly record: string;
  readonly hash: string;
}

/** One that may be told by its digest alone, or not even by that if it has no salt. */
export type ToldLink = Omit<ChainLink, 'record'> & {
  readonly record?: string | undefined;
  readonly digest?: string | undefined;
};

/** What was found of a chain that was followed. */
export interface ChainState {
  readonly records: number;
  /** The hash of the last record that fits. */
  readonly head: string;
  readonly broken?: { readonly seq: number; readonly reason: string };
}

/** Follows a chain record by record, from a hash that is known: that of its start, or of an earlier record. */
export class Chain {
  #salted = false;

  constructor(
    public head: string,
    /** The number of the last record that fits. */
    public records = 0,
  ) {}

  /** Takes the next record; answers why it does not fit, and stays where it is then. */
  take(next: ToldLink): string | undefined {
    const reason = this.#fault(next);
    if (reason !== undefined) return reason;
    this.#salted ||= next.record === undefined ? next.digest !== undefined : isSalted(next.record);
    this.head = next.hash;
    this.records = next.seq;
    return undefined;
  }

  #fault({ seq, record, digest, hash }: ToldLink): string | undefined {
    if (seq !== this.records + 1) return `record ${this.records + 1} is missing`;
    if (record === undefined) {
      if (digest === undefined) return this.#salted ? 'its digest is missing' : undefined;
      return linkOf(this.head, digest) === hash ? undefined : 'its digest does not match its hash';
    }
    if (link(this.head, record) !== hash) return 'its content does not match its hash';
    // The number is in the text as well, or records could change places with the rest of the row.
    if (!record.startsWith(`{"seq":${seq},`)) return 'its number does not match its place';
    // Salts came with a version and stay: none is left out to make a record one that needs no digest.
    return this.#salted && !isSalted(record) ? 'its salt is missing' : undefined;
  }
}

/** Follows a chain from its start and stops at the first record that doesn't fit. */
export function verifyChain(dataId: string, links: Iterable<ChainLink>): ChainState {
  const chain = new Chain(genesis(dataId));
  for (const each of links) {
    const reason = chain.take(each);
    if (reason !== undefined) return { ...stateOf(chain), broken: { seq: chain.records + 1, reason } };
  }
  return stateOf(chain);
}

function stateOf({ records, head }: Chain): ChainState {
  return { records, head };
}

function isSalted(record: string): boolean {
  return record.startsWith('"salt":"', record.indexOf(',') + 1);
}

function linkOf(before: string, what: string): string {
  return sha256(`${before}\n${what}`);
}

/** In one go, which takes half the time, where Node.js has that: from 20.12 on. */
const { hash: inOneGo } = crypto as { readonly hash?: typeof crypto.hash };

function sha256(text: string): string {
  return inOneGo === undefined
    ? createHash('sha256').update(text).digest('hex')
    : inOneGo('sha256', text, 'hex');
}
