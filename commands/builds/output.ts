import { buildName } from '../../src/cli/build-view.js';
import { AkaCommand } from '../../src/cli/command.js';
import { appFlag, appNamed, argument, tailFlag } from '../../src/cli/flags.js';
import { newestBuild } from '../../src/cli/newest-build.js';
import type { Output } from '../../src/cli/output.js';
import { taken } from '../../src/cli/streams.js';
import type { LogLines } from '../../src/contract/apps-api.js';

export default class BuildsOutput extends AkaCommand<LogLines> {
  static override summary = 'show the output of a build';
  static override description = 'With --json, prints one JSON document per line.';
  static override examples = [
    '<%= config.bin %> builds:output --tail -a web-demo',
    '<%= config.bin %> builds:output 1 -a web-demo',
  ];
  static override args = { build: argument.optional('number of the build (default the newest)') };
  static override flags = { app: appFlag, tail: tailFlag };

  async run(): Promise<LogLines> {
    const { args, flags } = await this.parse(BuildsOutput);
    const app = appNamed(flags.app);
    const api = await this.api();
    const build =
      args.build === undefined
        ? await newestBuild(api, app)
        : await api.builds.get({ app, build: args.build });
    if (build.status === 'queued' && (await api.platform.info()).running === false) {
      this.caution(
        `Build ${buildName(build)} is queued, and the platform isn't running. Start it: aka platform:start`,
      );
    }
    return api.logs.ofBuild({ app, build: build.id, follow: flags.tail }, this.untilInterrupted());
  }

  protected async render(lines: LogLines, out: Output): Promise<void> {
    for await (const { line } of lines) {
      out.line(line);
      await taken(process.stdout);
    }
  }
}
