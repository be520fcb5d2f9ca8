import { type Command, CommandHelp, type Config, Help } from '@oclif/core';
import { nearest } from '../model/nearest.js';
import { asTyped } from './called-as.js';
import { FIRST_STEPS, HELP_TOPICS, type HelpTopic } from './help-topics.js';

/** Whether there is help under exactly this name. */
export function hasHelp(config: Config, words: readonly string[]): boolean {
  const [subject = '', ...others] = words;
  if (others.some((word) => !word.startsWith('-'))) return false;
  return (
    HELP_TOPICS.has(subject) ||
    config.findCommand(subject) !== undefined ||
    config.findTopic(subject) !== undefined
  );
}

/** The topic that is no command and that was probably meant, if any. */
export function helpTopicNear(word: string): string | undefined {
  return nearest(word, HELP_TOPICS.keys());
}

/** Help on a command. It shows the summary and the defaults, which descriptions contain, only once. */
class AkaCommandHelp extends CommandHelp {
  protected override description(): string | undefined {
    const { description } = this.command;
    return description === undefined ? undefined : this.wrap(description);
  }

  protected override flags(flags: Command.Flag.Any[]): [string, string | undefined][] | undefined {
    return super.flags(flags.map((flag) => ({ ...flag, default: undefined })));
  }
}

/** Help of oclif, with where to begin, and the topics that are not commands. */
export class AkaHelp extends Help {
  protected override CommandHelpClass = AkaCommandHelp;

  override async showHelp(argv: string[]): Promise<void> {
    const [subject] = argv;
    const topic = subject === undefined ? undefined : HELP_TOPICS.get(subject);
    if (topic !== undefined) return this.#topic(topic);
    return super.showHelp(argv);
  }

  protected override async showRootHelp(): Promise<void> {
    await super.showRootHelp();
    const { bin } = this.config;
    this.#section(
      'FIRST STEPS',
      FIRST_STEPS.map(([line, why]) => [`$ ${bin} ${line}`, why]),
    );
    this.#section(
      'MORE',
      [...HELP_TOPICS].map(([name, { title }]) => [`$ ${bin} help ${name}`, title]),
    );
  }

  protected override log(...lines: string[]): void {
    super.log(...lines.map(asTyped));
  }

  #section(title: string, rows: [string, string][]): void {
    this.log(`${this.section(title, this.renderList(rows, { indentation: 0, spacer: '\n' }))}\n`);
  }

  #topic({ title, rows }: HelpTopic): void {
    this.log(`${title}\n`);
    this.log(
      this.renderList(
        rows.map(([name, text]) => [name, text]),
        { indentation: 2, spacer: '\n' },
      ),
    );
  }
}
