import { isToken } from '../client/credentials.js';
import { readSecretFile } from '../client/private-files.js';
import { contentOf } from './content.js';
import { usage } from './failure.js';

const MOST = 64 * 1024;

/**
 * The token in a file, or on standard input for `-`, without the line feed at its end. Throws a CommandError, or a
 * RuleError for a file that others can read; neither shows anything of it.
 */
export async function tokenGiven(file: string): Promise<string> {
  const token = (file === '-' ? await standardInput() : fileContent(file)).trim();
  if (isToken(token)) return token;
  throw usage(
    token === ''
      ? `${file === '-' ? 'Standard input' : file} is empty, so there is no token.`
      : `${file === '-' ? 'Standard input' : file} holds something else than a token.`,
    'It must hold the token, and nothing else.',
  );
}

function fileContent(file: string): string {
  const content = readSecretFile(file, MOST);
  if (content !== undefined) return content;
  throw usage(`There is no file ${file}.`, 'For standard input: --token-file -');
}

async function standardInput(): Promise<string> {
  if (process.stdin.isTTY === true)
    throw usage(
      'The token is taken from standard input, and that is a terminal.',
      'Pipe it in: pass show aka | aka auth:login --token-file -',
    );
  return contentOf('-', MOST);
}
