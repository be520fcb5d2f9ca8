import { Flags } from '@oclif/core';
import { AkaCommand } from '../src/cli/command.js';
import { EXIT } from '../src/cli/exit-codes.js';
import { failureOf, usage } from '../src/cli/failure.js';
import { appFlag, appNamed, tailFlag } from '../src/cli/flags.js';
import { checkDyno, LINES_MAX, lastMatching, matching } from '../src/cli/log-filter.js';
import { showLog } from '../src/cli/log-view.js';
import type { Output } from '../src/cli/output.js';
import type { LogLines } from '../src/contract/apps-api.js';
import type { LogLine } from '../src/contract/wire.js';
import { given } from '../src/model/given.js';
import { parseSince } from '../src/model/since.js';

/** How many of the last lines are shown where nothing else is asked for. */
const LINES = 100;

export default class LogsCommand extends AkaCommand<LogLines> {
  static override summary = 'show the logs of an app or a space';
  static override description =
    'Works even when the platform is stopped. Shows the colours of programs at a terminal only. With --json, prints one JSON document per line, as it was printed.';
  static override examples = [
    '<%= config.bin %> logs -a web-demo',
    '<%= config.bin %> logs -a web-demo --tail --dyno web.1',
    '<%= config.bin %> logs -a web-demo --since 1h --search error',
    '<%= config.bin %> logs --space demo --lines 1000',
  ];
  static override flags = {
    app: appFlag,
    space: Flags.string({
      char: 's',
      description: 'show the logs of all apps in this space',
      helpValue: 'SPACE',
    }),
    tail: tailFlag,
    dyno: Flags.string({
      char: 'p',
      charAliases: ['d'],
      aliases: ['dyno-name', 'process-type', 'ps'],
      description: 'only this dyno, or all dynos of a process type',
      helpValue: 'DYNO',
    }),
    since: Flags.string({
      description: 'only lines since: 1h ago, or a time',
      helpValue: 'TIME',
    }),
    search: Flags.string({ description: 'only lines with this text', helpValue: 'TEXT' }),
    lines: Flags.integer({
      char: 'n',
      aliases: ['num'],
      description: `number of last lines (default ${LINES}; ${LINES_MAX} with --since or --search)`,
      min: 0,
      max: LINES_MAX,
      helpValue: 'LINES',
    }),
  };

  #ofSpace = false;

  async run(): Promise<LogLines> {
    const { flags } = await this.parse(LogsCommand);
    const { space, dyno, tail, search } = flags;
    const since = flags.since === undefined ? undefined : parseSince(flags.since, new Date());
    const isFiltered = since !== undefined || search !== undefined;
    const lines = flags.lines ?? (isFiltered ? LINES_MAX : LINES);
    const asked = isFiltered ? LINES_MAX : lines;
    const wanted = { lines: tail ? lines : asked, follow: tail, ...given({ dyno }) };
    const shown = (log: LogLines): LogLines => {
      if (!isFiltered) return log;
      const wish = { since, search, lines };
      return tail ? matching(log, wish) : lastMatching(log, wish);
    };
    if (space === undefined) {
      const app = appNamed(flags.app);
      const api = await this.api();
      if (dyno !== undefined) await checkDyno(api, app, dyno);
      const log = shown(await api.logs.ofApp({ app, ...wanted }, this.untilInterrupted()));
      return tail ? this.#watched(log, `app ${app}`, () => api.apps.get({ app })) : log;
    }
    if (flags.app !== undefined && flags.app !== this.env.AKKERIS_APP) {
      throw usage('An app is in one space: --app and --space are too much.', 'Leave out one of them.');
    }
    this.#ofSpace = true;
    const api = await this.api();
    const log = shown(await api.logs.ofSpace({ space, ...wanted }, this.untilInterrupted()));
    return tail ? this.#watched(log, `space ${space}`, () => api.spaces.get({ space })) : log;
  }

  /** A followed log that ends before Ctrl-C says why: its app or space was destroyed, or the platform was stopped. */
  async *#watched(lines: LogLines, what: string, find: () => Promise<unknown>): AsyncGenerator<LogLine> {
    yield* lines;
    if (this.answer !== EXIT.done) return;
    const failure = await find().then(() => undefined, failureOf);
    const isGone = failure?.exit === EXIT.notFound;
    this.answer = isGone ? EXIT.notFound : EXIT.unreachable;
    this.caution(`The log ended: ${isGone ? `${what} was destroyed` : 'the platform was stopped'}.`);
  }

  protected async render(lines: LogLines, out: Output): Promise<void> {
    await showLog(lines, out, ({ app, dyno }) => (this.#ofSpace ? `${app} ${dyno}` : dyno));
  }
}
