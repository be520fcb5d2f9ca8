import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { usage } from '../../src/cli/failure.js';
import { appFlag, appNamed, argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { couplingFacts, couplingNamed } from '../../src/cli/pipeline-view.js';
import type { PipelineCoupling } from '../../src/contract/wire.js';
import { checkContext } from '../../src/model/pipelines.js';

export default class PipelinesRequire extends AkaCommand<PipelineCoupling> {
  static override summary = 'set the status checks that promotions to an app require';
  static override description =
    'Replaces the current list. In a socs or prod space, removing a requirement needs an administrator.';
  static override examples = [
    '<%= config.bin %> pipelines:require ladder -a web-inside --context ci/tests --context approvals/product',
    '<%= config.bin %> pipelines:require ladder -a web-inside --nothing',
  ];
  static override args = { pipeline: argument.required('name of the pipeline') };
  static override flags = {
    app: appFlag,
    context: Flags.string({
      description: 'required status check; may be repeated',
      helpValue: 'CONTEXT',
      multiple: true,
      multipleNonGreedy: true,
    }),
    nothing: Flags.boolean({ description: 'require no status checks' }),
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
