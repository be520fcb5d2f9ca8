import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppsApiError } from '../../contract/errors.js';
import { isLoose, privateFolder, writePrivateFile } from './private-files.js';

/** The least characters of a token that opens a platform over TCP. */
export const ACCESS_TOKEN_MIN = 32;

const FORM = new RegExp(`^[!-~]{${ACCESS_TOKEN_MIN},}$`);

/** A token and the file that it is in. */
export interface AccessToken {
  readonly secret: string;
  readonly file: string;
}

/** Whether something may be an access token: 32 or more visible ASCII characters. */
export function isAccessToken(text: string): boolean {
  return FORM.test(text);
}

/**
 * The token of some data, made the first time. Throws an AppsApiError (503) if others can read it, or if it was
 * damaged.
 */
export function accessToken(configDir: string, dataId: string): AccessToken {
  const folder = join(configDir, 'tokens');
  const file = join(folder, dataId);
  const there = readIfThere(file);
  if (there !== undefined) return { secret: checked(file, there), file };
  privateFolder(configDir);
  privateFolder(folder);
  const secret = randomBytes(ACCESS_TOKEN_MIN).toString('base64url');
  writePrivateFile(file, `${secret}\n`);
  return { secret, file };
}

function checked(file: string, text: string): string {
  const secret = text.trim();
  const wrong = isLoose(file) ? 'can be read by other users of this machine' : 'holds no token';
  if (isAccessToken(secret) && !isLoose(file)) return secret;
  throw new AppsApiError({
    id: 'unusable_token',
    status: 503,
    message: `${file} ${wrong}.`,
    hint: `Remove it to have a new one made: rm ${file}`,
  });
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
