import { AppsApiError } from '../../contract/errors.js';
import { verifyChain } from '../audit/chain.js';
import { Answers } from '../store/answers.js';
import { AuditLog } from '../store/audit-log.js';
import { Cipher, KEY_LENGTH } from '../store/cipher.js';
import { ConfigVars } from '../store/config-vars.js';
import { Credentials } from '../store/credentials.js';
import { Database } from '../store/database.js';
import { Hooks } from '../store/hooks.js';
import { keyIdOf } from '../store/keys.js';
import { Meta } from '../store/meta.js';
import { migrate, schemaVersion } from '../store/migrations.js';
import { Releases } from '../store/releases.js';
import { Reporters } from '../store/reporters.js';
import { APPLICATION_ID } from '../store/schema.js';
import { schemaDifferences } from '../store/schema-check.js';
import { SealedSettings } from '../store/sealed-settings.js';
import { isDamage } from '../store/sqlite-errors.js';
import { type BackupFacts, digestOf, pragma } from './content.js';

/** What is in a backup that was found to be sound. */
export interface BackupContent {
  readonly made_at: string;
  readonly version: string;
  readonly spaces: number;
  readonly apps: number;
  /** Which open the platform again once it is restored, also those that were revoked since. */
  readonly tokens: number;
  readonly audit: { readonly records: number; readonly head: string };
}

/** What a restore needs besides; the key never leaves the platform. */
export interface SoundBackup {
  readonly content: BackupContent;
  readonly dataId: string;
  readonly key: Uint8Array;
}

/**
 * Checks the copy of a backup in `file` completely: that it is one, that it is as it was written, that its tables are
 * those of the version it says, that its audit chain is whole and every secret opens with its key. One of an older
 * version is brought up to this one. `name` is what messages call it. Throws an AppsApiError: 422 for what is no backup
 * or a damaged one (with the `reason` in its details), 503 for one of a newer version.
 */
export function checkBackup(file: string, name: string): SoundBackup {
  let db: Database | undefined;
  try {
    db = new Database(file);
    return checkOpen(db, name);
  } catch (error) {
    if (error instanceof AppsApiError && error.id === 'unreadable_secret') {
      throw damaged(name, 'a config var in it does not open with its key');
    }
    if (!isDamage(error)) throw error;
    throw damaged(name, 'its structure is broken', { cause: error });
  } finally {
    db?.close();
  }
}

function checkOpen(db: Database, name: string): SoundBackup {
  const mark = checkForm(db, name);
  migrate(db);
  const meta = new Meta(db);
  if (mark.key === null) {
    throw damaged(name, 'it was made without the key of its config vars, which was missing then');
  }
  const key = Buffer.from(mark.key, 'base64');
  if (key.length !== KEY_LENGTH || keyIdOf(key) !== meta.keyId) {
    throw damaged(name, 'the key in it is not that of its config vars');
  }
  const cipher = new Cipher(key);
  new ConfigVars(db, () => cipher).checkAll();
  const credentials = new Credentials(db, () => cipher);
  credentials.checkAll();
  if (credentials.anyMisplaced()) throw damaged(name, 'an app in it has a credential that it may not have');
  new Releases(db, () => cipher).checkAll();
  new Answers(db, () => cipher).checkAll();
  new Reporters(db, () => cipher).checkAll();
  new Hooks(db, () => cipher).checkAll();
  new SealedSettings(db, () => cipher).checkAll();
  const { broken, ...audit } = verifyChain(meta.dataId, new AuditLog(db).links());
  if (broken !== undefined) {
    throw damaged(name, `its audit log is broken at record ${broken.seq} (${broken.reason})`);
  }
  const { made_at, version } = mark;
  const content = {
    made_at,
    version,
    spaces: count(db, 'spaces'),
    apps: count(db, 'apps'),
    tokens: count(db, 'tokens'),
    audit,
  };
  return { content, dataId: meta.dataId, key };
}

/** Whether it is a backup, and every byte of its content what was written. */
function checkForm(db: Database, name: string): Mark {
  if (pragma(db, 'application_id') !== APPLICATION_ID || !hasMark(db)) throw notABackup(name);
  const version = schemaVersion(db, name);
  if (db.get('PRAGMA integrity_check(1)')?.integrity_check !== 'ok') {
    throw damaged(name, 'its structure is broken');
  }
  if (schemaDifferences(db, version).length > 0)
    throw damaged(name, 'its tables are not those of a platform');
  if (db.get('PRAGMA foreign_key_check') !== undefined) throw damaged(name, 'its parts do not fit together');
  const [mark, ...more] = db.all<Mark>('SELECT made_at, version, key, digest FROM backup');
  if (mark === undefined || more.length > 0 || digestOf(db, mark) !== mark.digest) {
    throw damaged(name, 'its content is not what was written');
  }
  return mark;
}

type Mark = BackupFacts & { digest: string; [column: string]: string | null };

function hasMark(db: Database): boolean {
  return db.get("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'backup'") !== undefined;
}

function count(db: Database, table: 'spaces' | 'apps' | 'tokens'): number {
  return db.get<{ n: number }>(`SELECT count(*) AS n FROM ${table}`)?.n ?? 0;
}

/** The error for a file that is something else. */
export function notABackup(name: string): AppsApiError {
  return new AppsApiError({
    id: 'not_a_backup',
    status: 422,
    message: `${name} is not a backup of a platform.`,
    hint: 'Backups are made with: aka platform:backup FILE',
  });
}

function damaged(name: string, why: string, options?: ErrorOptions): AppsApiError {
  const facts = {
    id: 'damaged_backup',
    status: 422,
    message: `${name} can't be restored: ${why}. Nothing was changed.`,
    hint: 'Use another backup.',
    details: { reason: why },
  };
  return new AppsApiError(facts, options);
}
