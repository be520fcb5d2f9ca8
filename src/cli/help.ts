import { Help } from '@oclif/core';
import { EXIT, EXIT_MEANINGS } from './exit-codes.js';
import { CommandError } from './failure.js';

const ENVIRONMENT: readonly (readonly [string, string])[] = [
  ['AKKERIS_APP', 'the app that commands with -a are about when none is named'],
  [
    'AKKERIS_PLATFORM',
    'the platform to use, by the name of its profile; embedded is the one on this machine',
  ],
  ['AKA_API', 'the Apps API to use: an http(s) URL, or unix:PATH for a socket'],
  ['AKKERIS_API_HOST', 'the host of an Akkeris installation'],
  ['AKA_TOKEN, API_TOKEN', 'bearer token for the Apps API'],
  ['API_AUTH', 'the whole Authorization header instead'],
  [
    'AKA_DATA_DIR',
    "where the platform on this machine keeps its data (default: aka in the user's XDG data folder)",
  ],
  ['AKA_CONFIG_DIR', "where settings and keys are (default: aka in the user's XDG config folder)"],
  ['AKA_CACHE_DIR', 'where compiled code is kept between runs'],
  ['NO_COLOR, FORCE_COLOR', 'colours never, colours always'],
  ['COLUMNS', 'width to lay text out for'],
];

/** Help of oclif, with the topics that are not commands. */
export default class AkaHelp extends Help {
  override async showHelp(argv: string[]): Promise<void> {
    const [subject] = argv;
    if (subject === 'environment') return this.#topic('Environment variables', ENVIRONMENT);
    if (subject === 'exit-codes') {
      return this.#topic(
        'Exit codes, the same with --json',
        EXIT_MEANINGS.map(([code, meaning]) => [String(code), meaning]),
      );
    }
    if (
      subject !== undefined &&
      this.config.findCommand(subject) === undefined &&
      this.config.findTopic(subject) === undefined
    ) {
      throw new CommandError({
        id: 'no_such_command',
        message: 'There is no help on that.',
        hint: 'Every command: aka help',
        exit: EXIT.noSuchCommand,
      });
    }
    return super.showHelp(argv);
  }

  #topic(title: string, rows: readonly (readonly [string, string])[]): void {
    this.log(`${title}\n`);
    this.log(
      this.renderList(
        rows.map(([name, text]) => [name, text]),
        { indentation: 2, spacer: '\n' },
      ),
    );
  }
}
