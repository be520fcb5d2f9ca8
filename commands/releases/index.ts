import { statusCell } from '../../src/cli/build-view.js';
import { AkaCommand } from '../../src/cli/command.js';
import { appFlag, appNamed } from '../../src/cli/flags.js';
import { momentCell } from '../../src/cli/moment.js';
import type { Output } from '../../src/cli/output.js';
import type { Release } from '../../src/contract/wire.js';
import { withoutLines } from '../../src/model/last-lines.js';

export default class Releases extends AkaCommand<Release[]> {
  static override summary = 'list the releases of an app';
  static override description =
    'Lists the newest first. Each successful build, change of config vars, and rollback creates a release.';
  static override examples = ['<%= config.bin %> releases -a web-demo'];
  static override flags = { app: appFlag };

  protected override readonly advice = ['reason'];

  async run(): Promise<Release[]> {
    const { flags } = await this.parse(Releases);
    const app = appNamed(flags.app);
    const { releases } = await this.api();
    return releases.list({ app });
  }

  protected render(releases: Release[], out: Output): void {
    if (releases.length === 0) return out.note('No releases yet: aka deploy -a APP-SPACE');
    out.table(
      ['RELEASE', 'STATUS', 'CURRENT', 'DESCRIPTION', 'BY', 'CREATED', 'WHY'],
      releases.map((release) => [
        `v${release.version}`,
        statusCell(release, out.style),
        release.current ? 'current' : '',
        release.description,
        release.user?.email ?? '',
        momentCell(out, release.created_at),
        withoutLines(release.reason ?? ''),
      ]),
    );
  }
}
