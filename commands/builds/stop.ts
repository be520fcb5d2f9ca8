import { buildFacts } from '../../src/cli/build-view.js';
import { AkaCommand } from '../../src/cli/command.js';
import { appFlag, appNamed, argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import type { Build } from '../../src/contract/wire.js';

export default class BuildsStop extends AkaCommand<Build> {
  static override summary = 'stop a queued or running build';
  static override examples = ['<%= config.bin %> builds:stop 2 -a web-demo'];
  static override args = { build: argument.required('number of the build') };
  static override flags = { app: appFlag };

  async run(): Promise<Build> {
    const { args, flags } = await this.parse(BuildsStop);
    const app = appNamed(flags.app);
    const { builds } = await this.api();
    return builds.stop({ app, build: args.build });
  }

  protected render(build: Build, out: Output): void {
    out.facts(buildFacts(build, out.style));
  }
}
