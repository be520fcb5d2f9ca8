import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppsApiError } from '../../contract/errors.js';

/**
 * Makes sure of a folder that only its owner can enter, whatever the umask. Refuses one that belongs to somebody
 * else: what root leaves there, its owner could no longer use - and what its owner puts there, root would trust.
 */
export function privateFolder(folder: string): void {
  const me = process.geteuid?.();
  const before = owner(folder);
  if (before !== undefined) {
    if (me !== undefined && before !== me) throw foreign(folder, before);
    return;
  }
  const parent = dirname(folder);
  const parentOwner = owner(parent);
  if (parentOwner === undefined) privateFolder(parent);
  else if (me === 0 && parentOwner !== 0) throw foreign(parent, parentOwner);
  try {
    mkdirSync(folder, { mode: 0o700 });
    chmodSync(folder, 0o700);
  } catch (error) {
    // Another aka was quicker; its folder is as good.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function foreign(folder: string, uid: number): AppsApiError {
  const sudo = process.env.SUDO_USER === undefined ? '' : ' Leave out sudo, or';
  return new AppsApiError({
    id: 'foreign_folder',
    status: 403,
    message: `${folder} belongs to another user (uid ${uid}; this is uid ${process.geteuid?.()}).`,
    hint: `${sudo || 'Run aka as that user, or'} use folders of your own: AKA_DATA_DIR and AKA_CONFIG_DIR.`.trim(),
  });
}

function owner(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.uid;
}
