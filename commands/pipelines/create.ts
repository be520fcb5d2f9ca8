import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { pipelineFacts } from '../../src/cli/pipeline-view.js';
import type { Pipeline } from '../../src/contract/wire.js';
import { given } from '../../src/model/given.js';
import { parsePipelineName } from '../../src/model/pipelines.js';

export default class PipelinesCreate extends AkaCommand<Pipeline> {
  static override summary = 'create a pipeline';
  static override description =
    'A promotion moves the running release of an app to the next stage: review, development, staging, production.';
  static override examples = [
    '<%= config.bin %> pipelines:create shop',
    '<%= config.bin %> pipelines:create shop --description "the web shop, from idea to customers"',
  ];
  static override args = {
    name: argument.required('name: 3 to 30 letters, digits and dashes, starting with a letter'),
  };
  static override flags = {
    description: Flags.string({ char: 'd', description: 'description of the pipeline', helpValue: 'TEXT' }),
  };

  async run(): Promise<Pipeline> {
    const { args, flags } = await this.parse(PipelinesCreate);
    const name = parsePipelineName(args.name);
    const { pipelines } = await this.api();
    return pipelines.create({ name, ...given({ description: flags.description }) });
  }

  protected render(pipeline: Pipeline, out: Output): void {
    out.note('Created:');
    out.facts(pipelineFacts(pipeline));
    this.hint(`Next: aka pipelines:add ${pipeline.name} -a APP-SPACE --stage development`);
  }
}
