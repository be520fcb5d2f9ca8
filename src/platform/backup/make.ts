import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppsApiError } from '../../contract/errors.js';
import { clearOldDrafts, draftOf, fileExists, place, removeDatabase } from '../files/drafts.js';
import { isLoose, syncFolder } from '../files/private-files.js';
import { holdOffMaintenance } from '../files/process-lock.js';
import { change } from '../services/change.js';
import type { Session } from '../services/session.js';
import { readKey } from '../store/keys.js';
import type { Folders } from '../store/store.js';
import { type BackupContent, checkBackup } from './check.js';
import { writeBackup } from './write.js';

export interface BackupMade extends BackupContent {
  readonly file: string;
  readonly bytes: number;
  /** Whether other users can read it all the same, on a file system without permissions. */
  readonly loose: boolean;
}

/**
 * Makes a backup of the whole platform in `file`, with the key of its secrets, and checks that it can be restored
 * before it is put in its place. Throws an AppsApiError: 409 if `file` is there and is not to be replaced.
 */
export function makeBackup(session: Session, file: string, { replace }: { replace: boolean }): BackupMade {
  const { db, meta, folders } = session.store;
  refuseOwnFolders(file, folders);
  if (!replace && existsSync(file)) throw fileExists(file);
  const held = holdOffMaintenance(folders.dataDir);
  const draft = draftOf(file);
  try {
    clearOldDrafts(file);
    removeDatabase(draft);
    const key = readKey(folders.configDir, { dataId: meta.dataId, keyId: meta.keyId });
    // Before there is a file with all secrets in it, not after.
    change(session, { action: 'platform.backup', input: {} }, (record) => {
      record.details = { file };
    });
    writeBackup(db, draft, key, session.now());
    const content = checkMade(draft, file);
    place(draft, file, { replace });
    syncFolder(dirname(file));
    return { file, bytes: statSync(file).size, ...content, loose: isLoose(file) };
  } finally {
    removeDatabase(draft);
    held.release();
  }
}

/** A backup in the folders of the platform could take the place of its database or a key, and is lost with them. */
function refuseOwnFolders(file: string, { dataDir, configDir }: Folders): void {
  const target = realpathSync(dirname(file));
  for (const folder of [dataDir, configDir]
    .filter((each) => existsSync(each))
    .map((each) => realpathSync(each))) {
    if (target !== folder && !target.startsWith(`${folder}/`)) continue;
    throw new AppsApiError({
      id: 'backup_in_platform',
      status: 422,
      message: `${file} is in a folder of the platform itself.`,
      hint: 'Put the backup somewhere else, best onto another disk.',
    });
  }
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true) {
    throw new AppsApiError({
      id: 'bad_path',
      status: 422,
      message: `${file} is a folder.`,
      hint: 'Name a file.',
    });
  }
}

/** What is in a backup just made. If that could not be restored, it is the data itself that is damaged. */
function checkMade(draft: string, file: string): BackupContent {
  try {
    return checkBackup(draft, file).content;
  } catch (error) {
    if (!(error instanceof AppsApiError) || error.id !== 'damaged_backup') throw error;
    throw new AppsApiError({
      id: 'damaged_data',
      status: 503,
      message: `No backup was made, for it could not be restored (${String(error.details?.reason)}): the platform's data is damaged.`,
      hint: 'Restore an earlier backup: aka platform:restore FILE',
    });
  }
}
