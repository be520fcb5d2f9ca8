import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import type { Pipeline } from '../../src/contract/wire.js';

export default class PipelinesDestroy extends AkaCommand<Pipeline> {
  static override summary = 'destroy a pipeline';
  static override description =
    'Its apps stay unchanged. If one of them is in a socs or prod space, this needs an administrator.';
  static override examples = ['<%= config.bin %> pipelines:destroy ladder --confirm ladder'];
  static override args = { pipeline: argument.required('name of the pipeline') };
  static override flags = {
    confirm: Flags.string({
      description: 'name of the pipeline, to skip the prompt',
      helpValue: 'NAME',
    }),
  };

  async run(): Promise<Pipeline> {
    const { args, flags } = await this.parse(PipelinesDestroy);
    const { pipelines } = await this.api();
    const { name } = await pipelines.get({ pipeline: args.pipeline });
    await this.confirm(name, flags.confirm, `Pipeline ${name} will be destroyed.`);
    return pipelines.destroy({ pipeline: name });
  }

  protected render({ name }: Pipeline, out: Output): void {
    out.line(`Destroyed pipeline ${name}.`);
  }
}
