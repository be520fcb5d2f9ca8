import { buildName, statusCell } from '../../src/cli/build-view.js';
import { AkaCommand } from '../../src/cli/command.js';
import { appFlag, appNamed } from '../../src/cli/flags.js';
import { momentCell } from '../../src/cli/moment.js';
import type { Output } from '../../src/cli/output.js';
import { missingChecks } from '../../src/cli/status-view.js';
import type { Build } from '../../src/contract/wire.js';

export default class Builds extends AkaCommand<Build[]> {
  static override summary = 'list the builds of an app';
  static override description = 'Lists the newest first.';
  static override examples = ['<%= config.bin %> builds -a web-demo'];
  static override flags = { app: appFlag };

  async run(): Promise<Build[]> {
    const { flags } = await this.parse(Builds);
    const app = appNamed(flags.app);
    const { builds } = await this.api();
    return builds.list({ app });
  }

  protected render(builds: Build[], out: Output): void {
    if (builds.length === 0) return out.note('No builds yet: aka deploy -a APP-SPACE');
    out.table(
      ['BUILD', 'STATUS', 'VERSION', 'COMMIT', 'BRANCH', 'BY', 'CREATED', 'WHY'],
      builds.map((build) => [
        buildName(build),
        statusCell(build, out.style),
        build.source_blob?.version ?? '',
        build.source_blob?.commit?.slice(0, 10) ?? '',
        build.source_blob?.branch ?? '',
        build.user?.email ?? '',
        momentCell(out, build.created_at),
        build.reason ?? waits(build),
      ]),
    );
  }
}

/** The checks that it waits for, in a few words. */
function waits(build: Build): string {
  const missing = missingChecks(build).map(({ context }) => context);
  return missing.length === 0 ? '' : `waits for ${missing.join(', ')}`;
}
