import { AkaCommand } from '../../src/cli/command.js';
import { appFlag, appNamed, argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { appOf, couplingNamed } from '../../src/cli/pipeline-view.js';
import type { PipelineCoupling } from '../../src/contract/wire.js';

export default class PipelinesRemove extends AkaCommand<PipelineCoupling> {
  static override summary = 'remove an app from a pipeline';
  static override description =
    'The app stays unchanged. In a socs or prod space this needs an administrator.';
  static override examples = ['<%= config.bin %> pipelines:remove ladder -a web-demo'];
  static override args = { pipeline: argument.required('name of the pipeline') };
  static override flags = { app: appFlag };

  async run(): Promise<PipelineCoupling> {
    const { args, flags } = await this.parse(PipelinesRemove);
    const app = appNamed(flags.app);
    const api = await this.api();
    const { id } = await couplingNamed(api, args.pipeline, app);
    return api.pipelineCouplings.destroy({ coupling: id });
  }

  protected render(coupling: PipelineCoupling, out: Output): void {
    out.line(`Removed ${appOf(coupling)} from stage ${coupling.stage}.`);
  }
}
