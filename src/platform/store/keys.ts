import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { AppsApiError } from '../../contract/errors.js';
import { KEY_LENGTH } from './cipher.js';
import { privateFolder } from './private-files.js';

/** Where the key of the data with this id is. */
export function keyFile(configDir: string, dataId: string): string {
  return join(configDir, 'keys', `${dataId}.key`);
}

/** Makes the key for new data: whole in its place, or not at all. Never replaces one. */
export function createKey(
  configDir: string,
  dataId: string,
  key: Uint8Array = randomBytes(KEY_LENGTH),
): void {
  privateFolder(configDir);
  privateFolder(join(configDir, 'keys'));
  const file = keyFile(configDir, dataId);
  const draft = `${file}.${process.pid}`;
  const fd = openSync(draft, 'wx', 0o600);
  try {
    chmodSync(draft, 0o600);
    writeSync(fd, Buffer.from(key).toString('base64'));
    fsyncSync(fd);
    linkSync(draft, file);
  } finally {
    closeSync(fd);
    unlinkSync(draft);
  }
}

/** Reads the key of some data. A key that others can read is refused, and a missing one is never made anew. */
export function readKey(configDir: string, dataId: string): Uint8Array {
  const file = keyFile(configDir, dataId);
  try {
    const { mode } = statSync(file);
    if ((mode & 0o077) !== 0) {
      throw new AppsApiError({
        id: 'loose_key',
        status: 503,
        message: `The platform's key ${file} can be read by other users of this machine.`,
        hint: `If nobody has copied it: chmod 600 ${file}`,
      });
    }
    const key = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64');
    if (key.length === KEY_LENGTH) return key;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new AppsApiError({
      id: 'missing_key',
      status: 503,
      message: `The key of this platform's data is not there: ${file}`,
      hint: 'Without it config vars can not be read. Put it back, or restore a backup: aka platform:restore FILE',
    });
  }
  throw new AppsApiError({
    id: 'damaged_key',
    status: 503,
    message: `The platform's key ${file} is damaged: it does not hold ${KEY_LENGTH} bytes.`,
    hint: 'Put the right one back, or restore a backup: aka platform:restore FILE',
  });
}
