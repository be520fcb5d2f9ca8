import type { Config } from '@oclif/core';
import { VERSION } from '../contract/version.js';
import { nearest } from '../model/nearest.js';
import { redactText } from '../model/redaction.js';
import { areWhole, beforeDashes, reportingOf } from './argv.js';
import { calledIn } from './called-as.js';
import { EXIT } from './exit-codes.js';
import { CommandError, interrupted, usage } from './failure.js';
import { report } from './report.js';
import { atInterrupt } from './signals.js';

/** Runs what was typed. Sets the exit code of the process; never throws. */
export async function main(argv: readonly string[], load: () => Promise<Config>): Promise<void> {
  const reporting = reportingOf(argv);
  endWithTheReader();
  atInterrupt(() => {
    void report(interrupted(), reporting).finally(() => process.exit(EXIT.interrupted));
  });
  try {
    await dispatch([...argv], load);
  } catch (error) {
    await report(error, reporting);
  }
}

async function dispatch(argv: string[], load: () => Promise<Config>): Promise<void> {
  if (!areWhole(argv))
    throw usage(
      'An argument is not UTF-8 text. Nothing was done.',
      'Set the locale of the terminal to UTF-8, or encode the value, for example with base64.',
    );
  const [id = '', ...rest] = argv;
  if (id === '--version' || id === '-v' || id === 'version') {
    process.stdout.write(
      `akkeris-spaces/${VERSION} ${process.platform}-${process.arch} node-${process.version}\n`,
    );
    return;
  }
  const config = await load();
  calledIn(config);
  const flags = beforeDashes(argv);
  if (argv.length === 0 || id === 'help' || flags.includes('--help') || flags.includes('-h')) {
    const subject = argv.filter((word) => !['help', '--help', '-h'].includes(word));
    const { AkaHelp } = await import('./help.js');
    return new AkaHelp(config).showHelp(subject);
  }
  if (id.startsWith('-'))
    throw usage('A command is missing: flags come behind it.', 'For example: aka spaces --json');
  const command = config.findCommand(id);
  // `aka spaces create` runs no list with a word too many.
  if (command === undefined || config.commandIDs.includes(`${id}:${rest[0]}`))
    throw unknownCommand(config, id, rest);
  await config.runCommand(id, rest, command);
}

function unknownCommand(config: Config, id: string, rest: readonly string[]): CommandError {
  const ids = config.commandIDs;
  const joined = `${id}:${rest[0]}`;
  const isTopic = ids.some((each) => each.startsWith(`${id}:`));
  const meant = isTopic ? nearest(joined, ids) : undefined;
  const near = meant === undefined ? (isTopic ? [] : nearCommands(id, ids)) : [meant];
  const message = `There is no command${near[0] === joined ? ` ${id} ${rest[0]}` : ` ${id}`}.`;
  // What can't be a command may be anything, a secret in the wrong place too.
  const isShown = /^[a-z][a-z:-]{0,30}$/i.test(id) && redactText(message) === message;
  return new CommandError({
    id: 'no_such_command',
    message: isShown ? message : 'There is no command of that name.',
    hint:
      near.length > 0
        ? `Did you mean aka ${near.join(' or aka ')}?`
        : isTopic
          ? `Those that begin with it: aka help ${id}`
          : 'Every command: aka help',
    exit: EXIT.noSuchCommand,
  });
}

/** What commands are called elsewhere. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['exec', 'run'],
  ['scale', 'ps:update'],
]);

/** The commands that were probably meant: one that is spelt alike, or those that do it in other topics: apps:open for open. */
function nearCommands(id: string, ids: readonly string[]): readonly string[] {
  const verb = id.slice(id.lastIndexOf(':') + 1);
  const called = ids.includes(verb) ? verb : ELSEWHERE.get(verb);
  const near = nearest(id, ids) ?? called;
  return near === undefined ? ids.filter((each) => each.endsWith(`:${verb}`)) : [near];
}

/**
 * `aka spaces | head -1` ends when head does, without a word; a result that can't be written is a failure. What
 * nobody reads of standard error changes nothing.
 */
function endWithTheReader(): void {
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') process.exit();
    // At once: @oclif/core listens too, and throws.
    process.stderr.write(`error: The result could not be written: ${code}.\n`);
    process.exit(EXIT.no);
  });
  process.stderr.on('error', () => {});
}
