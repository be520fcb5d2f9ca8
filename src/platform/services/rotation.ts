import { randomBytes } from 'node:crypto';
import { takeMaintenance } from '../files/process-lock.js';
import { Cipher, KEY_LENGTH } from '../store/cipher.js';
import { createKey, keyFile, keyIdOf, readKey, removeOtherKeys } from '../store/keys.js';
import { change } from './change.js';
import type { Session } from './session.js';

export interface Rotation {
  /** The fingerprint of the key that everything is sealed with now. */
  readonly key: string;
  /** Its file. */
  readonly file: string;
  readonly config_vars: number;
  readonly credential_vars: number;
  readonly releases: number;
  readonly answers: number;
  /** Webhooks, which sign. */
  readonly reporters: number;
  /** URLs and secrets of hooks, by how many of these there are. */
  readonly hooks: number;
  readonly settings: number;
  /** Whether the key before is gone. It is kept while somebody still reads what it sealed. */
  readonly old_key_removed: boolean;
}

/**
 * Seals every secret with a new key. The new key is on disk before the transaction that seals with it and names it,
 * and the old one until after: whenever this is killed, the key that the data names is there. Throws an AppsApiError:
 * 409 while another process does this or restores.
 */
export function rotateKey(session: Session): Rotation {
  const { db, meta, folders, configVars, credentials, releases, answers, reporters, hooks, sealedSettings } =
    session.store;
  const maintenance = takeMaintenance(folders.dataDir);
  try {
    const key = randomBytes(KEY_LENGTH);
    const keyId = keyIdOf(key);
    const sealed = change(session, { action: 'platform.rotate-key', input: {} }, (draft) => {
      const { dataId, keyId: before } = meta;
      const from = new Cipher(readKey(folders.configDir, { dataId, keyId: before }));
      createKey(folders.configDir, dataId, key);
      const to = new Cipher(key);
      const counts = {
        config_vars: configVars.reseal(from, to),
        credential_vars: credentials.reseal(from, to),
        releases: releases.reseal(from, to),
        answers: answers.reseal(from, to),
        reporters: reporters.reseal(from, to),
        hooks: hooks.reseal(from, to),
        settings: sealedSettings.reseal(from, to),
      };
      meta.keyId = keyId;
      draft.details = { before, after: keyId, ...counts };
      return counts;
    });
    // Every reader must have seen the new key's name before the old key goes.
    const removed = db.checkpoint();
    const name = { dataId: meta.dataId, keyId };
    if (removed) removeOtherKeys(folders.configDir, name);
    return { key: keyId, file: keyFile(folders.configDir, name), ...sealed, old_key_removed: removed };
  } finally {
    maintenance.release();
  }
}
