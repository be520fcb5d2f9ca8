import { Flags } from '@oclif/core';
import { CONFIG_VALUE_MAX, checkConfigName, checkConfigValue } from '../model/config-vars.js';
import { parseEnvFile } from '../model/env-file.js';
import { contentOf } from './content.js';
import { checkLocally, usage } from './failure.js';
import { looksLikeApp } from './input/app-word.js';
import { ask, canAsk } from './prompts.js';

/** No app has room for the vars of a longer file, in characters. */
const FILE_MOST = 16 * 1024 * 1024;

/** `--from-file`: vars as they are in a .env file. */
export const fromFileFlag = Flags.string({
  description: '.env file with vars; - is standard input',
  helpValue: 'FILE',
});

/**
 * The vars that `NAME=VALUE` words and a file name, with their values; what is a rule of config vars is checked.
 * `NAME=-` is typed unseen at a terminal, else it is what standard input holds, without the line feed at its end.
 * Throws a CommandError that shows no word: one may be a secret without its name.
 */
export async function varsGiven(
  words: readonly string[],
  file: string | undefined,
): Promise<Record<string, string>> {
  const vars = {
    ...(file === undefined ? {} : await readVars(file)),
    ...(await varsOf(words, file === '-')),
  };
  for (const [name, value] of Object.entries(vars)) {
    checkLocally(() => checkConfigName(name));
    checkLocally(() => checkConfigValue(name, value));
  }
  return vars;
}

async function varsOf(words: readonly string[], stdinTaken: boolean): Promise<Record<string, string>> {
  const vars = new Map<string, string>();
  const asked: string[] = [];
  for (const [index, word] of words.entries()) {
    const equals = word.indexOf('=');
    if (equals < 1)
      throw usage(`Word ${index + 1} is not of the form NAME=VALUE.`, notAVarHint(words, index));
    const [name, value] = [word.slice(0, equals), word.slice(equals + 1)];
    if (vars.has(name)) throw usage(`One var is named twice, by word ${index + 1} again.`);
    vars.set(name, value);
    if (value === '-') asked.push(name);
  }
  for (const name of asked) {
    checkLocally(() => checkConfigName(name));
    if (canAsk()) vars.set(name, await askFor(name));
    else if (stdinTaken || asked.length > 1) throw usage('Standard input can be taken only once.');
    else vars.set(name, await standardInput());
  }
  // It keeps a var named __proto__, for the platform to refuse.
  return Object.fromEntries(vars);
}

/** What was probably meant by a word that is no var; says nothing of what it holds, which may be a secret. */
function notAVarHint(words: readonly string[], index: number): string {
  const [word = '', next] = words.slice(index);
  if (word === '=' || word.startsWith('=') || next?.startsWith('='))
    return 'Write NAME=VALUE without blanks around =.';
  return looksLikeApp(word)
    ? 'If it is the app, write -a before it.'
    : 'Quote it as a whole if the value has blanks in it.';
}

async function askFor(name: string): Promise<string> {
  const { value } = await ask((prompt) =>
    prompt<{ value: string }>([{ type: 'password', name: 'value', message: `${name}:` }]),
  );
  if (value === '') throw usage(`No value was given for ${name}. Nothing was done.`);
  return value;
}

async function standardInput(): Promise<string> {
  if (process.stdin.isTTY === true)
    throw usage(
      'A value of - is taken from standard input, and that is a terminal.',
      'Pipe it in: pass show db | aka config:set NAME=-',
    );
  const value = (await contentOf('-', 8 * CONFIG_VALUE_MAX)).replace(/\r?\n$/, '');
  if (value === '') throw usage('Standard input is empty, so there is no value to set.');
  return value;
}

async function readVars(file: string): Promise<Record<string, string>> {
  const vars = parseEnvFile(await contentOf(file, FILE_MOST));
  if (vars.size === 0) throw usage('The file has no NAME=VALUE line.');
  return Object.fromEntries(vars);
}
