import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { checkLocally, usage } from '../../src/cli/failure.js';
import { appFlag, appNamed } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { checkConfigName, checkConfigValue } from '../../src/model/config-vars.js';

type VarsSet = { app: string; set: string[] };

export default class ConfigSet extends AkaCommand<VarsSet> {
  static override summary = 'set config vars, all of them or none';
  static override description =
    `NAME=- takes the value from standard input, without the line feed at its end, so that a secret is neither in the shell's history nor in the list of processes.`;
  static override examples = [
    '<%= config.bin %> config:set LOG_LEVEL=debug CACHE=on -a web-demo',
    'pass show db | <%= config.bin %> config:set DB_PASSWORD=- -a web-demo',
    '<%= config.bin %> config:set --from-file .env -a web-demo',
  ];
  static override strict = false;
  static override usage = 'config:set NAME=VALUE... -a APP-SPACE';
  static override flags = {
    app: appFlag,
    'from-file': Flags.string({
      description: 'a .env file to take vars from; - is standard input',
      helpValue: 'FILE',
    }),
  };

  async run(): Promise<VarsSet> {
    const { argv, flags } = await this.parse(ConfigSet);
    const file = flags['from-file'];
    const app = appNamed(flags.app);
    const vars = {
      ...(file === undefined ? {} : await readVars(file)),
      ...(await varsOf(argv as string[], file === '-')),
    };
    if (Object.keys(vars).length === 0)
      throw usage('No config var to set is named.', 'Write NAME=VALUE, or --from-file .env');
    for (const [name, value] of Object.entries(vars)) {
      checkLocally(() => checkConfigName(name));
      checkLocally(() => checkConfigValue(name, value));
    }
    const { configVars } = await this.api();
    await configVars.patch({ app, vars });
    return { app, set: Object.keys(vars) };
  }

  protected render({ app, set }: VarsSet, out: Output): void {
    out.line(`Set ${set.join(', ')} on ${app}.`);
  }
}

/** Parses `KEY=VALUE` words. Never shows one that is not: it may be a secret without its name. */
async function varsOf(words: readonly string[], stdinTaken: boolean): Promise<Record<string, string>> {
  const vars = new Map<string, string>();
  let fromStdin: string | undefined;
  for (const [index, word] of words.entries()) {
    const equals = word.indexOf('=');
    if (equals < 1)
      throw usage(
        `Word ${index + 1} is not of the form NAME=VALUE.`,
        'Quote it as a whole if the value has blanks in it.',
      );
    const [name, value] = [word.slice(0, equals), word.slice(equals + 1)];
    if (vars.has(name)) throw usage(`One config var is named twice, by word ${index + 1} again.`);
    if (value !== '-') {
      vars.set(name, value);
      continue;
    }
    if (stdinTaken || fromStdin !== undefined) throw usage('Standard input can be taken only once.');
    fromStdin = name;
    vars.set(name, await standardInput());
  }
  // It keeps a var named __proto__, for the platform to refuse.
  return Object.fromEntries(vars);
}

async function standardInput(): Promise<string> {
  if (process.stdin.isTTY === true)
    throw usage(
      'A value of - is taken from standard input, and that is a terminal.',
      'Pipe it in: pass show db | aka config:set NAME=-',
    );
  const value = (await text(process.stdin)).replace(/\r?\n$/, '');
  if (value === '') throw usage('Standard input is empty, so there is no value to set.');
  return value;
}

async function readVars(file: string): Promise<Record<string, string>> {
  const { parse } = await import('dotenv');
  const content = file === '-' ? await text(process.stdin) : await readFile(file, 'utf8');
  const vars = parse(content);
  if (Object.keys(vars).length === 0) throw usage('The file has no NAME=VALUE line.');
  return vars;
}
