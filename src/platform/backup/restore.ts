import { chmodSync, existsSync, linkSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { errorCode } from '../../model/error-code.js';
import type { Caller } from '../caller.js';
import { clearOldDrafts, draftOf, removeDatabase } from '../files/drafts.js';
import { privateFolder, syncFolder } from '../files/private-files.js';
import { takeMaintenance } from '../files/process-lock.js';
import { AuditLog } from '../store/audit-log.js';
import { Database } from '../store/database.js';
import { keepHead, keepRestoredHead } from '../store/kept-head.js';
import { createKey, readKey } from '../store/keys.js';
import { Meta } from '../store/meta.js';
import { schemaVersion } from '../store/migrations.js';
import { isDamage } from '../store/sqlite-errors.js';
import { databaseFile, type Folders, platformExists } from '../store/store.js';
import { type BackupContent, checkBackup, type SoundBackup } from './check.js';
import { copyCandidate, copyPrivately } from './private-copy.js';
import { replaceContent, replaceFile } from './replace.js';
import { writeBackup } from './write.js';

/** A backup that was found to be sound, and nothing replaced yet. */
export interface OpenBackup {
  readonly content: BackupContent;
  /** Whether other users can read the file, and with it every config var. */
  readonly loose: boolean;
  /** Whether there is a platform that would be replaced. */
  readonly replaces: boolean;
  /** Replaces everything by what is in the backup. */
  restore(caller: Caller, now: Date): Restored;
  /** Lets go of it, restored or not. */
  close(): void;
}

export interface Restored extends BackupContent {
  readonly file: string;
  /** Where what was there before is kept; null if there was nothing. */
  readonly kept: string | null;
}

/** Opens a backup, and checks it completely. Throws an AppsApiError: 422 if it is none, or damaged. */
export function openBackup(file: string, folders: Folders): OpenBackup {
  const live = databaseFile(folders.dataDir);
  const draft = draftOf(live);
  privateFolder(folders.dataDir);
  clearOldDrafts(live);
  clearOldDrafts(wholeOf(live));
  removeDatabase(draft);
  const close = (): void => removeDatabase(draft);
  try {
    const { loose } = copyCandidate(file, draft);
    const sound = checkBackup(draft, file);
    return {
      content: sound.content,
      loose,
      replaces: platformExists(folders),
      restore: (caller, now) => ({
        file,
        ...sound.content,
        kept: new Restoration(folders, draft, sound, caller, now).run(),
      }),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/**
 * Puts the data of a draft into the place of a platform's. Killed at any point, it leaves the one or the other, whole.
 */
class Restoration {
  readonly #live: string;
  readonly #keptStem: string;

  constructor(
    readonly folders: Folders,
    readonly draft: string,
    readonly sound: SoundBackup,
    readonly caller: Caller,
    readonly now: Date,
  ) {
    this.#live = databaseFile(folders.dataDir);
    this.#keptStem = join(folders.dataDir, `before-restore-${now.toISOString().replaceAll(/[-:]/g, '')}`);
  }

  /** Answers where what was there before is kept. */
  run(): string | null {
    const maintenance = takeMaintenance(this.folders.dataDir);
    try {
      // Before any data that names it.
      createKey(this.folders.configDir, this.sound.dataId, this.sound.key);
      if (!existsSync(this.#live) && this.#beFirst()) return null;
      chmodSync(this.#live, 0o600);
      if (statSync(this.#live).size === 0) return this.#replaceFile();
      try {
        return this.#replaceContent();
      } catch (error) {
        if (!isDamage(error)) throw error;
        return this.#replaceFile();
      }
    } finally {
      maintenance.release();
    }
  }

  /** False if another process has made a platform meanwhile. */
  #beFirst(): boolean {
    const whole = this.#wholeFile(null);
    try {
      linkSync(whole, this.#live);
      syncFolder(dirname(this.#live));
      return true;
    } catch (error) {
      if (errorCode(error) === 'EEXIST') return false;
      throw error;
    } finally {
      removeDatabase(whole);
    }
  }

  #replaceContent(): string {
    const kept = `${this.#keptStem}.backup`;
    const db = new Database(this.#live);
    try {
      schemaVersion(db);
      replaceContent(db, this.draft, {
        before: () => this.#keep(kept),
        after: () => this.#record(db, kept),
      });
      keepHead(db, this.folders);
      db.checkpoint();
      return kept;
    } finally {
      db.close();
    }
  }

  /** Runs while the database is locked against writers: nothing that was answered is missing in what is kept. */
  #keep(kept: string): void {
    const db = new Database(this.#live);
    try {
      writeBackup(db, kept, this.#keyOf(db), this.now);
    } catch (error) {
      removeDatabase(kept);
      throw error;
    } finally {
      db.close();
    }
    syncFolder(dirname(kept));
  }

  /** The key of the data that is there; it may be what was lost. */
  #keyOf(db: Database): Uint8Array | undefined {
    try {
      const { dataId, keyId } = new Meta(db);
      return readKey(this.folders.configDir, { dataId, keyId });
    } catch {
      return undefined;
    }
  }

  #replaceFile(): string {
    const kept = `${this.#keptStem}.damaged`;
    copyPrivately(this.#live, kept);
    if (existsSync(`${this.#live}-wal`)) copyPrivately(`${this.#live}-wal`, `${kept}-wal`);
    syncFolder(dirname(kept));
    const whole = this.#wholeFile(kept);
    try {
      replaceFile(this.folders.dataDir, this.#live, whole);
    } finally {
      removeDatabase(whole);
    }
    return kept;
  }

  /** Makes a database of its own of the draft: without the key that is in it, and with the record of the restore. */
  #wholeFile(kept: string | null): string {
    const whole = draftOf(wholeOf(this.#live));
    removeDatabase(whole);
    const db = new Database(':memory:');
    try {
      replaceContent(db, this.draft, { after: () => this.#record(db, kept) });
      db.copyInto(whole);
    } finally {
      db.close();
    }
    return whole;
  }

  #record(db: Database, kept: string | null): void {
    const { made_at, version, audit } = this.sound.content;
    new AuditLog(db).append(this.sound.dataId, {
      at: this.now.toISOString(),
      action: 'platform.restore',
      outcome: 'done',
      username: this.caller.name,
      role: this.caller.role,
      origin: this.caller.origin,
      space: null,
      app: null,
      details: { made_at, version, ...audit, kept: kept === null ? null : basename(kept) },
    });
    keepRestoredHead(db, this.folders);
  }
}

function wholeOf(live: string): string {
  return `${live}.whole`;
}
