import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AppsApiError } from '../../contract/errors.js';
import { errorCode } from '../../model/error-code.js';
import { isPrivateFolder, privateFolder, refuseLoose, writePrivateFile } from '../files/private-files.js';
import { KEY_LENGTH } from './cipher.js';

/** Which key of which data. */
export interface KeyName {
  readonly dataId: string;
  /** The fingerprint of the key, so that a wrong one is noticed and no key can ever take the place of another. */
  readonly keyId: string;
}

/** Where a key is. */
export function keyFile(configDir: string, { dataId, keyId }: KeyName): string {
  return join(configDir, 'keys', `${dataId}.${keyId}.key`);
}

/** The id of a key: a fingerprint in 16 hex digits, which tells nothing of the key. */
export function keyIdOf(key: Uint8Array): string {
  return createHash('sha256').update('aka key ').update(key).digest('hex').slice(0, 16);
}

/** Keeps a key for some data, a new one unless told, whole in its place or not at all. Answers its id. */
export function createKey(
  configDir: string,
  dataId: string,
  key: Uint8Array = randomBytes(KEY_LENGTH),
): string {
  const keyId = keyIdOf(key);
  privateFolder(configDir);
  privateFolder(join(configDir, 'keys'));
  writePrivateFile(keyFile(configDir, { dataId, keyId }), Buffer.from(key).toString('base64'));
  return keyId;
}

/** Removes every key of some data but this one. */
export function removeOtherKeys(configDir: string, { dataId, keyId }: KeyName): void {
  const folder = join(configDir, 'keys');
  for (const name of readdirSync(folder)) {
    if (name.startsWith(`${dataId}.`) && !name.startsWith(`${dataId}.${keyId}.`)) rmSync(join(folder, name));
  }
}

/** Reads the key of some data. A key that others can read is refused, and a missing one is never made anew. */
export function readKey(configDir: string, name: KeyName): Uint8Array {
  const file = keyFile(configDir, name);
  for (const folder of [configDir, dirname(file)]) isPrivateFolder(folder);
  try {
    const hint = `If nobody has copied it: chmod 600 ${file}`;
    refuseLoose(file, "The platform's key", { id: 'loose_key', hint });
    const key = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64');
    if (key.length === KEY_LENGTH && keyIdOf(key) === name.keyId) return key;
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    throw new AppsApiError({
      id: 'missing_key',
      status: 503,
      message: `The key of this platform's data is not there: ${file}`,
      hint: "Without it config vars can't be read. Put it back, or restore a backup: aka platform:restore FILE",
    });
  }
  throw new AppsApiError({
    id: 'damaged_key',
    status: 503,
    message: `The platform's key ${file} is damaged: what it holds is not that key.`,
    hint: 'Put the right one back, or restore a backup: aka platform:restore FILE',
  });
}
