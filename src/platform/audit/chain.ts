import { createHash } from 'node:crypto';

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
  | 'credential.create'
  | 'credential.rotate'
  | 'credential.destroy'
  | 'credential.attach'
  | 'credential.detach'
  | 'digest.send'
  | 'digest.deliver'
  | 'mail.test'
  | 'dyno.evict';

/** What an audit record says; its JSON text is what is hashed and stored, byte for byte. */
export interface AuditRecord {
  /** Counts from 1 without gaps; it is also the number of the change. */
  readonly seq: number;
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

/** The hash before the first record: it ties a chain to the data it belongs to. */
export function genesis(dataId: string): string {
  return sha256(`aka audit ${dataId}`);
}

/** The hash of a record: over the hash of the one before and its own text. */
export function link(before: string, record: string): string {
  return sha256(`${before}\n${record}`);
}

export interface ChainLink {
  readonly seq: number;
  readonly record: string;
  readonly hash: string;
}

/** What was found of a chain that was followed. */
export interface ChainState {
  readonly records: number;
  /** The hash of the last record that fits. */
  readonly head: string;
  readonly broken?: { readonly seq: number; readonly reason: string };
}

/** Follows a chain from its start and stops at the first record that doesn't fit. */
export function verifyChain(dataId: string, links: Iterable<ChainLink>): ChainState {
  let head = genesis(dataId);
  let records = 0;
  for (const { seq, record, hash } of links) {
    const reason = fault(records + 1, head, { seq, record, hash });
    if (reason !== undefined) return { records, head, broken: { seq: records + 1, reason } };
    head = hash;
    records = seq;
  }
  return { records, head };
}

function fault(expected: number, before: string, { seq, record, hash }: ChainLink): string | undefined {
  if (seq !== expected) return `record ${expected} is missing`;
  if (link(before, record) !== hash) return 'its content does not match its hash';
  // The number is in the text as well, or records could change places with the rest of the row.
  return record.startsWith(`{"seq":${seq},`) ? undefined : 'its number does not match its place';
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
