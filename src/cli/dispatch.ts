import type { Command, Config } from '@oclif/core';
import { VERSION } from '../contract/version.js';
import { redactText } from '../model/redaction.js';
import { areWhole, beforeDashes, reportingOf } from './argv.js';
import { asTyped, calledIn } from './called-as.js';
import { EXIT } from './exit-codes.js';
import { CommandError, usage } from './failure.js';
import type { Reading } from './input/read-command.js';
import { styleFor } from './output.js';

/** Runs the command that the words name. Throws for what is none, and for what concerns no command in particular. */
export async function dispatch(argv: string[], load: () => Promise<Config>): Promise<void> {
  if (!areWhole(argv))
    throw usage(
      'An argument is not UTF-8 text. Nothing was done.',
      'Set the locale of the terminal to UTF-8, or encode the value, for example with base64.',
    );
  const [id = '', ...rest] = argv;
  if (id === '--version' || /^-v$/i.test(id) || id === 'version') {
    process.stdout.write(
      `akkeris-spaces/${VERSION} ${process.platform}-${process.arch} node-${process.version}\n`,
    );
    return;
  }
  const config = await load();
  calledIn(config);
  if (argv.length === 0) return showHelp(config, []);
  const words = beforeDashes(argv);
  if (id === 'help' || words.some(asksForHelp)) {
    const subject = [...words.filter((word) => !asksForHelp(word)), ...argv.slice(words.length)];
    return showHelp(config, subject[0] === 'help' ? subject.slice(1) : subject);
  }
  if (id.startsWith('-'))
    throw usage(
      'The command has to come before its flags.',
      'For example: aka spaces --json, instead of aka --json spaces',
    );
  const found = config.findCommand(id);
  if (found !== undefined && isPlain(found, rest)) return config.runCommand(id, rest, found);
  const reading = await read(argv, config);
  switch (reading.kind) {
    case 'command':
      if (reading.instead !== undefined) await sayInstead(reading.instead);
      return config.runCommand(reading.id, [...reading.words]);
    case 'topic':
      // Help is no JSON document.
      if (reportingOf(argv).json)
        throw unknownCommand(reading.subject, `Its commands: aka help ${reading.subject}`);
      return showHelp(config, [reading.subject]);
    case 'help':
      return showHelp(config, [reading.subject]);
    case 'unknown':
      throw unknownCommand(reading.name, reading.hint);
  }
}

/** Whether the words behind a command can only be its own. */
function isPlain({ args, strict }: Command.Loadable, [word]: readonly string[]): boolean {
  if (word === undefined || word.startsWith('-')) return true;
  return word !== 'help' && (strict === false || Object.keys(args).length > 0);
}

async function read(argv: readonly string[], config: Config): Promise<Reading> {
  const { readCommand } = await import('./input/read-command.js');
  return readCommand(argv, { ids: config.commandIDs, find: (id) => config.findCommand(id) });
}

function asksForHelp(word: string): boolean {
  return word === '--help' || word === '-h';
}

/** Shows help on a command or topic under any name it may be typed by, or on what isn't a command. */
async function showHelp(config: Config, words: readonly string[]): Promise<void> {
  const { AkaHelp, hasHelp } = await import('./help.js');
  const help = new AkaHelp(config);
  const [subject] = words;
  if (subject === undefined || hasHelp(config, words)) return help.showHelp([...words]);
  const reading = await read(words, config);
  if (reading.kind === 'unknown') throw unknownCommand(reading.name, reading.hint);
  return help.showHelp([reading.kind === 'command' ? reading.id : reading.subject]);
}

/** Tells, once, what the command that was typed is called here. */
async function sayInstead(instead: string): Promise<void> {
  const style = await styleFor(process.stderr, process.env);
  process.stderr.write(`${style.faint(asTyped(`Running: aka ${instead}`))}\n`);
}

function unknownCommand(name: string, hint: string): CommandError {
  const message = `There is no command ${name}.`;
  // What can't be a command may be anything, a secret in the wrong place too.
  const isShown = /^[a-z][a-z:-]{0,30}$/i.test(name) && redactText(message) === message;
  return new CommandError({
    id: 'no_such_command',
    message: isShown ? message : 'There is no command of that name.',
    hint,
    exit: EXIT.noSuchCommand,
  });
}
