import { AkaCommand } from '../../src/cli/command.js';
import type { Output } from '../../src/cli/output.js';
import { appOf } from '../../src/cli/pipeline-view.js';
import type { Pipeline, PipelineCoupling } from '../../src/contract/wire.js';
import { STAGES } from '../../src/model/pipelines.js';

type PipelineWithApps = Pipeline & { couplings: PipelineCoupling[] };

export default class Pipelines extends AkaCommand<PipelineWithApps[]> {
  static override summary = 'list pipelines';
  static override description = 'Shows the apps of each pipeline by stage.';
  static override examples = ['<%= config.bin %> pipelines'];

  async run(): Promise<PipelineWithApps[]> {
    await this.parse(Pipelines);
    const api = await this.api();
    const [pipelines, couplings] = await Promise.all([api.pipelines.list(), api.pipelineCouplings.list()]);
    return pipelines.map((pipeline) => ({
      ...pipeline,
      couplings: couplings.filter((each) => each.pipeline.id === pipeline.id),
    }));
  }

  protected render(pipelines: PipelineWithApps[], out: Output): void {
    if (pipelines.length === 0) return out.note('No pipelines yet: aka pipelines:create NAME');
    out.table(
      ['PIPELINE', ...STAGES.map((stage) => stage.toUpperCase()), 'DESCRIPTION'],
      pipelines.map(({ name, couplings, description }) => [
        name,
        ...STAGES.map((stage) =>
          couplings
            .filter((each) => each.stage === stage)
            .map(appOf)
            .join(', '),
        ),
        description ?? '',
      ]),
    );
  }
}
