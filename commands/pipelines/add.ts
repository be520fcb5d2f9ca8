import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { appFlag, appNamed, argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { couplingFacts, stageFlag } from '../../src/cli/pipeline-view.js';
import type { PipelineCoupling } from '../../src/contract/wire.js';
import { parseRequired, parseStage } from '../../src/model/pipelines.js';

export default class PipelinesAdd extends AkaCommand<PipelineCoupling> {
  static override summary = 'add an app to a pipeline stage';
  static override description =
    'A release needs success from each --require status check before promotion to this app. An app in a socs space also has its own status checks.';
  static override examples = [
    '<%= config.bin %> pipelines:add ladder -a api-demo --stage development',
    '<%= config.bin %> pipelines:add ladder -a web-vault --stage production --require ci/tests --require approvals/product',
  ];
  static override args = { pipeline: argument.required('name of the pipeline') };
  static override flags = {
    app: appFlag,
    stage: stageFlag,
    require: Flags.string({
      description: 'status check that promotions to the app require; may be repeated',
      helpValue: 'CONTEXT',
      multiple: true,
      multipleNonGreedy: true,
    }),
  };

  async run(): Promise<PipelineCoupling> {
    const { args, flags } = await this.parse(PipelinesAdd);
    const app = appNamed(flags.app);
    const stage = parseStage(flags.stage);
    const contexts = parseRequired(flags.require ?? [], stage);
    const { pipelineCouplings } = await this.api();
    return pipelineCouplings.create({
      app,
      pipeline: args.pipeline,
      stage,
      ...(contexts.length > 0 && { required_status_checks: { contexts } }),
    });
  }

  protected render(coupling: PipelineCoupling, out: Output): void {
    out.note('Added:');
    out.facts(couplingFacts(coupling));
  }
}
