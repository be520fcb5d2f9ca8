import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { usage } from '../../src/cli/failure.js';
import { argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { pipelineFacts } from '../../src/cli/pipeline-view.js';
import type { Pipeline } from '../../src/contract/wire.js';
import { given } from '../../src/model/given.js';
import { parsePipelineName } from '../../src/model/pipelines.js';

export default class PipelinesUpdate extends AkaCommand<Pipeline> {
  static override summary = 'update a pipeline';
  static override description =
    'Changes its name or description. Status checks contain the name. If an app is in a socs or prod space, renaming needs an administrator.';
  static override examples = [
    '<%= config.bin %> pipelines:update ladder --description "the web shop"',
    '<%= config.bin %> pipelines:update ladder --name lift',
  ];
  static override args = { pipeline: argument.required('name of the pipeline') };
  static override flags = {
    name: Flags.string({ description: 'new name', helpValue: 'NAME' }),
    description: Flags.string({ char: 'd', description: 'new description', helpValue: 'TEXT' }),
  };

  async run(): Promise<Pipeline> {
    const { args, flags } = await this.parse(PipelinesUpdate);
    const { description } = flags;
    const name = flags.name === undefined ? undefined : parsePipelineName(flags.name);
    if (name === undefined && description === undefined) {
      throw usage('Nothing is to be changed.', 'Give --name or --description.');
    }
    const { pipelines } = await this.api();
    return pipelines.update({ pipeline: args.pipeline, ...given({ name, description }) });
  }

  protected render(pipeline: Pipeline, out: Output): void {
    out.facts(pipelineFacts(pipeline));
  }
}
