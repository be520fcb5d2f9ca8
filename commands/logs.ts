import { Flags } from '@oclif/core';
import { AkaCommand } from '../src/cli/command.js';
import { EXIT } from '../src/cli/exit-codes.js';
import { failureOf, usage } from '../src/cli/failure.js';
import { appFlag, appNamed, tailFlag } from '../src/cli/flags.js';
import { showLog } from '../src/cli/log-view.js';
import type { Output } from '../src/cli/output.js';
import type { AppsApi, LogLines } from '../src/contract/apps-api.js';
import type { LogLine } from '../src/contract/wire.js';
import { given } from '../src/model/given.js';

export default class LogsCommand extends AkaCommand<LogLines> {
  static override summary = 'show what the dynos of an app or a space print';
  static override description =
    'It can be read whether or not the platform runs. With --json it is a line of JSON each.';
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
    const { space, dyno, tail } = flags;
    const wanted = { lines: flags.lines, follow: tail, ...given({ dyno }) };
    if (space === undefined) {
      const app = appNamed(flags.app);
      const { logs } = await this.api();
      const lines = await logs.ofApp({ app, ...wanted }, this.untilInterrupted());
      return tail ? this.#watched(lines, `app ${app}`, (api) => api.apps.get({ app })) : lines;
    }
    if (flags.app !== undefined && flags.app !== this.env.AKKERIS_APP) {
      throw usage('An app is in one space: --app and --space are too much.', 'Leave out one of them.');
    }
    this.#ofSpace = true;
    const { logs } = await this.api();
    const lines = await logs.ofSpace({ space, ...wanted }, this.untilInterrupted());
    return tail ? this.#watched(lines, `space ${space}`, (api) => api.spaces.get({ space })) : lines;
  }

  /** A followed log that ends before Ctrl-C says why: its app or space was destroyed, or the platform was stopped. */
  async *#watched(
    lines: LogLines,
    what: string,
    find: (api: AppsApi) => Promise<unknown>,
  ): AsyncGenerator<LogLine> {
    yield* lines;
    if (this.answer !== EXIT.done) return;
    const failure = await this.api()
      .then(find)
      .then(() => undefined, failureOf);
    const isGone = failure?.exit === EXIT.notFound;
    this.answer = isGone ? EXIT.notFound : EXIT.unreachable;
    this.caution(`The log ended: ${isGone ? `${what} was destroyed` : 'the platform was stopped'}.`);
  }

  protected async render(lines: LogLines, out: Output): Promise<void> {
    await showLog(lines, out, ({ app, dyno }) => (this.#ofSpace ? `${app} ${dyno}` : dyno));
  }
}
