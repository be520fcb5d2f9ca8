import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../../model/error-code.js';
import { RuleError } from '../../model/rule.js';

/**
 * The text of a file at the top of an app's folder; undefined if there is none. A link is not followed: a build can
 * make one to anything. Throws a {@link RuleError} if it is no file or has more than `limit` bytes.
 */
export async function readSmall(folder: string, name: string, limit: number): Promise<string | undefined> {
  const how = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(join(folder, name), how).catch((error: unknown) => {
    const code = errorCode(error);
    if (code === 'ENOENT') return undefined;
    if (code === 'ELOOP') throw unusable(name, 'it is a link');
    throw error;
  });
  if (file === undefined) return undefined;
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw unusable(name, 'it is no file');
    if (stats.size > limit) throw unusable(name, `it has more than ${limit} bytes`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

function unusable(name: string, why: string): RuleError {
  return new RuleError('unusable_file', `${name} can't be used: ${why}.`, 'Make it an ordinary file.');
}
