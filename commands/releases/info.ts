import { releaseFacts } from '../../src/cli/build-view.js';
import { AkaCommand } from '../../src/cli/command.js';
import { newestRelease } from '../../src/cli/earlier-release.js';
import { appFlag, appNamed, argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { showStatuses } from '../../src/cli/release-status-view.js';
import type { Release, ReleaseStatus } from '../../src/contract/wire.js';

type ReleaseInfo = Release & { statuses: ReleaseStatus[] };

export default class ReleasesInfo extends AkaCommand<ReleaseInfo> {
  static override summary = 'show a release and its status checks';
  static override examples = [
    '<%= config.bin %> releases:info -a web-demo',
    '<%= config.bin %> releases:info v2 -a web-demo',
  ];
  static override args = {
    release: argument.optional('version of the release, as v3 or 3 (default the newest)'),
  };
  static override flags = { app: appFlag };

  protected override readonly advice = ['reason'];

  async run(): Promise<ReleaseInfo> {
    const { args, flags } = await this.parse(ReleasesInfo);
    const app = appNamed(flags.app);
    const api = await this.api();
    const release =
      args.release === undefined
        ? await newestRelease(api, app)
        : await api.releases.get({ app, release: args.release });
    const { statuses } = await api.releaseStatuses.list({ app, release: release.id });
    return { ...release, statuses };
  }

  protected render({ statuses, ...release }: ReleaseInfo, out: Output): void {
    out.facts(releaseFacts(release, out.style));
    if (statuses.length === 0) return;
    out.heading('Statuses');
    showStatuses(out, statuses);
  }
}
