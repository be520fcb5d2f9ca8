import { Flags } from '@oclif/core';
import { AkaCommand } from '../src/cli/command.js';
import { EXIT } from '../src/cli/exit-codes.js';
import { usage } from '../src/cli/failure.js';
import { appFlag, appNamed, tailFlag } from '../src/cli/flags.js';
import { showLog } from '../src/cli/log-view.js';
import type { Output } from '../src/cli/output.js';
import type { LogLines } from '../src/contract/apps-api.js';
import type { LogLine } from '../src/contract/wire.js';
import { given } from '../src/model/given.js';

export default class LogsCommand extends AkaCommand<LogLines> {
  static override summary = 'show what the dynos of an app or a space print';
  static override description =
    'It can be read whether or not the platform runs. With --json it is a line of JSON each. Colours of programs are shown at a terminal, and dropped elsewhere; JSON has lines as they were printed.';
  static override examples = [
    '<%= config.bin %> logs -a web-demo',
    '<%= config.bin %> logs -a web-demo --tail --dyno web.1',
    '<%= config.bin %> logs --space demo --lines 1000',
  ];
  static override flags = {
    app: appFlag,
    space: Flags.string({ char: 's', description: 'of all apps of this space instead', helpValue: 'SPACE' }),
    tail: tailFlag,
    dyno: Flags.string({ description: 'only of this dyno, or of all of a type', helpValue: 'DYNO' }),
    lines: Flags.integer({
      char: 'n',
      description: 'how many of the last lines',
      default: 100,
      min: 0,
      max: 10_000,
      helpValue: 'LINES',
    }),
  };

  #ofSpace = false;

  async run(): Promise<LogLines> {
    const { flags } = await this.parse(LogsCommand);
    const { space, dyno, lines, tail } = flags;
    const wanted = { lines, follow: tail, ...given({ dyno }) };
    if (space === undefined) {
      const app = appNamed(flags.app);
      const { logs } = await this.api();
      return this.#watched(await logs.ofApp({ app, ...wanted }, this.untilInterrupted()), tail);
    }
    if (flags.app !== undefined && flags.app !== this.env.AKKERIS_APP) {
      throw usage('An app is in one space: --app and --space are too much.', 'Leave out one of them.');
    }
    this.#ofSpace = true;
    const { logs } = await this.api();
    return this.#watched(await logs.ofSpace({ space, ...wanted }, this.untilInterrupted()), tail);
  }

  /** A log that is followed ends at Ctrl-C; if it does before, who listens has to know. */
  async *#watched(lines: LogLines, tail: boolean): AsyncGenerator<LogLine> {
    yield* lines;
    if (!tail || this.answer !== EXIT.done) return;
    this.answer = EXIT.unreachable;
    this.caution('The log ended: the platform was stopped.');
  }

  protected async render(lines: LogLines, out: Output): Promise<void> {
    await showLog(lines, out, ({ app, dyno }) => (this.#ofSpace ? `${app} ${dyno}` : dyno));
  }
}
