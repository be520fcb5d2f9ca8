import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { appFlag, appNamed, argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { showStatuses } from '../../src/cli/release-status-view.js';
import type { ReleaseStatus } from '../../src/contract/wire.js';
import { CHECK_STATES, type CheckState } from '../../src/model/checks.js';
import { given } from '../../src/model/given.js';
import { checkContext } from '../../src/model/pipelines.js';

export default class ReleasesStatus extends AkaCommand<ReleaseStatus> {
  static override summary = 'report a status check of a release';
  static override description =
    "Promotions check it if the pipeline requires the context. A new report replaces the previous one. In a socs space you can't report success for your own release.";
  static override examples = [
    '<%= config.bin %> releases:status v2 -a web-demo --context ci/tests --state success',
    '<%= config.bin %> releases:status v2 -a web-demo --context ci/tests --state failure --target-url https://ci.example.com/7',
  ];
  static override args = { release: argument.required('version of the release, as v3 or 3') };
  static override flags = {
    app: appFlag,
    context: Flags.string({
      description: 'name of the status check, such as ci/tests',
      helpValue: 'CONTEXT',
      required: true,
    }),
    state: Flags.option({
      description: 'state of the check',
      options: CHECK_STATES,
      required: true,
    })(),
    description: Flags.string({
      char: 'd',
      description: 'description of the result, one sentence',
      helpValue: 'TEXT',
    }),
    'target-url': Flags.string({ description: 'URL of a page with details', helpValue: 'URL' }),
  };

  async run(): Promise<ReleaseStatus> {
    const { args, flags } = await this.parse(ReleasesStatus);
    const app = appNamed(flags.app);
    checkContext(flags.context);
    const { context, description } = flags;
    const state: CheckState = flags.state;
    const { releaseStatuses } = await this.api();
    return releaseStatuses.create({
      app,
      release: args.release,
      context,
      state,
      ...given({ description, target_url: flags['target-url'] }),
    });
  }

  protected render(status: ReleaseStatus, out: Output): void {
    showStatuses(out, [status]);
  }
}
