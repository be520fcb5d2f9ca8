import { AkaCommand } from '../../src/cli/command.js';
import { argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { pipelineFacts, showStages } from '../../src/cli/pipeline-view.js';
import type { Pipeline, PipelineCoupling } from '../../src/contract/wire.js';

type PipelineInfo = Pipeline & { couplings: PipelineCoupling[] };

export default class PipelinesInfo extends AkaCommand<PipelineInfo> {
  static override summary = 'show a pipeline';
  static override description = 'Shows its stages, their apps and the running releases.';
  static override examples = ['<%= config.bin %> pipelines:info ladder'];
  static override args = { pipeline: argument.required('name of the pipeline') };

  async run(): Promise<PipelineInfo> {
    const { args } = await this.parse(PipelinesInfo);
    const { pipelines } = await this.api();
    const pipeline = await pipelines.get({ pipeline: args.pipeline });
    return { ...pipeline, couplings: await pipelines.couplings({ pipeline: pipeline.name }) };
  }

  protected render({ couplings, ...pipeline }: PipelineInfo, out: Output): void {
    out.facts(pipelineFacts(pipeline));
    out.heading('Apps');
    if (couplings.length > 0) return showStages(out, couplings);
    out.note(`None yet: aka pipelines:add ${pipeline.name} -a APP-SPACE --stage development`);
  }
}
