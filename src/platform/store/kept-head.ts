import { createHash } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../../model/error-code.js';
import type { ChainState } from '../audit/chain.js';
import { isPrivateFolder, privateFolder, writePrivateFile } from '../files/private-files.js';
import { AuditLog } from './audit-log.js';
import type { Database } from './database.js';
import { Digests } from './digests.js';
import { Meta } from './meta.js';
import type { Folders } from './store.js';

/** Which record an audit log ended with: its number and its hash. */
interface Head {
  readonly seq: number;
  readonly hash: string;
}

/**
 * The heads in the config folder. Until a restore is committed its head stands beside the one before, for a crash may
 * leave the log with either.
 */
interface KeptHeads {
  readonly head?: Head;
  readonly restoring?: Head;
}

/** Why a log that is whole in itself is not the one that its platform wrote. */
type HeadFault = NonNullable<ChainState['broken']>;

/**
 * Keeps the newest record's hash in the config folder, after the commit of that record. Whoever can write only the
 * database can't cut off or rewrite records unnoticed. Does nothing if the log lacks the head that is kept, which is
 * the evidence, and if it can't be written: an older head is right as well.
 */
export function keepHead(db: Database, folders: Folders): void {
  try {
    // The lock against writers keeps another process, and a restore, from writing an older head after a newer one.
    db.transaction(() => {
      const last = new AuditLog(db).last();
      const kept = readHeads(db, folders);
      if (last === undefined || isHead(kept, last) || faultOf(db, kept) !== undefined) return;
      writeHeads(db, folders, { head: headOf(last) }, { durable: false });
    });
  } catch {
    // The change is committed, and must not be reported as failed.
  }
}

/** Announces the head of a restored log. Within the transaction of the restore, after its record. */
export function keepRestoredHead(db: Database, folders: Folders): void {
  const last = new AuditLog(db).last();
  if (last === undefined) return;
  const { head } = readHeads(db, folders);
  const heads = { ...(head !== undefined && { head }), restoring: headOf(last) };
  writeHeads(db, folders, heads, { durable: true });
}

/**
 * Returns why a log lacks the head that was kept of it: in the config folder or, if there is none, by its last digest.
 * Returns undefined if the log has it. Reads a few rows. Outside of transactions only: a head may be newer than the state that one began with.
 */
export function headFault(db: Database, folders: Folders): HeadFault | undefined {
  for (;;) {
    const kept = readHeads(db, folders);
    const fault = faultOf(db, kept);
    // A restore may have replaced the log in between.
    const isSame = JSON.stringify(readHeads(db, folders)) === JSON.stringify(kept);
    if (fault === undefined || isSame) return fault;
  }
}

/** Returns a sentence about a broken log. */
export function brokenText({ seq, reason }: HeadFault): string {
  return `The audit log is broken at record ${seq}: ${reason}.`;
}

function faultOf(db: Database, { head, restoring }: KeptHeads): HeadFault | undefined {
  const log = new AuditLog(db);
  if (restoring !== undefined && missing(log, restoring, 'config folder') === undefined) return undefined;
  if (head !== undefined) return missing(log, head, 'config folder');
  // A restore accepts the log as it is, which may be shorter than a digest in it says: then its head is kept.
  const chain = new Digests(db).newestWholeChain();
  if (chain === undefined || chain.records === 0) return undefined;
  return missing(log, { seq: chain.records, hash: chain.head }, 'last digest');
}

function missing(log: AuditLog, { seq, hash }: Head, keptBy: string): HeadFault | undefined {
  const last = log.last()?.seq ?? 0;
  if (last < seq) {
    const records = last + 1 === seq ? `record ${seq} is` : `records ${last + 1} to ${seq} are`;
    return { seq: last + 1, reason: `${records} missing, the ${keptBy} has the head of record ${seq}` };
  }
  const [found] = log.page(seq - 1, 1);
  if (found?.seq === seq && found.hash === hash) return undefined;
  return { seq, reason: `its hash is not the head that the ${keptBy} has` };
}

function readHeads(db: Database, folders: Folders): KeptHeads {
  try {
    const { head, restoring } = JSON.parse(readFileSync(headFile(db, folders), 'utf8')) as Record<
      string,
      unknown
    >;
    return { ...(isHeadLike(head) && { head }), ...(isHeadLike(restoring) && { restoring }) };
  } catch (error) {
    // A power cut can empty a file that was not synced: nothing is kept then.
    if (errorCode(error) === 'ENOENT' || error instanceof SyntaxError || error instanceof TypeError)
      return {};
    throw error;
  }
}

function writeHeads(db: Database, folders: Folders, heads: KeptHeads, options: { durable: boolean }): void {
  if (!isPrivateFolder(folders.configDir)) return;
  privateFolder(join(folders.configDir, 'heads'));
  writePrivateFile(headFile(db, folders), `${JSON.stringify(heads)}\n`, options);
}

/** One for each data folder, since a backup restored into another one is a log of its own from then on. */
function headFile(db: Database, { dataDir, configDir }: Folders): string {
  const folder = createHash('sha256').update(realpathSync(dataDir)).digest('hex').slice(0, 16);
  return join(configDir, 'heads', `${new Meta(db).dataId}.${folder}.json`);
}

function headOf({ seq, hash }: Head): Head {
  return { seq, hash };
}

function isHead({ head, restoring }: KeptHeads, last: Head): boolean {
  return restoring === undefined && head?.seq === last.seq && head.hash === last.hash;
}

function isHeadLike(value: unknown): value is Head {
  const { seq, hash } = (value ?? {}) as Partial<Head>;
  return Number.isSafeInteger(seq) && typeof hash === 'string';
}
