import { buildFacts } from '../../src/cli/build-view.js';
import { AkaCommand } from '../../src/cli/command.js';
import { appFlag, appNamed, argument } from '../../src/cli/flags.js';
import { newestBuild } from '../../src/cli/newest-build.js';
import type { Output } from '../../src/cli/output.js';
import { showChecks } from '../../src/cli/status-view.js';
import type { Build } from '../../src/contract/wire.js';

export default class BuildsInfo extends AkaCommand<Build> {
  static override summary = 'show a build';
  static override description = 'Shows its source, its status checks and its result.';
  static override examples = [
    '<%= config.bin %> builds:info -a web-demo',
    '<%= config.bin %> builds:info 1 -a web-demo',
  ];
  static override args = { build: argument.optional('number of the build (default the newest)') };
  static override flags = { app: appFlag };

  async run(): Promise<Build> {
    const { args, flags } = await this.parse(BuildsInfo);
    const app = appNamed(flags.app);
    const api = await this.api();
    return args.build === undefined ? newestBuild(api, app) : api.builds.get({ app, build: args.build });
  }

  protected render(build: Build, out: Output): void {
    out.facts(buildFacts(build, out.style));
    showChecks(out, build);
  }
}
