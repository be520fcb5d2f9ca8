import { releaseFacts } from '../../src/cli/build-view.js';
import { AkaCommand } from '../../src/cli/command.js';
import { appFlag, appNamed, argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import type { Release } from '../../src/contract/wire.js';

export default class ReleasesInfo extends AkaCommand<Release> {
  static override summary = 'show a release: what made it, and what became of it';
  static override examples = ['<%= config.bin %> releases:info v2 -a web-demo'];
  static override args = { release: argument.required('version of the release, as v3 or 3') };
  static override flags = { app: appFlag };

  async run(): Promise<Release> {
    const { args, flags } = await this.parse(ReleasesInfo);
    const app = appNamed(flags.app);
    const { releases } = await this.api();
    return releases.get({ app, release: args.release });
  }

  protected render(release: Release, out: Output): void {
    out.facts(releaseFacts(release, out.style));
  }
}
