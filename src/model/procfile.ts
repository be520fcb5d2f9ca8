import { isTaken } from './formation.js';
import { RuleError, shown } from './rule.js';

/** What starts the dynos of an app, by the name of their process type, in the order they were written. */
export type ProcessTypes = Readonly<Record<string, string>>;

/** The most process types of an app. */
export const PROCESS_TYPES_MAX = 50;
/** The most characters of a command. */
const COMMAND_MAX = 8192;
const TYPE = /^[a-z][a-z0-9_-]{0,39}$/;
/** All but the tab. */
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f]/;

/**
 * Reads a Procfile: a line `type: command` for each process type; blank lines and those that begin with `#` say
 * nothing. Throws a {@link RuleError} that names the line.
 */
export function parseProcfile(text: string): ProcessTypes {
  const types = new Map<string, string>();
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  for (const [index, raw] of lines.entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const where = `line ${index + 1} of the Procfile`;
    const colon = line.indexOf(':');
    if (colon < 1) {
      throw broken(
        `There is no process type on ${where}: ${shown(line)}`,
        'A line reads TYPE: COMMAND, such as web: node server.js',
      );
    }
    const type = line.slice(0, colon).trimEnd();
    if (types.has(type)) throw broken(`Process type ${shown(type)} is there again on ${where}.`);
    if (types.size === PROCESS_TYPES_MAX) {
      throw broken(`The Procfile has more than ${PROCESS_TYPES_MAX} process types.`);
    }
    types.set(checkProcessType(type, where), checkCommand(line.slice(colon + 1).trim(), where));
  }
  if (types.size === 0) throw broken('The Procfile names no process type.', 'Write one: web: COMMAND');
  return Object.fromEntries(types);
}

/** Returns the name of a process type, or throws a {@link RuleError} that says `where` it was found. */
export function checkProcessType(type: string, where: string): string {
  if (isTaken(type)) {
    throw broken(
      `A process type can't be called ${type}, as on ${where}: the platform uses that name itself.`,
      'Choose another one, such as worker.',
    );
  }
  if (TYPE.test(type)) return type;
  throw broken(
    `${shown(type) || 'An empty word'} on ${where} can't be the name of a process type.`,
    'It begins with a lower-case letter; lower-case letters, digits, - and _ follow, 40 characters at most.',
  );
}

/** Returns the command of a process type, or throws a {@link RuleError} that says `where` it was found. */
export function checkCommand(command: string, where: string): string {
  if (command === '') throw broken(`There is no command on ${where}.`);
  if (command.length > COMMAND_MAX) {
    throw broken(
      `The command on ${where} has ${command.length} characters; it may have ${COMMAND_MAX}.`,
      'Put it into a script.',
    );
  }
  if (CONTROL.test(command)) throw broken(`The command on ${where} holds a control character.`);
  return command;
}

function broken(message: string, hint?: string): RuleError {
  return new RuleError('invalid_procfile', message, hint);
}
