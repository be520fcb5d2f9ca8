import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { usage } from '../../src/cli/failure.js';
import { appFlag, appNamed, argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { couplingFacts, couplingNamed } from '../../src/cli/pipeline-view.js';
import type { PipelineCoupling } from '../../src/contract/wire.js';
import { checkContext } from '../../src/model/pipelines.js';

export default class PipelinesRequire extends AkaCommand<PipelineCoupling> {
  static override summary = 'say what must be well before something is promoted to an app';
  static override description =
    'The contexts named take the place of those before. In a socs or prod space only administrators require less.';
  static override examples = [
    '<%= config.bin %> pipelines:require ladder -a web-inside --context ci/tests --context approvals/product',
    '<%= config.bin %> pipelines:require ladder -a web-inside --nothing',
  ];
  static override args = { pipeline: argument.required('name of the pipeline') };
  static override flags = {
    app: appFlag,
    context: Flags.string({
      description: 'context that must be success; may be repeated',
      helpValue: 'CONTEXT',
      multiple: true,
      multipleNonGreedy: true,
    }),
    nothing: Flags.boolean({ description: 'require nothing any more' }),
  };

  async run(): Promise<PipelineCoupling> {
    const { args, flags } = await this.parse(PipelinesRequire);
    const app = appNamed(flags.app);
    const { context: contexts = [] } = flags;
    if (contexts.length > 0 === (flags.nothing === true)) {
      throw usage('It takes --context, once or several times, or --nothing.');
    }
    for (const context of contexts) checkContext(context);
    const api = await this.api();
    const { id } = await couplingNamed(api, args.pipeline, app);
    return api.pipelineCouplings.update({ coupling: id, required_status_checks: { contexts } });
  }

  protected render(coupling: PipelineCoupling, out: Output): void {
    out.facts(couplingFacts(coupling));
  }
}
