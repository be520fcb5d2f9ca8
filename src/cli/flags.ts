import { Args, Flags } from '@oclif/core';
import { COMPLIANCES } from '../model/compliance.js';
import { GRACE } from '../model/formation.js';
import { usage } from './failure.js';

/** An argument. It is never read from standard input behind the user's back. */
export const argument = {
  required: (description: string) => Args.string({ description, required: true, ignoreStdin: true }),
  optional: (description: string) => Args.string({ description, ignoreStdin: true }),
};

/** `--compliance`: `socs,prod` as one word, or the flag repeated. It never takes the word after its value. */
export const complianceFlag = Flags.string({
  char: 'c',
  description: `any of ${COMPLIANCES.join(', ')}, separated by commas`,
  helpValue: 'socs,prod',
  multiple: true,
  multipleNonGreedy: true,
});

/** `--app`, or what AKKERIS_APP says. */
export const appFlag = Flags.string({
  char: 'a',
  description: 'app, as APP-SPACE',
  env: 'AKKERIS_APP',
  helpValue: 'APP-SPACE',
});

/** The app that a command is about. Throws if neither the flag nor AKKERIS_APP names one. */
export function appNamed(flag: string | undefined): string {
  if (flag !== undefined && flag !== '') return flag;
  throw usage('No app is named.', 'Name one with -a APP-SPACE, or set AKKERIS_APP.', 'app_missing');
}

/** `--tail`: goes on with what comes. */
export const tailFlag = Flags.boolean({
  char: 't',
  charAliases: ['f'],
  aliases: ['follow'],
  description: 'follow new output',
});

/** What an app runs, in the words of a formation. */
export const formationFlags = {
  command: Flags.string({
    description: "command line; '' for the one in the source",
    helpValue: 'COMMAND',
  }),
  quantity: Flags.integer({ char: 'q', description: 'number of dynos', helpValue: 'NUMBER', min: 0 }),
  size: Flags.string({
    char: 's',
    description: 'dyno size; list them with: <%= config.bin %> sizes',
    helpValue: 'SIZE',
  }),
  port: Flags.integer({
    description: 'value of PORT, the port that web dynos listen on',
    helpValue: 'PORT',
  }),
  healthcheck: Flags.string({
    description: "path of the HTTP health check of web dynos; '' for none",
    helpValue: 'PATH',
  }),
  grace: Flags.integer({
    description: `seconds from SIGTERM to SIGKILL, ${GRACE.min} to ${GRACE.max} (default ${GRACE.default})`,
    helpValue: 'SECONDS',
  }),
};
