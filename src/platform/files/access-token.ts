import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppsApiError } from '../../contract/errors.js';
import { errorCode } from '../../model/error-code.js';
import { privateFolder, refuseLoose, writePrivateFile } from './private-files.js';

/** The least characters of a token that opens a platform over TCP: a shorter one could be guessed. */
export const ACCESS_TOKEN_MIN = 32;

const FORM = new RegExp(`^[!-~]{${ACCESS_TOKEN_MIN},}$`);

/** A token and the file that it is in. */
interface AccessToken {
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
  // Before it is read: a token that somebody else put there would open the platform to them.
  privateFolder(configDir);
  privateFolder(folder);
  const there = readIfThere(file);
  if (there !== undefined) return { secret: checked(file, there), file };
  const secret = randomBytes(ACCESS_TOKEN_MIN).toString('base64url');
  writePrivateFile(file, `${secret}\n`);
  return { secret, file };
}

function checked(file: string, text: string): string {
  const secret = text.trim();
  const facts = { id: 'unusable_token', hint: `Remove it to have a new one made: rm ${file}` };
  refuseLoose(file, 'The token', facts);
  if (isAccessToken(secret)) return secret;
  throw new AppsApiError({ ...facts, status: 503, message: `${file} holds no token.` });
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
