import { randomBytes } from 'node:crypto';
import { Flags } from '@oclif/core';
import {
  checkHookSecret,
  HOOK_EVENTS,
  type HookEventType,
  parseHookEvents,
  parseHookUrl,
} from '../model/hooks.js';
import { contentOf } from './content.js';
import { checkLocally, usage } from './failure.js';

/** Neither a URL nor a secret may have as many characters. */
const MOST = 64 * 1024;

/** `--events`: `build,release` as one word, or the flag repeated. */
export const eventsFlag = Flags.string({
  char: 'e',
  description: 'events, separated by commas; all for every event of this platform',
  helpValue: 'build,release',
  multiple: true,
  multipleNonGreedy: true,
});

/** `--secret-file`: a secret is never a word of the command line. */
export const secretFileFlag = Flags.string({
  char: 's',
  description: 'file with the secret that signs deliveries; - is standard input',
  helpValue: 'FILE',
});

/** The argument that says where a hook calls: see {@link urlGiven}. */
export const HOOK_URL = 'https URL, or http URL on this machine; - reads it from standard input';

/** The events that `--events` names. Throws a RuleError. */
export function eventsGiven(flags: readonly string[]): HookEventType[] {
  const names = flags.flatMap((flag) => flag.split(','));
  if (names.length === 1 && names[0]?.trim().toLowerCase() === 'all')
    return HOOK_EVENTS.filter(({ happens }) => happens).map(({ type }) => type);
  return parseHookEvents(names);
}

/** A URL of a hook, which may have a secret in it: then it is better not a word of the command line. */
export async function urlGiven(word: string): Promise<string> {
  const url = word === '-' ? await lineOf('-') : word;
  checkLocally(() => parseHookUrl(url));
  return url;
}

/** The secret in a file. */
export async function secretIn(file: string): Promise<string> {
  const secret = await lineOf(file);
  checkLocally(() => checkHookSecret(secret));
  return secret;
}

/** A secret that nobody has had before: 43 letters, digits, dashes and underscores. */
export function newHookSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** What a file holds, without the line feed at its end. */
async function lineOf(file: string): Promise<string> {
  if (file === '-' && process.stdin.isTTY === true)
    throw usage(
      '- is standard input, and that is a terminal.',
      'Pipe it in: pass show ci | aka hooks:create ...',
    );
  const line = (await contentOf(file, MOST)).replace(/\r?\n$/, '');
  if (line === '') throw usage(file === '-' ? 'Standard input is empty.' : 'The file is empty.');
  return line;
}
