import { constants } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { errorCode } from '../../model/error-code.js';
import { RuleError } from '../../model/rule.js';
import { isUtf16 } from '../../model/text-encoding.js';

/**
 * The text of a file at the top of an app's folder; undefined if there is none. A link is followed inside the folder
 * only: a build can make one to anything. Nothing else may write there meanwhile. Throws a {@link RuleError} if it is no file or has more than `limit` bytes.
 */
export async function readSmall(folder: string, name: string, limit: number): Promise<string | undefined> {
  const file = await openOwn(join(folder, name)).catch(async (error: unknown) => {
    const code = errorCode(error);
    if (code === 'ENOENT') return undefined;
    if (code === 'ELOOP') return openOwn(await targetOf(folder, name));
    throw error;
  });
  if (file === undefined) return undefined;
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw unusable(name, 'it is no file');
    if (stats.size > limit) throw unusable(name, `it has more than ${limit} bytes`);
    const bytes = await file.readFile();
    if (isUtf16(bytes)) throw unusable(name, 'it is in UTF-16', 'Save it as UTF-8.');
    return bytes.toString('utf8');
  } finally {
    await file.close();
  }
}

function openOwn(path: string): Promise<FileHandle> {
  return open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
}

/** Where a link leads to, through any others. */
async function targetOf(folder: string, name: string): Promise<string> {
  const target = await realpath(join(folder, name)).catch(() => undefined);
  if (target === undefined) throw unusable(name, 'it is a link to nothing');
  if (target.startsWith(`${await realpath(folder)}${sep}`)) return target;
  throw unusable(name, 'it is a link out of the app');
}

function unusable(name: string, why: string, hint = 'Make it an ordinary file.'): RuleError {
  return new RuleError('unusable_file', `${name} can't be used: ${why}.`, hint);
}
